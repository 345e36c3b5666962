"""Who must stand in a register: everybody, or whoever runs such sites or devices, at once or after some time.

In Russia companies, entrepreneurs and operators must from 1 November 2024 on; the other norms are made up.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Norm
from registry.models import Miner, Register
from tests.factories import DeviceFactory, MinerFactory, RegistrationFactory, SiteFactory, TerritoryFactory
from tests.norms import AS_OF, LAW, breaches_of, facts_of, law_from, made_up_norm, missing_of, rule_of

BEFORE = dt.date(2023, 1, 1)


def test_company_is_in_breach_since_the_law_came_into_force_when_it_mined_before(breaches: Any) -> None:
    company = MinerFactory(operating=DateRange(dt.date(2023, 1, 1), None))
    assert breaches("ru.registration.miner", company) == [("2024-11-01", None)]


def test_company_is_in_breach_since_its_first_day_when_it_began_later(breaches: Any) -> None:
    company = MinerFactory(operating=DateRange(dt.date(2025, 5, 5), None))
    assert breaches("ru.registration.miner", company) == [("2025-05-05", None)]


def test_breach_ends_on_the_day_of_entry_when_the_miner_registers(breaches: Any) -> None:
    entry = RegistrationFactory(period=DateRange(dt.date(2025, 8, 6), None))
    assert breaches("ru.registration.miner", entry.miner) == [("2024-11-01", "2025-08-06")]


def test_breach_opens_again_when_the_entry_ends(breaches: Any) -> None:
    entry = RegistrationFactory(excluded=True)
    assert breaches("ru.registration.miner", entry.miner) == [("2025-06-01", None)]


def test_two_entries_that_touch_leave_no_breach_between_them(breaches: Any) -> None:
    entry = RegistrationFactory(excluded=True)
    RegistrationFactory(miner=entry.miner, period=DateRange(dt.date(2025, 6, 1), None))
    assert breaches("ru.registration.miner", entry.miner) == []


def test_application_does_not_end_the_breach(breaches: Any) -> None:
    application = RegistrationFactory(pending=True)
    assert breaches("ru.registration.miner", application.miner) == [("2024-11-01", None)]


def test_breach_ends_with_the_mining_when_the_miner_stops(breaches: Any) -> None:
    assert breaches("ru.registration.miner", MinerFactory(stopped=True)) == [("2024-11-01", "2025-06-01")]


def test_entrepreneur_is_bound_like_a_company(breaches: Any) -> None:
    assert breaches("ru.registration.miner", MinerFactory(entrepreneur=True)) == [("2024-11-01", None)]


def test_individual_is_not_bound_by_this_norm(breaches: Any) -> None:
    assert breaches("ru.registration.miner", MinerFactory(individual=True)) == []


def test_operator_must_stand_in_the_operators_register_not_in_the_miners(breaches: Any) -> None:
    entry = RegistrationFactory(miner__operator=True)
    assert breaches("ru.registration.operator", entry.miner) == [("2024-11-01", None)]
    RegistrationFactory(miner=entry.miner, register=Register.objects.get(code="ru.operators"))
    assert breaches("ru.registration.operator", entry.miner) == []


def test_miner_abroad_is_not_bound(breaches: Any) -> None:
    abroad = MinerFactory(territory=TerritoryFactory(code="KZ", name="Kazakhstan", kind="country", parent=None))
    assert breaches("ru.registration.miner", abroad) == []


def duty(**parameters: Any) -> Norm:
    """A norm in force from 1 November 2024 on that counts working days as Texas does."""
    return made_up_norm("registration_duty", parameters, calendar="US-TX")


LARGE = {"load_kw_over": "75000", "interruptible_percent_from": "10"}


def company_with(
    since: dt.date = BEFORE, until: dt.date | None = None, load_kw: str | None = "80000", **changes: Any
) -> Miner:
    """A company that has mined since 2020, with one site, half of it interruptible, up to the day before `until`."""
    miner = changes.pop("miner", None) or MinerFactory(operating=DateRange(dt.date(2020, 1, 1), None))
    site = {"interruptible_percent": Decimal(50), **changes}
    capacity_kw = None if load_kw is None else Decimal(load_kw)
    SiteFactory(miner=miner, capacity_kw=capacity_kw, period=DateRange(since, until), **site)
    found: Miner = miner
    return found


def test_duty_lasts_as_long_as_the_large_site(db: None) -> None:
    assert breaches_of(duty(threshold=LARGE), company_with(until=dt.date(2025, 6, 1))) == [("2024-11-01", "2025-06-01")]


def test_load_must_be_over_the_bound_or_reach_it_as_the_law_says(db: None) -> None:
    over, reached = duty(threshold={"load_kw_over": "75000"}), duty(threshold={"load_kw_from": "75000"})
    at_the_bound, above = company_with(load_kw="75000"), company_with(load_kw="75000.001")
    assert breaches_of(over, at_the_bound) == []
    assert breaches_of(over, above) == [("2024-11-01", None)]
    assert breaches_of(reached, at_the_bound) == [("2024-11-01", None)]


def test_all_thresholds_must_hold_of_one_site(db: None) -> None:
    miner = company_with(interruptible_percent=Decimal("9.99"))
    company_with(miner=miner, load_kw="60000", interruptible_percent=Decimal(100))
    assert breaches_of(duty(threshold=LARGE), miner) == []
    company_with(miner=miner, interruptible_percent=Decimal(10), since=dt.date(2026, 1, 1))
    assert breaches_of(duty(threshold=LARGE), miner) == [("2026-01-01", None)]


def test_only_sites_in_a_data_centre_count_where_the_norm_is_about_them(db: None) -> None:
    norm = duty(threshold={"data_centre": True})
    assert breaches_of(norm, company_with(data_centre=True)) == [("2024-11-01", None)]
    assert breaches_of(norm, company_with(data_centre=False)) == []


def test_own_sites_and_hosted_ones_are_told_apart(db: None) -> None:
    own, hosted = duty(threshold={"own_sites_only": True}), duty(threshold={"hosted_only": True})
    miner = company_with(until=dt.date(2025, 6, 1))
    company_with(miner=miner, since=dt.date(2025, 3, 1), host=MinerFactory(operator=True))
    assert breaches_of(own, miner) == [("2024-11-01", "2025-06-01")]
    assert breaches_of(hosted, miner) == [("2025-03-01", None)]


def test_entry_clears_and_two_sites_at_once_are_one_breach(db: None) -> None:
    miner = company_with(until=dt.date(2025, 6, 1))
    company_with(miner=miner, since=dt.date(2025, 5, 1))
    RegistrationFactory(miner=miner, period=DateRange(dt.date(2025, 7, 1), None))
    assert breaches_of(duty(threshold=LARGE), miner) == [("2024-11-01", "2025-07-01")]


def test_unknown_fact_of_a_site_that_may_bind_is_named(db: None) -> None:
    norm = duty(threshold={**LARGE, "data_centre": True})
    assert missing_of(norm, company_with(load_kw=None, data_centre=True)) == ["capacity of the site"]
    assert missing_of(norm, company_with(interruptible_percent=None, data_centre=True)) == [
        "interruptible share of the site's load"
    ]
    assert missing_of(norm, company_with()) == ["whether the site lies in a data centre"]


def test_unknown_fact_does_not_matter_when_another_one_decides(db: None) -> None:
    norm = duty(threshold=LARGE)
    small = company_with(load_kw="74000", interruptible_percent=None)
    assert missing_of(norm, small) == []
    bound = company_with(load_kw=None)
    company_with(miner=bound)
    assert missing_of(norm, bound) == []
    assert breaches_of(norm, bound) == [("2024-11-01", None)]
    registered = company_with(load_kw=None)
    RegistrationFactory(miner=registered)
    assert missing_of(norm, registered) == []


def test_nothing_can_be_said_where_a_site_decides_and_none_is_on_file(db: None) -> None:
    miner = MinerFactory()
    assert missing_of(duty(threshold=LARGE), miner) == ["the sites at which it mines"]
    assert missing_of(duty(threshold={"hosted_only": True}), miner) == ["the sites at which it mines"]
    assert missing_of(duty(), miner) == []


def test_existing_facility_has_until_1_february_and_a_new_one_a_working_day(db: None) -> None:
    norm = duty(threshold=LARGE, deadline={"working_days_after_start": 1, "transition_until": "2025-02-01"})
    assert breaches_of(norm, company_with()) == [("2025-02-02", None)]
    friday = dt.date(2025, 1, 17)  # Monday is Martin Luther King Jr. Day, so Tuesday is the last day
    assert breaches_of(norm, company_with(since=friday)) == [("2025-01-22", None)]
    assert breaches_of(norm, company_with(since=LAW)) == [("2024-11-05", None)]


def test_days_are_counted_from_the_first_day_under_the_law(db: None) -> None:
    norm = duty(deadline={"days_after_start": 30})
    assert breaches_of(norm, MinerFactory(operating=DateRange(BEFORE, None))) == [("2024-12-02", None)]
    assert breaches_of(norm, MinerFactory(operating=DateRange(dt.date(2025, 3, 1), None))) == [("2025-04-01", None)]


def test_day_of_transition_is_for_those_before_the_law_only(db: None) -> None:
    norm = duty(deadline={"transition_until": "2025-02-01"})
    assert breaches_of(norm, MinerFactory(operating=DateRange(BEFORE, None))) == [("2025-02-02", None)]
    assert breaches_of(norm, MinerFactory(operating=DateRange(LAW, None))) == [("2024-11-01", None)]


def test_each_site_has_its_own_time(db: None) -> None:
    norm = duty(threshold=LARGE, deadline={"days_after_start": 10})
    miner = company_with(until=dt.date(2025, 3, 1))
    company_with(miner=miner, since=dt.date(2025, 6, 1))
    assert breaches_of(norm, miner) == [("2024-11-12", "2025-03-01"), ("2025-06-12", None)]


def test_who_still_has_time_is_bound_but_not_in_breach(db: None) -> None:
    norm = duty(deadline={"days_after_start": 10})
    miner = MinerFactory(operating=DateRange(dt.date(2026, 11, 20), None))
    rule = rule_of(norm)
    assert [row.pk for row in rule.obliged(AS_OF)] == [miner.pk]
    assert not rule.breaches(AS_OF).exists()
    assert [row.pk for row in rule.breaches(dt.date(2026, 12, 1))] == [miner.pk]


def test_register_of_devices_asks_for_devices_at_a_site(db: None) -> None:
    norm, miner = duty(of="devices"), company_with(until=dt.date(2026, 1, 1))
    assert breaches_of(norm, miner) == []
    assert missing_of(norm, miner) == []
    DeviceFactory(site=miner.sites.get(), period=DateRange(dt.date(2025, 2, 1), dt.date(2025, 4, 1)))
    DeviceFactory(site=miner.sites.get(), period=DateRange(dt.date(2025, 8, 1), None))
    assert breaches_of(norm, miner) == [("2025-02-01", "2025-04-01"), ("2025-08-01", "2026-01-01")]


def test_each_device_has_its_own_time(db: None) -> None:
    norm, miner = duty(of="devices", deadline={"days_after_start": 5}), company_with()
    DeviceFactory(site=miner.sites.get(), period=DateRange(dt.date(2025, 2, 1), dt.date(2025, 2, 4)))
    DeviceFactory(site=miner.sites.get(), period=DateRange(dt.date(2025, 2, 3), None))
    assert breaches_of(norm, miner) == [("2025-02-09", None)]


def test_time_begins_anew_only_with_the_first_day_when_the_law_is_suspended(db: None) -> None:
    paused = law_from((LAW, dt.date(2025, 3, 1)), (dt.date(2025, 9, 1), None))
    norm = made_up_norm("registration_duty", {"deadline": {"days_after_start": 10}}, in_force=paused)
    before = MinerFactory(operating=DateRange(BEFORE, None))
    during = MinerFactory(operating=DateRange(dt.date(2025, 5, 1), None))
    assert breaches_of(norm, before) == [("2024-11-12", "2025-03-01"), ("2025-09-01", None)]
    assert breaches_of(norm, during) == [("2025-09-12", None)]


def test_facts_name_the_sites_that_bind_and_the_last_day(db: None) -> None:
    norm = duty(threshold=LARGE, deadline={"days_after_start": 30})
    miner = company_with(since=dt.date(2025, 3, 1))
    company_with(miner=miner, load_kw="10")
    (site,) = miner.sites.filter(capacity_kw=80000)
    assert facts_of(norm, miner) == {
        "sites": [
            {
                "site": site.pk,
                "since": "2025-03-01",
                "capacity_kw": "80000.000",
                "interruptible_percent": "50.00",
                "deadline": "2025-03-31",
            }
        ]
    }
    assert facts_of(duty(deadline={"days_after_start": 30}), miner) == {
        "operating_from": "2020-01-01",
        "deadline": "2024-12-01",
    }


def test_facts_name_the_sites_with_devices(db: None) -> None:
    norm = duty(of="devices", deadline={"days_after_start": 5})
    miner = company_with()
    site = miner.sites.get()
    for first in (dt.date(2025, 2, 1), dt.date(2025, 2, 3)):
        DeviceFactory(site=site, period=DateRange(first, None))
    assert facts_of(norm, miner) == {
        "sites": [{"site": site.pk, "devices_since": "2025-02-01", "deadline": "2025-02-06"}]
    }
