"""Companies, entrepreneurs and infrastructure operators must stand in their register from 1 November 2024 on."""

import datetime as dt
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from registry.models import Register
from tests.factories import MinerFactory, RegistrationFactory, TerritoryFactory


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
