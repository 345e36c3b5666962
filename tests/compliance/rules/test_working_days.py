"""Working days are counted by the days off of the country; the database counts as a walk from day to day does."""

import datetime as dt
from collections import Counter

import pytest
from django.db.models import DateField, F, Value
from django.db.models.functions import Cast
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.rules.working_days import (
    WorkingDayAfter,
    WorkingDayFrom,
    has_calendar,
    working_day_after,
    working_day_from,
    working_days,
)
from registry.models import Register
from tests.factories import RegisterFactory

# Written down from the production calendars that the two governments published, not from the library.
RUSSIA_2025_OFF = {
    *(dt.date(2025, 1, day) for day in (1, 2, 3, 6, 7, 8)),
    *(dt.date(2025, 5, day) for day in (1, 2, 8, 9)),
    *(dt.date(2025, 6, day) for day in (12, 13)),
    *(dt.date(2025, 11, day) for day in (3, 4)),
    dt.date(2025, 12, 31),
}
RUSSIA_2025_WORKED = {dt.date(2025, 11, 1)}  # a Saturday, worked for 3 November
KAZAKHSTAN_2026_OFF = {
    *(dt.date(2026, 1, day) for day in (1, 2, 7)),
    *(dt.date(2026, 3, day) for day in (9, 23, 24, 25)),
    *(dt.date(2026, 5, day) for day in (1, 7, 11, 27)),
}


def works(day: dt.date, off: set[dt.date], worked: frozenset[dt.date] | set[dt.date] = frozenset()) -> bool:
    return day in worked or (day.weekday() < 5 and day not in off)


def in_russia(day: dt.date) -> bool:
    return works(day, RUSSIA_2025_OFF, RUSSIA_2025_WORKED)


def in_kazakhstan(day: dt.date) -> bool:
    return works(day, KAZAKHSTAN_2026_OFF)


CALENDARS = {
    "RU": (in_russia, dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
    "KZ": (in_kazakhstan, dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
}


@pytest.mark.parametrize("code", CALENDARS)
def test_days_are_those_of_the_published_calendar(code: str) -> None:
    is_worked, first, last = CALENDARS[code]
    every = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
    assert [day for day in every if is_worked(day)] == [day for day in working_days(code) if first <= day <= last]


def test_years_have_as_many_days_as_the_russian_government_counts() -> None:
    counted = Counter(day.year for day in working_days("RU"))
    assert {year: counted[year] for year in range(2020, 2027)} == {
        2020: 248,
        2021: 247,
        2022: 247,
        2023: 247,
        2024: 248,
        2025: 247,
        2026: 247,
    }


def test_service_that_begins_on_a_friday_before_a_holiday_has_until_tuesday() -> None:
    friday = dt.date(2025, 1, 17)  # Monday is Martin Luther King Jr. Day
    assert working_day_after(friday, 1, "US-TX") == dt.date(2025, 1, 21)
    assert working_day_after(friday, 2, "US-TX") == dt.date(2025, 1, 22)


def test_week_ends_on_the_days_on_which_it_ends_there() -> None:
    friday, sunday = dt.date(2025, 6, 20), dt.date(2025, 6, 22)
    assert working_day_from(friday, "KW") == sunday
    assert working_day_from(friday, "NO") == friday


def test_next_working_day_is_the_day_itself_when_it_is_one() -> None:
    assert working_day_from(dt.date(2026, 3, 20), "KZ") == dt.date(2026, 3, 20)
    assert working_day_from(dt.date(2026, 3, 21), "KZ") == dt.date(2026, 3, 26)


def test_all_days_count_beyond_the_last_year() -> None:
    assert working_day_after(dt.date(2045, 7, 1), 3, "KZ") == dt.date(2045, 7, 4)


def test_unknown_calendar_is_refused_with_what_it_must_be() -> None:
    assert has_calendar("KZ")
    assert has_calendar("US-TX")
    for code in ("", "XX", "US-QQ", "Kazakhstan", "kz"):
        assert not has_calendar(code)
    with pytest.raises(ValueError, match="There is no calendar “US-QQ”"):
        working_days("US-QQ")


@pytest.fixture
def one_row(db: None) -> int:
    """Any row at all, for the database to answer about."""
    return int(RegisterFactory().pk)


@pytest.mark.parametrize("code", CALENDARS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, 40), step=st.integers(0, 110))
def test_database_counts_as_a_walk_from_day_to_day_does(one_row: int, code: str, number: int, step: int) -> None:
    is_worked, first, _ = CALENDARS[code]
    start = first + dt.timedelta(step)
    walked, left = start, number
    while left:
        walked += dt.timedelta(1)
        left -= is_worked(walked)
    onwards = start
    while not is_worked(onwards):
        onwards += dt.timedelta(1)
    answer = Register.objects.annotate(
        start=Cast(Value(start), DateField()),
        after=WorkingDayAfter(F("start"), number, code),
        onwards=WorkingDayFrom(F("start"), code),
    ).get(pk=one_row)
    assert (answer.after, answer.onwards) == (walked, onwards)
    assert (working_day_after(start, number, code), working_day_from(start, code)) == (walked, onwards)


@pytest.mark.parametrize("day", [dt.date(2001, 5, 5), dt.date(2040, 12, 30), dt.date(2050, 1, 1)])
def test_database_and_python_agree_where_the_calendar_ends(one_row: int, day: dt.date) -> None:
    start = Cast(Value(day), DateField())
    answer = Register.objects.annotate(after=WorkingDayAfter(start, 5, "KZ"), onwards=WorkingDayFrom(start, "KZ")).get()
    assert answer.after == working_day_after(day, 5, "KZ")
    assert answer.onwards == working_day_from(day, "KZ")
