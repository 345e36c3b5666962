"""Russia's pack, case by case as a lawyer would ask: what was law on which day, and what it would have cost."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from compliance.choices import BookKind
from compliance.law.load import PACKS, law_load
from compliance.models import Act, BannedArea, Claim, LawPack, Norm, Penalty
from registry.models import Register
from registry.services.territories import iso_territories, territories_store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("russia")]

COUNTRIES = ("RU", "UA", "CN", "US")
FIRST_DAY = dt.date(2024, 11, 1)


@pytest.fixture(scope="module")
def russia(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Russia's law, loaded once for all cases of this page, which only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        territories_store(rows=[row for row in iso_territories() if row.code.split("-")[0] in COUNTRIES])
        law_load(PACKS / "ru.yaml")
        yield
        transaction.set_rollback(True)


def law_on(day: dt.date) -> set[str]:
    return set(Norm.objects.in_force(day).values_list("code", flat=True))


def bans(code: str, day: dt.date) -> list[BannedArea]:
    """The bans of one territory that are law on the day."""
    return list(BannedArea.objects.filter(territory__code=code, period__contains=day, norm__in_force__contains=day))


@pytest.mark.parametrize(
    "norm",
    [
        "ru.registration.miner",
        "ru.registration.operator",
        "ru.limit.individual",
        "ru.eligibility.foreign",
        "ru.reporting.monthly",
    ],
)
def test_duty_is_law_from_1_november_2024_and_not_the_day_before(norm: str) -> None:
    assert norm not in law_on(FIRST_DAY - dt.timedelta(days=1))
    assert norm in law_on(FIRST_DAY)
    assert norm in law_on(dt.date(2026, 11, 22))


@pytest.mark.parametrize(
    ("day", "law"),
    [
        (dt.date(2024, 12, 31), False),
        (dt.date(2025, 1, 1), True),
        (dt.date(2031, 3, 15), True),
        (dt.date(2031, 3, 16), False),
    ],
)
def test_ban_is_law_from_2025_until_15_march_2031(day: dt.date, law: bool) -> None:
    assert ("ru.ban" in law_on(day)) is law


def test_norms_of_drafts_are_never_law() -> None:
    drafts = ("ru.hosting.unregistered", "ru.reporting.rosfinmonitoring", "ru.ban.year-round")

    assert list(Norm.objects.filter(code__in=drafts).values_list("in_force", flat=True)) == [None] * 3


def test_bills_never_were_law() -> None:
    bills = Act.objects.filter(code__in=("ru.bill.1124554-8", "ru.bill.1193493-8", "ru.draft.2025-06"))

    assert bills.count() == 3
    assert not bills.filter(statuses__status="in_force").exists()


@pytest.mark.parametrize(
    "region", ["RU-DA", "RU-IN", "RU-KB", "RU-KC", "RU-SE", "RU-CE", "UA-14", "UA-09", "UA-23", "UA-65"]
)
def test_whole_region_is_banned_all_year_round(region: str) -> None:
    for day in (dt.date(2025, 1, 1), dt.date(2026, 7, 1), dt.date(2031, 3, 15)):
        assert [area.partial for area in bans(region, day)] == [False]
    assert not bans(region, dt.date(2024, 12, 31))
    assert not bans(region, dt.date(2031, 3, 16))


def test_south_of_irkutsk_oblast_is_banned_from_7_april_2025() -> None:
    assert not bans("RU-IRK-x-angarsk", dt.date(2025, 4, 6))
    assert [area.partial for area in bans("RU-IRK-x-angarsk", dt.date(2025, 4, 7))] == [False]
    assert BannedArea.objects.filter(territory__parent__code="RU-IRK").count() == 29


def test_unnamed_part_of_irkutsk_oblast_was_banned_in_the_first_season_only() -> None:
    assert [area.partial for area in bans("RU-IRK", dt.date(2025, 3, 15))] == [True]
    assert not bans("RU-IRK", dt.date(2025, 3, 16))
    assert not bans("RU-IRK", dt.date(2025, 12, 1))


@pytest.mark.parametrize("region", ["RU-BU", "RU-ZAB"])
@pytest.mark.parametrize(
    ("day", "banned"),
    [
        (dt.date(2024, 12, 31), False),
        (dt.date(2025, 1, 1), True),
        (dt.date(2025, 3, 15), True),
        (dt.date(2025, 3, 16), False),
        (dt.date(2025, 11, 14), False),
        (dt.date(2025, 11, 15), True),
        (dt.date(2026, 3, 15), True),
        (dt.date(2026, 3, 16), False),
        # The year-round ban is not law in these books: the day from which it would be was not found.
        (dt.date(2026, 8, 1), False),
        (dt.date(2026, 11, 14), False),
        (dt.date(2026, 11, 15), True),
        (dt.date(2027, 3, 15), True),
        (dt.date(2027, 3, 16), False),
        (dt.date(2031, 3, 15), True),
        (dt.date(2031, 11, 15), False),
    ],
)
def test_part_of_the_region_is_banned_in_winter(region: str, day: dt.date, banned: bool) -> None:
    assert [area.partial for area in bans(region, day)] == ([True] if banned else [])


def test_rules_find_their_parameters() -> None:
    assert dict(Norm.objects.exclude(parameters={}).values_list("code", "parameters")) == {
        "ru.limit.individual": {"energy_kwh_month": "6000"},
        "ru.eligibility.foreign": {"country": "RU"},
        "ru.reporting.monthly": {"due_day": 20, "period": "month"},
        "ru.ban": {"exempt_off_grid_from": "2025-03-15"},
        "ru.ban.year-round": {"exempt_off_grid_from": "2025-03-15"},
    }


def test_registers_are_kept_by_the_tax_service() -> None:
    assert list(Register.objects.filter(keeper__contains="FNS").values_list("code", "kind")) == [
        ("ru.miners", "miners"),
        ("ru.operators", "operators"),
    ]


def test_duties_have_no_band_in_the_law_in_force() -> None:
    assert not Penalty.objects.filter(book__kind=BookKind.LAW).exclude(norm__kind="general").exists()


def test_only_the_book_of_law_has_bands_in_force() -> None:
    in_force = Penalty.objects.filter(in_force__isnull=False)

    assert set(in_force.values_list("book__code", flat=True)) == {"ru.law"}
    assert not Penalty.objects.filter(book__code="ru.law", in_force__isnull=True).exists()


def test_the_only_amount_in_force_is_that_of_illegal_enterprise() -> None:
    priced = Penalty.objects.filter(book__code="ru.law", amount_high__isnull=False)

    assert set(priced.values_list("norm__code", "amount_low", "amount_high", "currency")) == {
        ("ru.general.uk-171", Decimal(0), Decimal(300_000), "RUB")
    }


@pytest.mark.parametrize(
    ("book", "norm", "offender", "occurrence", "low", "high"),
    [
        ("ru.bill.1124554-8", "ru.ban", "citizen", "first", 100_000, 150_000),
        ("ru.bill.1124554-8", "ru.ban", "citizen", "repeat", 1_000_000, 1_500_000),
        ("ru.bill.1124554-8", "ru.ban", "legal_entity", "first", 1_000_000, 2_000_000),
        ("ru.bill.1124554-8", "ru.ban", "legal_entity", "repeat", 5_000_000, 10_000_000),
        ("ru.bill.1124554-8", "ru.ban", "official", "repeat", None, None),
        ("ru.bill.1124554-8", "ru.registration.miner", "legal_entity", "first", 400_000, 500_000),
        ("ru.bill.1124554-8", "ru.registration.miner", "entrepreneur", "first", 200_000, 300_000),
        ("ru.bill.1124554-8", "ru.registration.miner", "legal_entity", "repeat", None, None),
        ("ru.bill.1124554-8", "ru.limit.individual", "citizen", "first", 100_000, 150_000),
        ("ru.bill.1124554-8", "ru.hosting.unregistered", "operator", "repeat", 0, 5_000_000),
        ("ru.bill.1124554-8", "ru.reporting.monthly", "legal_entity", "first", None, None),
        ("ru.draft.2025-06", "ru.limit.individual", "citizen", "first", 100_000, 200_000),
        ("ru.draft.2025-06", "ru.registration.miner", "legal_entity", "first", 1_000_000, 2_000_000),
        ("ru.draft.2025-06", "ru.registration.operator", "operator", "first", 1_000_000, 2_000_000),
        ("ru.bill.1193493-8", "ru.registration.miner", "entrepreneur", "first", 0, 1_500_000),
        ("ru.what-if.2m", "ru.registration.miner", "legal_entity", "repeat", 200_000, 2_000_000),
        ("ru.what-if.2m", "ru.limit.individual", "citizen", "first", 200_000, 2_000_000),
    ],
)
def test_book_prices_the_breach(
    book: str, norm: str, offender: str, occurrence: str, low: int | None, high: int | None
) -> None:
    band = Penalty.objects.get(book__code=book, norm__code=norm, offender=offender, occurrence=occurrence)

    assert (band.amount_low, band.amount_high) == (low, high)
    assert band.currency == ("" if high is None else "RUB")


def test_entrepreneurs_are_priced_as_officials_only_by_a_weak_source() -> None:
    bands = Penalty.objects.filter(book__code="ru.bill.1124554-8", offender="entrepreneur")

    assert set(bands.values_list("confidence", flat=True)) == {"L"}


def test_crime_is_priced_under_its_threshold() -> None:
    band = Penalty.objects.get(
        book__code="ru.bill.1193493-8", norm__code="ru.limit.individual", offender="citizen", occurrence="first"
    )

    assert band.condition == "Damage or income over 3,500,000 RUB"
    assert any("13,500,000" in sanction["words"] for sanction in band.sanctions)


def test_everything_is_cited() -> None:
    for model in (Act, Norm, BannedArea, Penalty):
        assert not model._default_manager.filter(sources=[]).exists(), model


def test_pack_says_which_zone_ends_its_days() -> None:
    assert LawPack.objects.get(code="ru").time_zone == "Europe/Moscow"


def test_claim_is_held_as_it_was_said() -> None:
    claim = Claim.objects.get(code="ru.claim.chebeskov-30-percent")

    assert (claim.bounds, claim.low, claim.high, claim.unit) == (
        "registration_rate",
        Decimal("0.3"),
        Decimal("0.3"),
        "share",
    )
    assert (claim.said_on, claim.confidence) == (dt.date(2025, 6, 19), "H")


def test_claim_tells_that_its_day_is_not_known_when_only_the_month_is() -> None:
    claim = Claim.objects.get(code="ru.claim.register-1364")

    assert claim.said_on == dt.date(2025, 10, 31)
    assert "Said in 2025-10; the day is not known." in claim.statement


def test_rise_from_200_000_to_2_000_000_is_a_weak_claim_and_no_law() -> None:
    claim = Claim.objects.get(code="ru.claim.fine-200k-to-2m")
    supposed = Penalty.objects.filter(book__code="ru.what-if.2m")

    assert claim.confidence == "L"
    assert not supposed.filter(in_force__isnull=False).exists()
    assert not supposed.exclude(act=None).exists()
