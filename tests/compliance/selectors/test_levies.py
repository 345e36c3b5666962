"""What a levy comes to, worked out by hand; the norm and its rates are made for the tests."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import LawPack, Norm
from compliance.models.fields import Days
from compliance.selectors.levies import LevyRow, levies, levies_of
from registry.models import Territory
from tests.factories import DeclarationFactory, MinerFactory, ReadingFactory, SiteFactory

BANDS = [
    {"rate": {"low": "1", "high": "1", "currency": "KZT"}, "from": "2025-01-01", "until": "2025-06-30", "when": "any"},
    {"rate": {"low": "1", "high": "25", "currency": "KZT"}, "from": "2025-07-01", "when": "grid"},
    {"rate": {"low": "10", "high": "10", "currency": "KZT"}, "from": "2025-07-01", "when": "off_grid"},
    {"rate": {"low": "30", "high": "30", "currency": "KZT"}, "from": "2025-07-01", "when": "no_meter"},
]


@pytest.fixture
def norm(ru_law: LawPack) -> Norm:
    made = Norm.objects.select_related("pack").get(code="ru.reporting.monthly")
    made.pk, made.code, made.kind, made.register = None, "ru.levy.made-up", "levy", None
    made.in_force = Days((DateRange(dt.date(2025, 1, 1), None, "[)"),))
    made.parameters = {"period": "quarter", "due": {"day": 20, "months_after": 1}, "bands": BANDS}
    made.save()
    return made


def drew(month: dt.date, kwh: str, **site: Any) -> Any:
    made = SiteFactory(miner__territory=Territory.objects.get(code="RU-IRK"), **site)
    ReadingFactory(metering_point=made.metering_point, month=month, energy_kwh=Decimal(kwh))
    return made.miner


def quarter(norm: Norm, month: int, year: int = 2025) -> LevyRow:
    day = dt.date(year, month, 1)
    (row,) = levies_of(norm, day, day)
    return row


def amounts(row: LevyRow) -> tuple[Decimal | None, Decimal | None, Decimal, str]:
    return row.owed_low, row.owed_high, row.unpriced_kwh, row.currency


def test_each_kilowatt_hour_is_charged_by_the_rate_of_its_month(norm: Norm) -> None:
    miner = drew(dt.date(2025, 1, 1), "1000", off_grid=False)
    point = miner.sites.get().metering_point
    ReadingFactory(metering_point=point, month=dt.date(2025, 3, 1), energy_kwh=Decimal("500.5"))
    row = quarter(norm, 1)
    assert (row.month, row.months, row.territory, row.kind, row.miners) == (
        dt.date(2025, 1, 1), 3, "RU-IRK", "legal_entity", 1,
    )  # fmt: skip
    assert (row.metered_kwh, row.declared_kwh) == (Decimal("1500.5"), None)
    assert amounts(row) == (Decimal("1500.50"), Decimal("1500.50"), Decimal(0), "KZT")


@pytest.mark.parametrize(("off_grid", "low", "high"), [(False, 1000, 25000), (True, 10000, 10000), (None, 1000, 25000)])
def test_rate_depends_on_whose_power_it_is_and_takes_either_where_nobody_knows(
    norm: Norm, off_grid: bool | None, low: int, high: int
) -> None:
    drew(dt.date(2025, 7, 1), "1000", off_grid=off_grid)
    assert amounts(quarter(norm, 7)) == (Decimal(low), Decimal(high), Decimal(0), "KZT")


def test_what_was_declared_is_charged_by_any_rate_where_no_meter_was_read(norm: Norm) -> None:
    miner = MinerFactory(territory=Territory.objects.get(code="RU-IRK"))
    DeclarationFactory(
        miner=miner, month=dt.date(2025, 7, 1), months=3, energy_kwh=100, declared_on=dt.date(2025, 10, 2)
    )
    row = quarter(norm, 7)
    assert (row.metered_kwh, row.declared_kwh) == (Decimal(0), Decimal(100))
    assert amounts(row) == (Decimal(100), Decimal(3000), Decimal(0), "KZT")


def test_what_was_declared_stands_beside_the_meter_and_is_not_charged_twice(norm: Norm) -> None:
    miner = drew(dt.date(2025, 4, 1), "1000")
    DeclarationFactory(
        miner=miner, month=dt.date(2025, 4, 1), months=3, energy_kwh=700, declared_on=dt.date(2025, 7, 2)
    )
    row = quarter(norm, 4)
    assert (row.metered_kwh, row.declared_kwh, row.owed_high) == (Decimal(1000), Decimal(700), Decimal(1000))


def declared(miner: Any, kwh: int, month: int = 4) -> None:
    first = dt.date(2025, month, 1)
    DeclarationFactory(miner=miner, month=first, months=3, energy_kwh=kwh, declared_on=dt.date(2026, 1, 2))


def gaps(row: LevyRow) -> tuple[int, int, int, int]:
    return row.miners, row.unknown_miners, row.unread_miners, row.unread_months


def test_months_that_were_not_read_are_no_zeros(norm: Norm) -> None:
    # April was read: 100 kWh. May and June were not, and 900 kWh were declared; 1 KZT for each.
    declared(drew(dt.date(2025, 4, 1), "100"), 900)
    row = quarter(norm, 4)
    assert (row.metered_kwh, row.declared_kwh) == (Decimal(100), Decimal(900))
    assert amounts(row) == (Decimal(100), Decimal(900), Decimal(0), "KZT")
    assert gaps(row) == (1, 0, 1, 2)


def test_what_was_declared_above_the_meters_may_pay_any_rate(norm: Norm) -> None:
    # July: 100 kWh from the grid at 1 to 25; the other 800 at 30 at the most.
    declared(drew(dt.date(2025, 7, 1), "100", off_grid=False), 900, month=7)
    assert amounts(quarter(norm, 7)) == (Decimal(100), Decimal(100 * 25 + 800 * 30), Decimal(0), "KZT")


def test_one_miner_declaring_too_much_does_not_hide_another_declaring_too_little(norm: Norm) -> None:
    declared(drew(dt.date(2025, 4, 1), "100"), 900)
    declared(drew(dt.date(2025, 4, 1), "1000"), 700)
    assert amounts(quarter(norm, 4)) == (Decimal(1100), Decimal(1900), Decimal(0), "KZT")


def test_quarter_that_was_read_whole_has_no_unread_month(norm: Norm) -> None:
    miner = drew(dt.date(2025, 4, 1), "100")
    point = miner.sites.get().metering_point
    for month in (5, 6):
        ReadingFactory(metering_point=point, month=dt.date(2025, month, 1), energy_kwh=Decimal(0))
    assert gaps(quarter(norm, 4)) == (1, 0, 0, 0)
    SiteFactory(miner=miner, metering_point=None)
    assert gaps(quarter(norm, 4)) == (1, 0, 1, 3)


def test_miners_of_whom_nothing_is_known_are_counted_and_owe_an_unknown_sum(norm: Norm) -> None:
    MinerFactory(territory=Territory.objects.get(code="RU-IRK"))
    row = quarter(norm, 4)
    assert gaps(row) == (0, 1, 0, 0)
    assert amounts(row) == (None, None, Decimal(0), "")


def test_nothing_is_missing_of_what_is_not_over(norm: Norm) -> None:
    drew(dt.date(2025, 4, 1), "100")
    day = dt.date(2025, 4, 1)
    (row,) = levies_of(norm, day, day, today=dt.date(2025, 6, 30))
    assert gaps(row) == (1, 0, 1, 1)
    MinerFactory(territory=Territory.objects.get(code="RU-IRK"))
    (row,) = levies_of(norm, day, day, today=dt.date(2025, 6, 30))
    assert row.unknown_miners == 0
    (row,) = levies_of(norm, day, day, today=dt.date(2025, 7, 1))
    assert (row.unknown_miners, row.unread_months) == (1, 2)


def test_unknown_rate_leaves_the_amount_unknown_and_counts_the_energy(norm: Norm) -> None:
    norm.parameters["bands"] = [{"rate": "unknown", "from": "2025-01-01", "when": "any"}, *BANDS[1:]]
    drew(dt.date(2025, 7, 1), "1000")
    assert amounts(quarter(norm, 7)) == (None, None, Decimal(1000), "")


def test_energy_on_days_without_any_rate_is_unpriced_and_not_free(norm: Norm) -> None:
    norm.parameters["bands"] = BANDS[:1]
    drew(dt.date(2025, 8, 1), "1000")
    assert amounts(quarter(norm, 7)) == (None, None, Decimal(1000), "")


def test_only_periods_and_places_that_were_asked_for_are_answered(norm: Norm) -> None:
    drew(dt.date(2025, 1, 1), "1000")
    drew(dt.date(2025, 4, 1), "1000")
    year = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
    assert [(row.month.month, row.miners) for row in levies(*year)] == [(1, 1), (4, 1), (7, 0), (10, 0)]
    assert [row.month.month for row in levies(dt.date(2025, 1, 2), dt.date(2025, 4, 1))] == [4]
    assert levies(*year, territory=Territory.objects.get(code="RU-DA")) == []
    assert len(levies(*year, territory=Territory.objects.get(code="RU"))) == 4


def test_no_levy_is_owed_on_energy_before_the_law(norm: Norm) -> None:
    drew(dt.date(2024, 10, 1), "1000")
    assert levies(dt.date(2024, 1, 1), dt.date(2024, 12, 31)) == []
