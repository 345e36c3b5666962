"""The packs of other countries than Russia: published days and figures, and what must not be law there."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from compliance.law.load import law_load, pack_paths
from compliance.models import Act, Norm, Penalty, Scenario, UnitRate
from compliance.selectors.levies import levies_of
from registry.models import Territory
from registry.services.territories import iso_territories, territories_store
from tests.databases import settle
from tests.factories import MinerFactory, ReadingFactory, SiteFactory

ABROAD = [path for path in pack_paths() if path.stem != "ru"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("abroad")]


@pytest.fixture(scope="module")
def abroad(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """All packs but Russia's, loaded once for this page."""
    with django_db_blocker.unblock(), transaction.atomic():
        territories_store(rows=iso_territories())
        for path in ABROAD:
            law_load(path)
        settle()
        yield
        transaction.set_rollback(True)


def in_law(norm: str, day: str) -> bool:
    return Norm.objects.in_force(dt.date.fromisoformat(day)).filter(code=norm).exists()


@pytest.mark.parametrize("path", ABROAD, ids=lambda path: path.stem)
def test_nothing_changes_when_a_pack_is_loaded_again(path: Path) -> None:
    assert not law_load(path).changes


@pytest.mark.parametrize(
    ("norm", "first", "last"),
    [
        ("kz.notification", "2020-10-16", "2023-06-04"),
        ("kz.licence.own", "2023-04-01", ""),
        ("kz.levy", "2022-01-01", "2025-12-31"),
        ("us-tx.registration", "2024-11-21", ""),
        ("uz.permit", "2023-10-31", ""),
        ("uz.besqala.fee", "2026-04-20", ""),
        ("no.registration.own", "2025-01-01", ""),
        ("us-ar.permit", "2024-05-03", ""),
        ("us-la.ownership", "2024-08-01", ""),
        ("us-ny.moratorium", "2022-11-22", "2024-11-22"),
        ("kw.ban", "2025-04-22", ""),
        ("tm.registration", "2026-01-01", ""),
        ("ca-bc.connections", "2022-12-21", "2025-12-20"),
    ],
)
def test_norm_is_law_from_its_first_day_to_its_last(norm: str, first: str, last: str) -> None:
    day_before = dt.date.fromisoformat(first) - dt.timedelta(days=1)
    assert not in_law(norm, day_before.isoformat())
    assert in_law(norm, first)
    if last:
        assert in_law(norm, last)
        assert not in_law(norm, (dt.date.fromisoformat(last) + dt.timedelta(days=1)).isoformat())
    else:
        assert in_law(norm, "2026-11-22")


@pytest.mark.parametrize(
    "act",
    [
        "kz.tax-code-2026",
        "us-tx.25-194",
        "us-ny.s8518",
        "us-ar.rule-k",
        "no.ban-study",
        "no.doc-8-60",
        "ca-bc.bill-31",
        "ca-mb.bill-39",
        "py.resolutions-2025-12",
        "tj.uk-253-2",
        "la.supply-end",
    ],
)
def test_draft_or_bill_makes_no_law(act: str) -> None:
    assert Act.objects.get(code=act).norms.exists()
    assert not Norm.objects.filter(act__code=act, in_force__isnull=False).exists()
    assert not Penalty.objects.filter(act__code=act, in_force__isnull=False).exists()


@pytest.mark.parametrize(
    ("unit", "day", "value"),
    [
        ("MCI", "2023-06-01", 3450),
        ("MCI", "2024-06-01", None),
        ("MCI", "2025-06-01", 3932),
        ("MCI", "2026-06-01", 4325),
        ("BCV", "2024-01-20", 340_000),
        ("BCV", "2024-10-01", 375_000),
        ("BCV", "2025-08-15", None),
        ("BCV", "2025-09-06", 412_000),
    ],
)
def test_unit_is_worth_what_was_published_and_nothing_where_nothing_was_found(
    unit: str, day: str, value: int | None
) -> None:
    found = UnitRate.objects.filter(unit=unit, period__contains=dt.date.fromisoformat(day)).values_list("value")
    assert list(found) == ([] if value is None else [(Decimal(value),)])


@pytest.mark.parametrize(
    ("quarter", "off_grid", "low", "high"),
    [
        ("2022-01-01", None, 1, 1),
        ("2022-10-01", False, 1, 1),
        ("2023-01-01", False, 1, 25),
        ("2023-01-01", True, 1, 10),
        ("2025-10-01", None, 1, 25),
    ],
)
def test_fee_of_kazakhstan_is_what_the_revenue_committee_published(
    quarter: str, off_grid: bool | None, low: int, high: int
) -> None:
    start = dt.date.fromisoformat(quarter)
    site = SiteFactory(
        miner=MinerFactory(territory=Territory.objects.get(code="KZ")),
        territory=Territory.objects.get(code="KZ"),
        off_grid=off_grid,
        metering_point="KZ-1",
        period=(dt.date(2021, 1, 1), None),
    )
    ReadingFactory(metering_point=site.metering_point, month=start, energy_kwh=1_000_000)
    [row] = levies_of(Norm.objects.get(code="kz.levy"), start, start)
    assert (row.owed_low, row.owed_high, row.currency) == (Decimal(1_000_000 * low), Decimal(1_000_000 * high), "KZT")


def test_fee_of_kazakhstan_is_not_reckoned_for_2026_whose_rate_was_not_found() -> None:
    year = dt.date(2026, 1, 1)
    assert levies_of(Norm.objects.get(code="kz.levy"), year, year) == []


def test_sources_that_disagree_stand_beside_the_norm() -> None:
    says = [found["says"] for found in Norm.objects.get(code="no.registration.operator").conflicts]
    assert says == [
        "0.5 MW is the least power for any data centre to be registered, also for one that offers services."
    ]


def test_every_ready_made_scenario_changes_something_of_its_own_pack() -> None:
    scenarios = list(Scenario.objects.filter(ready_made=True).select_related("pack"))
    assert {scenario.pack.code for scenario in scenarios} >= {"kz", "us-tx", "uz", "no", "us-ar", "ca-bc", "py"}
    for scenario in scenarios:
        assert scenario.changes
        named = {change.get("act") or change.get("norm") for change in scenario.changes} - {None}
        assert all(str(code).startswith(f"{scenario.pack.code}.") for code in named)
