"""Spans and seasons: laid out year by year, they cover day by day exactly what the law says."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.law.periods import MonthDay, Season, Span, joined, overlapping, span_of_law

ZONE = "Asia/Irkutsk"
EARLIEST, LATEST = dt.date(2019, 1, 1), dt.date(2032, 12, 31)

month_days = st.dates(dt.date(2001, 1, 1), dt.date(2001, 12, 31)).map(lambda day: MonthDay(day.month, day.day))
spans = st.tuples(st.dates(EARLIEST, LATEST), st.integers(1, 2000)).map(
    lambda pair: Span(pair[0], pair[0] + dt.timedelta(days=pair[1]))
)


def days_around(span: Span) -> list[dt.date]:
    assert span.end is not None
    count = (span.end - span.start).days
    return [span.start + dt.timedelta(days=number) for number in range(-400, count + 400)]


@given(first=month_days, last=month_days, within=spans)
def test_season_covers_exactly_the_days_that_its_rule_names_when_laid_out(
    first: MonthDay, last: MonthDay, within: Span
) -> None:
    season = Season(first, last, ZONE)

    laid_out = season.laid_out(within)

    assert overlapping(laid_out) is None
    for day in days_around(within):
        assert sum(day in span for span in laid_out) == (day in within and day in season), day


@given(st.lists(spans, max_size=6))
def test_joined_spans_have_the_same_days_and_do_not_touch(several: list[Span]) -> None:
    whole = joined(several)

    assert all(earlier.end is not None and earlier.end < later.start for earlier, later in pairwise(whole))
    for edge in {day for span in several for day in (span.start, span.end) if day}:
        for day in (edge - dt.timedelta(days=1), edge):
            assert any(day in span for span in whole) == any(day in span for span in several)


@given(spans, spans)
def test_cut_has_the_days_that_both_spans_have(one: Span, other: Span) -> None:
    cut = one.cut(other)

    for edge in (one.start, one.end, other.start, other.end):
        assert edge is not None
        for day in (edge - dt.timedelta(days=1), edge):
            assert (cut is not None and day in cut) == (day in one and day in other)


def test_both_days_count_when_the_law_says_from_until() -> None:
    winter = span_of_law(dt.date(2025, 1, 1), dt.date(2025, 3, 15))

    assert dt.date(2025, 1, 1) in winter
    assert dt.date(2025, 3, 15) in winter
    assert dt.date(2025, 3, 16) not in winter
    assert str(winter) == "2025-01-01 to 2025-03-15"


def test_span_has_every_later_day_when_the_law_gives_no_end() -> None:
    assert dt.date(2999, 1, 1) in span_of_law(dt.date(2024, 11, 1), None)


def test_season_is_one_span_when_it_lasts_the_whole_year() -> None:
    always = Season(MonthDay(1, 1), MonthDay(12, 31), ZONE)

    assert always.laid_out(span_of_law(dt.date(2025, 1, 1), dt.date(2027, 12, 31))) == [
        span_of_law(dt.date(2025, 1, 1), dt.date(2027, 12, 31))
    ]


def test_season_is_refused_when_it_never_ends() -> None:
    with pytest.raises(ValueError, match="never ends"):
        Season(MonthDay(11, 15), MonthDay(3, 15), ZONE).laid_out(Span(dt.date(2025, 1, 1)))
