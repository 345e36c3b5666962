"""A person may mine unregistered up to so much energy in a month or in a year; above that it must be registered.

In Russia an individual may up to 6,000 kWh a month; the norms about a year are made up.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Norm
from registry.models import Miner, Register
from tests.factories import MinerFactory, ReadingFactory, RegistrationFactory, SiteFactory
from tests.norms import breaches_of, facts_of, made_up_norm, missing_of, rule_of

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


def limit_of_a_year(kwh: str = "20000") -> Norm:
    return made_up_norm("energy_limit", {"energy_kwh_year": kwh}, miner_kinds=("individual",))


def test_year_is_above_the_limit_from_the_month_in_which_its_sum_is(db: None) -> None:
    miner = individual_with(month_2025_02="9000", month_2025_03="11000", month_2025_07="0.001", month_2025_08="1")
    assert breaches_of(limit_of_a_year(), miner) == [("2025-07-01", None)]


def test_duty_of_a_year_ends_with_the_next_year_when_its_first_reading_is_known(db: None) -> None:
    miner = individual_with(month_2025_05="30000", month_2026_01="9000")
    assert breaches_of(limit_of_a_year(), miner) == [("2025-05-01", "2026-01-01")]
    later = individual_with(month_2025_05="30000", month_2026_04="9000")
    assert breaches_of(limit_of_a_year(), later) == [("2025-05-01", "2026-04-01")]


def test_each_year_is_added_up_anew(db: None) -> None:
    miner = individual_with(month_2024_12="19999", month_2025_01="19999", month_2026_01="20000", month_2026_02="1")
    assert breaches_of(limit_of_a_year(), miner) == [("2026-02-01", None)]


def test_year_that_passed_the_limit_before_the_law_binds_from_the_law_on(db: None) -> None:
    before = DateRange(dt.date(2020, 1, 1), None)
    site = SiteFactory(miner__individual=True, miner__operating=before, period=before)
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2024, 3, 1), energy_kwh=Decimal("20001"))
    assert breaches_of(limit_of_a_year(), site.miner) == [("2024-11-01", None)]


def test_facts_name_the_first_month_above_and_the_highest_sum(db: None) -> None:
    miner = individual_with(month_2025_02="15000", month_2025_03="6000", month_2025_04="100")
    assert facts_of(limit_of_a_year(), miner) == {"first_month": "2025-03-01", "highest_year_energy_kwh": "21100.000"}
    monthly = made_up_norm("energy_limit", {"energy_kwh_month": "6000"}, miner_kinds=("individual",))
    assert facts_of(monthly, miner) == {"first_month": "2025-02-01", "highest_energy_kwh": "15000.000"}


def test_year_without_a_meter_is_undetermined(db: None) -> None:
    assert missing_of(limit_of_a_year(), MinerFactory(individual=True)) == ["energy drawn in a year"]


def test_question_about_one_day_looks_at_the_latest_reading_before_it(db: None) -> None:
    miner = individual_with(month_2025_03="9000", month_2025_06="100")
    rule = rule_of(made_up_norm("energy_limit", {"energy_kwh_month": "6000"}, miner_kinds=("individual",)))
    asked = [dt.date(2025, 2, 28), dt.date(2025, 3, 1), dt.date(2025, 5, 31), dt.date(2025, 6, 1)]
    assert [list(rule.breaches(day).values_list("pk", flat=True)) for day in asked] == [[], [miner.pk], [miner.pk], []]
