"""The chart of a table's report: every estimator is named, bounds and open intervals point on, nothing is fetched."""

import re
from xml.etree import ElementTree

import pytest

from compliance.estimates.table_report import repeats_report, table_report
from compliance.estimates.tables import Table
from compliance.reports.estimate_charts import forest_svg
from tests.published.published import table


def words(text: str) -> set[str]:
    return {"".join(each.itertext()) for each in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize("name", ["kosovo", "r_users", "western", "artificial"])
def test_every_estimator_is_named_with_what_is_published_and_the_warnings(name: str) -> None:
    report = table_report(table(name)).to_json()
    shown = words(forest_svg(report))
    for row in report["estimates"]:
        assert any(each.startswith(row["method"]) for each in shown), row["method"]
    assert report["headline"]["sentence"].split(";")[0] in " ".join(shown)
    assert any("W07" in each for each in shown)
    assert "leads" in shown


def test_an_estimator_without_a_figure_is_said_to_have_none() -> None:
    assert "no estimate" in words(forest_svg(table_report(table("kosovo")).to_json()))


def test_figures_that_lie_far_apart_have_a_logarithmic_axis() -> None:
    assert "operations (logarithmic)" in words(forest_svg(table_report(table("r_users")).to_json()))
    assert "operations" in words(forest_svg(table_report(table("spina")).to_json()))


@pytest.mark.parametrize(
    "report",
    [
        repeats_report({1: 1645, 2: 183, 3: 37}),
        repeats_report({}),
        table_report(Table.of(("a", "b"), [])),
        table_report(Table.of(("a", "b"), [((1, 1), 9)])),
        table_report(Table.of(("<a>", '"&b'), [((1, 0), 40), ((0, 1), 30), ((1, 1), 12)]), register="<a>"),
    ],
)
def test_any_report_is_drawn(report: object) -> None:
    text = forest_svg(report.to_json())  # type: ignore[attr-defined]
    ElementTree.fromstring(text)
    assert not re.search(r'(href|src)="http', text)
