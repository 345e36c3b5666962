"""Charts of runs: an interval per row, months with a band, and words where there is nothing to draw."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest

from compliance.reports.charts.intervals import Month, Span, intervals_svg, months_svg


def words(svg: str) -> str:
    return " ".join(text for text in ElementTree.fromstring(svg).itertext())


@pytest.mark.parametrize("width", [330, 480, 760])
def test_each_row_has_its_name_and_its_interval_in_words(width):
    drawn = words(intervals_svg([Span("15 to 150 kW", 0.3, 0.24, 0.381), Span("R & <D>", None, 0.1, 0.9)], width=width))
    assert "15 to 150 kW" in drawn
    assert "24 to 38" in drawn
    assert "R & <D>" in drawn


def test_nothing_to_draw_is_said():
    assert "None of these has an interval." in words(intervals_svg([Span("x", None, None, None)]))
    assert "No month of this run has a figure." in words(months_svg([]))


def test_months_without_a_figure_leave_a_gap():
    months = [
        Month("2026-08-01", 0.3, 0.2, 0.4, 0.31, 0.25, 0.37, False),
        Month("2026-09-01", None, None, None, 0.31, 0.25, 0.37, False),
        Month("2026-10-01", 0.33, 0.2, 0.4, 0.31, 0.25, 0.37, True),
    ]
    drawn = words(months_svg(months))
    assert "smoothed over time" in drawn
    assert "each window by itself" in drawn


@pytest.mark.parametrize("width", [330, 760])
@pytest.mark.parametrize("count", [1, 2, 4, 13, 36])
def test_no_label_of_a_month_is_repeated_and_the_last_month_has_one(count, width):
    days = [dt.date(2023 + at // 12, at % 12 + 1, 1) for at in range(count)]
    months = [Month(day.isoformat(), 0.3, 0.2, 0.4, 0.31, 0.25, 0.37, False) for day in days]
    labels = re.findall(r"[A-Z][a-z]{2} \d{4}", words(months_svg(months, width=width)))
    assert len(labels) == len(set(labels))
    assert f"{days[-1]:%b %Y}" in labels
    assert len(labels) >= min(count, 2)
