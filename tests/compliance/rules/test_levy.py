"""A levy per kWh is paid on what was declared; the meters say whether that was all. The norm is made for the tests."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import LawPack, Norm
from compliance.models.fields import Days
from compliance.rules import Levy, Scope
from registry.models import Miner
from tests.factories import DeclarationFactory, MinerFactory, ReadingFactory, SiteFactory

AS_OF = dt.date(2026, 2, 1)
YEAR_2025 = DateRange(dt.date(2025, 10, 1), None)


@pytest.fixture
def levy(ru_law: LawPack) -> Levy:
    """Due each quarter by the 20th of the month after it, law from October 2025 on."""
    norm = Norm.objects.select_related("pack").get(code="ru.reporting.monthly")
    norm.register = None
    norm.in_force = Days((DateRange(dt.date(2025, 10, 1), None, "[)"),))
    norm.parameters = {"period": "quarter", "due": {"day": 20, "months_after": 1}, "bands": []}
    return Levy(norm)


@pytest.fixture
def said(levy: Levy) -> Callable[..., tuple[list[Any], list[str]]]:
    """The breaches of one miner, each with its facts, and the facts that are missing."""

    def ask(miner: Miner, day: dt.date = AS_OF) -> tuple[list[Any], list[str]]:
        scope = Scope(miner_ids=(miner.pk,))
        spans = [(str(row[4].lower), row[4].upper, row[5]) for row in levy.spans(scope, day)]
        return spans, [row.missing_fact for row in levy.undetermined(day, scope)]

    return ask


def drew(*kwh: str) -> Miner:
    """A miner at work since October 2025 whose meter said this in October, November and December."""
    site = SiteFactory(miner__operating=YEAR_2025, period=YEAR_2025)
    for month, energy in zip((10, 11, 12), kwh, strict=False):
        ReadingFactory(metering_point=site.metering_point, month=dt.date(2025, month, 1), energy_kwh=Decimal(energy))
    miner: Miner = site.miner
    return miner


def declare(miner: Miner, energy: str | None, on: dt.date = dt.date(2026, 1, 20), **more: Any) -> None:
    quarter = {"month": dt.date(2025, 10, 1), "months": 3, "declared_on": on}
    DeclarationFactory(miner=miner, energy_kwh=energy and Decimal(energy), **{**quarter, **more})


def test_miner_that_declared_what_its_meter_says_is_clear(said: Any) -> None:
    miner = drew("1000", "1000", "1000")
    declare(miner, "3000")
    assert said(miner) == ([], [])


def test_one_percent_below_the_meter_is_tolerated_and_a_watt_hour_more_is_not(said: Any) -> None:
    within, below = drew("1000", "1000", "1000"), drew("1000", "1000", "1000")
    declare(within, "2970")
    declare(below, "2969.999")
    assert said(within) == ([], [])
    ((since, until, facts),), unknown = said(below)
    assert (since, until, unknown) == ("2026-01-21", None, [])
    assert facts == {
        "first_month": "2025-10-01",
        "violations": 1,
        "declared_kwh": "2969.999",
        "metered_kwh": "3000.000",
    }


def test_breach_begins_when_a_late_declaration_came_in(said: Any) -> None:
    miner = drew("1000", "1000", "1000")
    declare(miner, "10", dt.date(2026, 1, 28))
    assert [span[0] for span in said(miner)[0]] == ["2026-01-28"]


def test_energy_of_all_currencies_adds_up(said: Any) -> None:
    miner = drew("1000", "1000", "1000")
    declare(miner, "1500")
    declare(miner, "1500", currency="LTC")
    assert said(miner) == ([], [])


def test_declaration_below_what_only_some_months_were_metered_is_a_breach_all_the_same(said: Any) -> None:
    miner = drew("1000", "1000")
    declare(miner, "1900")
    spans, unknown = said(miner)
    assert (len(spans), unknown) == (1, [])


def test_nothing_can_be_said_when_nothing_was_declared(said: Any) -> None:
    assert said(drew("1000", "1000", "1000")) == ([], ["the energy that was declared"])
    silent = drew("1000", "1000", "1000")
    declare(silent, None)
    assert said(silent) == ([], ["the energy that was declared"])


def test_nothing_can_be_said_when_a_month_was_not_metered(said: Any) -> None:
    miner = drew("1000", "1000")
    declare(miner, "3000")
    assert said(miner) == ([], ["the energy drawn in the period"])


def test_nothing_is_asked_of_a_quarter_that_is_not_yet_due(said: Any) -> None:
    assert said(drew("1000"), dt.date(2026, 1, 20)) == ([], [])


def test_miner_that_began_after_the_quarter_owes_nothing_for_it(said: Any) -> None:
    assert said(MinerFactory(operating=DateRange(dt.date(2026, 1, 1), None))) == ([], [])
