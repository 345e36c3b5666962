"""The periods that reports and levies are due for: when each begins and ends, and from which day on it is late."""

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import DateField, Func

from compliance.models import Norm
from compliance.models.fields import Days
from compliance.rules.ranges import Repeating
from compliance.rules.working_days import FIRST_YEAR, LAST_YEAR, working_day_from

MONTHS = {"month": 1, "quarter": 3, "year": 12}
NEXT_WORKING_DAY = "next_working_day"
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Term:
    """One calendar month, quarter or year, from `start` up to, but not including, `end`; late from `late_from` on."""

    start: dt.date
    end: dt.date
    late_from: dt.date

    @property
    def of_months(self) -> list[tuple[dt.date, dt.date]]:
        """The first day of each of its months, and the day after its last."""
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return [(month_after(self.start, number), month_after(self.start, number + 1)) for number in range(months)]


@dataclass(frozen=True)
class Terms:
    """Consecutive periods, and those of them that are overdue by some day unless something came in for them.

    The last of `every` is not overdue yet, so that each day from the first on falls into a period, or after all that
    matter. The days in `late` stand for the overdue periods: each for the one that is late from that day on.
    """

    months: int
    every: tuple[Term, ...]
    overdue: tuple[Term, ...]

    @property
    def late(self) -> Days:
        return Days(DateRange(term.late_from, term.late_from + ONE_DAY, "[)") for term in self.overdue)

    @property
    def overdue_starts(self) -> list[dt.date]:
        """The first days of the overdue periods; where there are none, a day that begins none."""
        return [term.start for term in self.overdue] or [dt.date.min]

    @property
    def starts(self) -> str:
        return date_array(term.start for term in self.every)

    @property
    def late_days(self) -> str:
        return date_array(term.late_from for term in self.every)


def date_array(days: Any) -> str:
    """Days as an array in the text of a statement."""
    return "'{" + ",".join(map(str, days)) + "}'::date[]"


def month_after(day: dt.date, number: int) -> dt.date:
    """The first day of the so-many-th month after the day's month."""
    count = day.year * 12 + day.month - 1 + number
    return dt.date(count // 12, count % 12 + 1, 1)


def term_of(norm: Norm, day: dt.date) -> Term:
    """The period of the norm that the day falls into."""
    parameters = norm.parameters
    months = MONTHS[parameters["period"]]
    start = dt.date(day.year, (day.month - 1) // months * months + 1, 1)
    end = month_after(start, months)
    due = parameters.get("due") or {"day": parameters["due_day"], "months_after": 1}
    month = month_after(end, due["months_after"] - 1)
    last = month.replace(day=min(due["day"], monthrange(month.year, month.month)[1]))
    if parameters.get("roll") == NEXT_WORKING_DAY:
        last = working_day_from(last, norm.pack.calendar)
    return Term(start, end, last + ONE_DAY)


def terms(norm: Norm, day: dt.date) -> Terms:
    """The periods of the norm that are overdue on the day: those that have a day on which it is law.

    They begin with the pack's `first_period`, where it names one; nothing was mined before 2009.
    """
    in_force: Days = norm.in_force or Days()
    beginning = dt.date(FIRST_YEAR, 1, 1)
    first = in_force[0].lower if in_force else None
    named = norm.parameters.get("first_period")
    earliest = max(first or beginning, dt.date.fromisoformat(named) if named else beginning, beginning)
    every = [term_of(norm, earliest)]
    while every[-1].late_from <= day:
        every.append(term_of(norm, every[-1].end))
    overdue = [term for term in every if term.late_from <= day and _touches(in_force, term)]
    return Terms(MONTHS[norm.parameters["period"]], tuple(every), tuple(overdue))


def terms_within(norm: Norm, first: dt.date, last: dt.date) -> list[Term]:
    """The periods of the norm that begin from the first to the last day and have a day on which it is law."""
    found = []
    term = term_of(norm, max(first, dt.date(FIRST_YEAR, 1, 1)))
    while term.start <= min(last, dt.date(LAST_YEAR, 12, 31)):
        if term.start >= first and _touches(norm.in_force or Days(), term):
            found.append(term)
        term = term_of(norm, term.end)
    return found


def _touches(days: Days, term: Term) -> bool:
    return any((span.lower is None or span.lower < term.end) and (span.upper is None or span.upper > term.start)
               for span in days)  # fmt: skip


class MonthsLater(Func):
    """The first day of a later month; takes the first day of a month."""

    output_field = DateField()

    def __init__(self, month: Any, number: int, **extra: Any) -> None:
        super().__init__(month, **{"template": f"(%(expressions)s + interval '{number} months')::date", **extra})


class LateFrom(Func):
    """The day from which the period that begins on a day is late; null before the first period."""

    output_field = DateField()

    def __init__(self, month: Any, terms: Terms, **extra: Any) -> None:
        template = f"({terms.late_days})[width_bucket(%(expressions)s, {terms.starts})]"
        super().__init__(month, **{"template": template, **extra})


class LateDays(Repeating):
    """From the day on which the first period is late that a range of days touches, to that of the last."""

    output_field = DateRangeField()

    def __init__(self, span: Any, terms: Terms, **extra: Any) -> None:
        late, starts = terms.late_days, terms.starts
        template = (
            f"CASE WHEN upper(%(expressions)s) <= '{terms.every[0].start}' THEN 'empty'::daterange ELSE daterange("
            f"({late})[GREATEST(1, width_bucket(lower(%(expressions)s), {starts}))],"
            f" ({late})[width_bucket(upper(%(expressions)s) - 1, {starts})] + 1) END"
        )
        super().__init__(span, **{"template": template, **extra})

    def get_group_by_cols(self) -> list[Any]:
        """Nothing: it is asked of columns of the grouped row, or inside an aggregate."""
        return []
