"""Working days: counted on from a day, or the next one, by the days off of a country or of a part of it."""

import datetime as dt
from bisect import bisect_right
from functools import cache
from typing import Any

import holidays
from django.db.models import DateField, Func

FIRST_YEAR, LAST_YEAR = 2009, 2040
"""No cryptocurrency was mined before 2009; beyond the last year nobody knows the days off."""


def has_calendar(code: str) -> bool:
    """Whether there is a calendar of that ISO 3166 code: KZ for a country, US-TX for a part of one."""
    country, _, part = code.partition("-")
    parts = holidays.list_supported_countries(include_aliases=False)
    return country in parts and (not part or part in parts[country])


@cache
def working_days(code: str) -> tuple[dt.date, ...]:
    """The working days of a calendar from 2009 to 2040 in order: neither that country's weekend nor a public holiday.

    A Saturday that is worked in exchange for another day is one. Raises ValueError for an unknown code.
    """
    if not has_calendar(code):
        raise ValueError(f"There is no calendar “{code}”; it must be an ISO 3166 code such as KZ or US-TX.")
    country, _, part = code.partition("-")
    # All years at once: a day off may be given in exchange for a day of the year before.
    calendar = holidays.country_holidays(country, subdiv=part or None, years=range(FIRST_YEAR, LAST_YEAR + 1))
    first = dt.date(FIRST_YEAR, 1, 1)
    days = (first + dt.timedelta(n) for n in range((dt.date(LAST_YEAR + 1, 1, 1) - first).days))
    return tuple(day for day in days if calendar.is_working_day(day))


def working_day_after(day: dt.date, number: int, code: str) -> dt.date:
    """The so-many-th working day after a day, which is not counted itself; beyond 2040 all days are counted."""
    days = working_days(code)
    place = bisect_right(days, day) + number - 1
    return days[place] if place < len(days) else day + dt.timedelta(number)


def working_day_from(day: dt.date, code: str) -> dt.date:
    """The day itself where it is a working day, else the next one."""
    return working_day_after(day - dt.timedelta(1), 1, code)


class WorkingDayAfter(Func):
    """`working_day_after` in SQL: the calendar stands in the statement as a sorted array, searched by halves."""

    output_field = DateField()
    arity = 1

    def __init__(self, day: Any, number: int, code: str, **extra: Any) -> None:
        super().__init__(day, **extra)
        self.number, self.code = number, code

    def as_sql(self, compiler: Any, connection: Any, *arguments: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        day, params = compiler.compile(self.source_expressions[0])
        array = _array(self.code)
        sql = f"COALESCE(({array})[width_bucket({day}, {array}) + {self.number}], {day} + {self.number})"
        return sql, (*params, *params)

    def get_group_by_cols(self) -> list[Any]:
        """The columns that the day is made of; the calendar is a constant."""
        return [column for source in self.source_expressions for column in source.get_group_by_cols()]


class WorkingDayFrom(WorkingDayAfter):
    """`working_day_from` in SQL."""

    def __init__(self, day: Any, code: str, **extra: Any) -> None:
        yesterday = Func(day, template="(%(expressions)s - 1)", output_field=DateField())
        super().__init__(yesterday, 1, code, **extra)


@cache
def _array(code: str) -> str:
    return "'{" + ",".join(map(str, working_days(code))) + "}'::date[]"
