"""What was mined in a month is declared by the 20th of the next."""

import datetime as dt
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from registry.models import Miner
from tests.factories import DeclarationFactory, MinerFactory, RegistrationFactory

REPORT = "ru.reporting.monthly"


def registered(since: dt.date, until: dt.date | None = None) -> Miner:
    miner: Miner = RegistrationFactory(period=DateRange(since, until), status="excluded" if until else "active").miner
    return miner


def declare(miner: Miner, month: dt.date, on: dt.date) -> None:
    DeclarationFactory(miner=miner, month=month, declared_on=on)


def test_first_missing_month_is_overdue_from_the_21st_of_the_next(breaches: Any) -> None:
    assert breaches(REPORT, registered(dt.date(2025, 3, 5))) == [("2025-04-21", None)]


def test_nothing_is_overdue_on_the_due_day_itself(breaches: Any) -> None:
    miner = registered(dt.date(2025, 3, 5))
    assert breaches(REPORT, miner, dt.date(2025, 4, 20)) == []
    assert breaches(REPORT, miner, dt.date(2025, 4, 21)) == [("2025-04-21", None)]


def test_declaration_in_time_leaves_no_breach(breaches: Any) -> None:
    miner = registered(dt.date(2025, 3, 5))
    declare(miner, dt.date(2025, 3, 1), dt.date(2025, 4, 20))
    assert breaches(REPORT, miner, dt.date(2025, 5, 20)) == []


def test_late_declaration_is_a_breach_until_it_came_in(breaches: Any) -> None:
    miner = registered(dt.date(2025, 3, 5))
    declare(miner, dt.date(2025, 3, 1), dt.date(2025, 4, 28))
    assert breaches(REPORT, miner, dt.date(2025, 5, 20)) == [("2025-04-21", "2025-04-28")]


def test_gap_between_declared_months_stays_open(breaches: Any) -> None:
    miner = registered(dt.date(2025, 3, 5))
    declare(miner, dt.date(2025, 3, 1), dt.date(2025, 4, 15))
    declare(miner, dt.date(2025, 5, 1), dt.date(2025, 6, 15))
    assert breaches(REPORT, miner, dt.date(2025, 6, 20)) == [("2025-05-21", None)]


def test_months_after_the_entry_ended_need_no_declaration(breaches: Any) -> None:
    miner = registered(dt.date(2025, 3, 5), dt.date(2025, 4, 1))
    declare(miner, dt.date(2025, 3, 1), dt.date(2025, 4, 1))
    assert breaches(REPORT, miner) == []


def test_first_month_of_the_duty_is_november_2024(breaches: Any) -> None:
    miner = RegistrationFactory(miner__operating=DateRange(dt.date(2023, 1, 1), None)).miner
    assert breaches(REPORT, miner) == [("2024-12-21", None)]


def test_nothing_can_be_said_of_miners_outside_the_register(breaches: Any, undetermined: Any) -> None:
    miner = MinerFactory()
    assert breaches(REPORT, miner) == []
    assert undetermined(REPORT, miner) == ["whether currency was mined in the month"]


def test_late_declaration_of_a_month_without_a_duty_is_no_breach(breaches: Any) -> None:
    miner = registered(dt.date(2025, 5, 14))
    declare(miner, dt.date(2025, 3, 1), dt.date(2025, 6, 28))
    assert breaches(REPORT, miner, dt.date(2025, 6, 20)) == []
