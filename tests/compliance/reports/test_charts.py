"""The charts tell the truth: the whole scale, the claims beside the lines, and a sentence where there is nothing."""

import datetime as dt
import re
import xml.etree.ElementTree as ElementTree
from decimal import Decimal

import pytest

from compliance.estimates.waterfall import Quantity, Step
from compliance.reports.charts.claims import CLAIM_LEGEND
from compliance.reports.charts.estimates import ESTIMATE_LEGEND
from compliance.reports.charts.exposure import exposure_chart_svg, money
from compliance.reports.charts.rates import rate_chart_svg
from compliance.reports.charts.waterfall import waterfall_chart_svg
from compliance.reports.pdf import BookAmounts, DayCounts, EstimatePoint, Statement


def counts(month: int, registered: int = 30) -> DayCounts:
    return DayCounts(dt.date(2026, month, 1), 100, registered, 80, registered, 50, 5)


def claim(said_by: str = "Ministry", low: str = "0.3", high: str = "0.3", unit: str = "share") -> Statement:
    return Statement(dt.date(2025, 6, 19), said_by, "registration_rate", unit, Decimal(low), Decimal(high))


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("text")]


def test_the_axis_runs_from_nothing_to_all_when_the_shares_are_small() -> None:
    shown = texts(rate_chart_svg([counts(1, 1), counts(2, 2)], []))
    assert {"0%", "100%"} <= set(shown)


def test_the_years_before_anybody_was_registered_are_left_out() -> None:
    years = [DayCounts(dt.date(year, 1, 1), 100, 0, 0, 0, 50, 0) for year in range(2010, 2026)]
    shown = texts(rate_chart_svg([*years, counts(1), counts(2)], []))
    assert not {text for text in shown if re.search(r"20(1\d|2[0-3])$", text)}
    assert {text for text in texts(rate_chart_svg(years, [])) if text.endswith("2012")}


def test_each_denominator_has_a_line_and_a_name() -> None:
    svg = rate_chart_svg([counts(1), counts(2)], [])
    assert {"of all on file", "of those obliged to register", "of operations sighted"} <= set(texts(svg))
    assert CLAIM_LEGEND not in texts(svg)


def test_claims_stand_beside_the_lines_with_who_said_them() -> None:
    svg = rate_chart_svg([counts(1)], [claim(), claim("Other <b>&", "0.2", "0.4")])
    assert {"30% Ministry", "20%–40% Other <b>&", CLAIM_LEGEND} <= set(texts(svg))


def test_a_claim_of_another_thing_is_not_drawn() -> None:
    assert "700% Ministry" not in " ".join(
        texts(rate_chart_svg([counts(1)], [claim(low="7", high="7", unit="miners")]))
    )


def test_labels_of_claims_do_not_cover_each_other() -> None:
    svg = rate_chart_svg([], [claim(f"Speaker {n}") for n in range(6)])
    places = re.findall(r"translate\(([-\d.]+),([-\d.]+)\)[^>]*>30% Speaker", svg)
    assert len(places) == 6
    assert len(set(places)) == 6


@pytest.mark.parametrize("svg", [rate_chart_svg([], []), exposure_chart_svg([])])
def test_a_chart_says_so_when_there_is_nothing_to_draw(svg: str) -> None:
    (sentence,) = texts(svg)
    assert sentence.startswith("No ")


def test_charts_take_the_pages_ink_and_have_no_ground_of_their_own() -> None:
    svg = rate_chart_svg([counts(1)], [claim()])
    assert "currentColor" in svg
    assert not re.search(r'fill="(white|#fff(fff)?)"', svg)


def test_exposure_of_one_currency_is_drawn_and_unpriced_books_are_left_out() -> None:
    svg = exposure_chart_svg(
        [
            BookAmounts("Law", "RUB", 10, Decimal("1000"), Decimal("2500000")),
            BookAmounts("Law", "", 4, None, None),
            BookAmounts("Kazakh law", "KZT", 2, Decimal("1"), Decimal("2")),
        ]
    )
    assert "1,000 – 2.50 M" in texts(svg)
    assert "Kazakh law" not in texts(svg)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "unknown"), (Decimal("999999"), "999,999"), (Decimal("12500000"), "12.5 M"), (Decimal("2E9"), "2.00 bn")],
)
def test_an_amount_reads_short(amount: Decimal | None, text: str) -> None:
    assert money(amount) == text


def test_estimates_stand_beside_the_lines_with_their_range_and_none_without_one() -> None:
    day = dt.date(2026, 2, 28)
    svg = rate_chart_svg([counts(1)], [], estimates=[EstimatePoint(day, 0.24, 0.38, 0.3, provisional=True)])
    assert ESTIMATE_LEGEND in texts(svg)
    nothing = rate_chart_svg([counts(1)], [], estimates=[EstimatePoint(day, None, None, None, provisional=False)])
    assert ESTIMATE_LEGEND not in texts(nothing)


def step(code: str, operations: Quantity, grade: str = "established") -> Step:
    return Step(code, code, "top", operations, Quantity.exactly(0), grade=grade)


def test_waterfall_says_ranges_and_what_is_not_known() -> None:
    parts = [
        step("in time", Quantity.exactly(1234)),
        step("hidden", Quantity(Decimal(90), Decimal(120), Decimal(180)), "illustrative"),
        step("range", Quantity(Decimal(5), None, Decimal(8), "depends on the model")),
        step("unseen", Quantity.unknown("no run")),
        step("more", Quantity.at_least(12, "not read")),
    ]
    for width in (900, 340):
        shown = texts(waterfall_chart_svg(step("top", Quantity.exactly(0)), parts, width=width))
        assert {"1,234", "120 (90 to 180)", "5 to 8", "not known", "at least 12", "illustrative"} <= set(shown)


def test_waterfall_of_nothing_is_a_sentence() -> None:
    assert texts(waterfall_chart_svg(step("Obliged", Quantity.exactly(0)), [step("a", Quantity.exactly(0))])) == [
        "Obliged: none."
    ]
