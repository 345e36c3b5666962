"""An individual may mine unregistered up to 6,000 kWh a month; above that it must be registered."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from registry.models import Miner, Register
from tests.factories import MinerFactory, ReadingFactory, RegistrationFactory, SiteFactory

LIMIT = "ru.limit.individual"


def individual_with(**energy_by_month: str) -> Miner:
    """An individual with one site and the readings given as month_2025_03='6000.001'."""
    site = SiteFactory(miner__individual=True)
    for name, energy in energy_by_month.items():
        year, month = name.split("_")[1:]
        ReadingFactory(
            metering_point=site.metering_point, month=dt.date(int(year), int(month), 1), energy_kwh=Decimal(energy)
        )
    miner: Miner = site.miner
    return miner


def test_exactly_the_limit_is_allowed(breaches: Any) -> None:
    assert breaches(LIMIT, individual_with(month_2025_03="6000")) == []


def test_a_watt_hour_above_the_limit_is_a_breach_from_the_first_of_the_month(breaches: Any) -> None:
    assert breaches(LIMIT, individual_with(month_2025_03="6000.001")) == [("2025-03-01", None)]


def test_breach_ends_with_the_next_metered_month_within_the_limit(breaches: Any) -> None:
    miner = individual_with(month_2025_03="9000", month_2025_04="9000", month_2025_06="100")
    assert breaches(LIMIT, miner) == [("2025-03-01", "2025-06-01")]


def test_months_above_the_limit_before_the_law_do_not_count(breaches: Any) -> None:
    miner = individual_with(month_2024_09="9000", month_2024_10="100")
    assert breaches(LIMIT, miner) == []


def test_energy_of_all_sites_is_added_up(breaches: Any) -> None:
    first = SiteFactory(miner__individual=True)
    second = SiteFactory(miner=first.miner)
    for site in (first, second):
        ReadingFactory(metering_point=site.metering_point, energy_kwh=Decimal("3500"))
    assert breaches(LIMIT, first.miner) == [("2025-03-01", None)]


def test_readings_after_the_site_was_closed_are_somebody_elses(breaches: Any) -> None:
    site = SiteFactory(miner__individual=True, closed=True)
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2025, 7, 1), energy_kwh=Decimal("9000"))
    assert breaches(LIMIT, site.miner) == []


def test_registered_individual_may_draw_more(breaches: Any) -> None:
    miner = individual_with(month_2025_03="9000")
    RegistrationFactory(
        miner=miner, register=Register.objects.get(code="ru.miners"), period=DateRange(dt.date(2025, 3, 10), None)
    )
    assert breaches(LIMIT, miner) == [("2025-03-01", "2025-03-10")]


def test_nothing_can_be_said_when_no_meter_is_known(breaches: Any, undetermined: Any) -> None:
    miner = MinerFactory(individual=True)
    assert breaches(LIMIT, miner) == []
    assert undetermined(LIMIT, miner) == ["energy drawn in a month"]


def test_one_reading_is_enough_to_decide(undetermined: Any) -> None:
    assert undetermined(LIMIT, individual_with(month_2025_03="100")) == []
