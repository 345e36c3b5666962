"""Spans of days as the law counts them: half-open, joined, cut, and laid out from a season. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

ONE_DAY = dt.timedelta(days=1)
BEGINNING = dt.date(1900, 1, 1)
"""Stands for the first day of something whose first day nobody gave."""


@dataclass(frozen=True, order=True)
class Span:
    """The days from `start` up to, but not including, `end`; an `end` of None never comes."""

    start: dt.date
    end: dt.date | None = None

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def __str__(self) -> str:
        if self.start == BEGINNING:
            return "all days" if self.end is None else f"until {self.end - ONE_DAY}"
        return f"from {self.start}" if self.end is None else f"{self.start} to {self.end - ONE_DAY}"

    def cut(self, other: "Span") -> "Span | None":
        """The days that both have, or None."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends) if ends else None
        return Span(start, end) if end is None or start < end else None


ALWAYS = Span(BEGINNING)


def span_of_law(first: dt.date, last: dt.date | None) -> Span:
    """The law says “from 1 January until 31 December”, and means both days; this is the one place that converts it."""
    return Span(first, last + ONE_DAY if last is not None else None)


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same days in as few spans as possible, in order."""
    whole: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if whole and (whole[-1].end is None or span.start <= whole[-1].end):
            last = whole.pop()
            open_ended = last.end is None or span.end is None
            whole.append(Span(last.start, None if open_ended else max(last.end, span.end)))  # type: ignore[type-var]
        else:
            whole.append(span)
    return whole


def overlapping(spans: Iterable[Span]) -> tuple[Span, Span] | None:
    """The first two spans that share a day, or None."""
    ordered = sorted(spans, key=lambda span: span.start)
    for earlier, later in pairwise(ordered):
        if earlier.cut(later):
            return earlier, later
    return None


@dataclass(frozen=True)
class MonthDay:
    """One day of every year; 29 February is not one."""

    month: int
    day: int

    def in_year(self, year: int) -> dt.date:
        return dt.date(year, self.month, self.day)

    def __str__(self) -> str:
        return self.in_year(2001).strftime("%-d %B")


@dataclass(frozen=True)
class Season:
    """The same stretch of every year, both days included; it may run over New Year. Its days are days of `zone`."""

    first: MonthDay
    last: MonthDay
    zone: str

    def __contains__(self, day: dt.date) -> bool:
        first, last, here = (self.first.month, self.first.day), (self.last.month, self.last.day), (day.month, day.day)
        return first <= here <= last if first <= last else here >= first or here <= last

    def __str__(self) -> str:
        return f"each {self.first} to {self.last}, days of {self.zone}"

    def laid_out(self, within: Span) -> list[Span]:
        """The season year by year, cut to `within`, which must end."""
        if within.end is None:
            raise ValueError("A season that never ends cannot be laid out year by year.")
        over_new_year = (self.first.month, self.first.day) > (self.last.month, self.last.day)
        spans = (
            span_of_law(self.first.in_year(year), self.last.in_year(year + 1 if over_new_year else year)).cut(within)
            for year in range(within.start.year - 1, within.end.year + 1)
        )
        return joined(span for span in spans if span is not None)
