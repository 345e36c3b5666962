"""Each warning fires at its trigger and is silent just below it; its words hold the figures; its page explains it."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.estimates import headline_notices, input_notices, model_notices
from compliance.estimates.bounds import Convexity
from compliance.estimates.context import Context
from compliance.estimates.diagnostics import (
    NAMES,
    PAGE,
    SERIOUS,
    Notice,
    Thresholds,
    chance_words,
    figure,
    in_order,
    no_point,
    notice,
    spoken,
)
from compliance.estimates.linkage import Review
from compliance.estimates.results import Interval
from compliance.estimates.tables import Table

DAY = dt.date(2026, 11, 28)


def two(only_a: int, only_b: int, both: int) -> Table:
    return Table.of(("a", "b"), [((1, 0), only_a), ((0, 1), only_b), ((1, 1), both)])


def between(low: float, high: float) -> Interval:
    return Interval(low, high, "profile")


def matched(found: int | None, false_links: int = 0, by_model: float | None = None) -> Notice | None:
    """W13 for a review of 1,000 true and 1,000 different pairs, or of none."""
    review = None if found is None else Review(found, 1000 - found, false_links, 1000)
    context = Context(review=review, by_model=by_model)
    return headline_notices.linkage(context.matching(), context)


# (code, what makes it fire, what is just below the trigger).
TRIGGERS: list[tuple[str, Callable[[], Notice | None], Callable[[], Notice | None]]] = [
    ("W01", lambda: input_notices.too_few(29, {"a": 10}), lambda: input_notices.too_few(30, {"a": 10})),
    (
        "W01",
        lambda: input_notices.too_few(30, {"a": 10, "b": 9}),
        lambda: input_notices.too_few(30, {"a": 10, "b": 10}),
    ),
    ("W02", lambda: model_notices.small_overlap(6), lambda: model_notices.small_overlap(7)),
    ("W03", lambda: input_notices.zero_overlap(two(40, 30, 0)), lambda: input_notices.zero_overlap(two(40, 30, 1))),
    (
        "W04",
        lambda: input_notices.structural_zero("register", ["seizure"]),
        lambda: input_notices.structural_zero("register", []),
    ),
    ("W05", lambda: model_notices.no_estimate({"[12]": "no_mle"}, 8), lambda: model_notices.no_estimate({}, 8)),
    (
        "W06",
        lambda: model_notices.dependent_by_rates({"a": (30, 100), "b": (48, 100)}),
        lambda: model_notices.dependent_by_rates({"a": (30, 100), "b": (47, 100)}),
    ),
    (
        "W06",
        lambda: model_notices.dependent_by_terms({"a and b": -2.01}),
        lambda: model_notices.dependent_by_terms({"a and b": -2.0}),
    ),
    (
        "W07",
        lambda: model_notices.unstable(1000, 1501, 3, 1200, 1200),
        lambda: model_notices.unstable(1000, 1500, 3, 1200, 1200),
    ),
    (
        "W07",
        lambda: model_notices.unstable(1510, 1510, 1, 1510, 1000),
        lambda: model_notices.unstable(1490, 1490, 1, 1490, 1000),
    ),
    (
        "W07",
        lambda: model_notices.unstable(1000, 1000, 1, 1000, 1510),
        lambda: model_notices.unstable(1000, 1000, 1, 1000, 1490),
    ),
    (
        "W08",
        lambda: model_notices.imprecise(200, 10, between(100, 301)),
        lambda: model_notices.imprecise(200, 10, between(100, 300)),
    ),
    ("W08", lambda: model_notices.imprecise(200, 101, None), lambda: model_notices.imprecise(200, 100, None)),
    (
        "W09",
        lambda: model_notices.heterogeneous(1101, 1000, None),
        lambda: model_notices.heterogeneous(1100, 1000, None),
    ),
    (
        "W09",
        lambda: model_notices.heterogeneous(None, None, Convexity((), 0.201, 0.1, convex=True)),
        lambda: model_notices.heterogeneous(None, None, Convexity((), 0.2, 0.1, convex=True)),
    ),
    ("W10", lambda: model_notices.low_coverage(0.55), lambda: model_notices.low_coverage(0.56)),
    # The 99 % point of chi-square on 5 degrees of freedom is 15.086.
    ("W11", lambda: model_notices.poor_fit("[12]", 15.09, 5), lambda: model_notices.poor_fit("[12]", 15.08, 5)),
    ("W11", lambda: model_notices.poor_fit("[12]", 99, 5), lambda: model_notices.poor_fit("[12]", 99, 4)),
    (
        "W12",
        lambda: model_notices.list_influence(1000, {"a": 499}),
        lambda: model_notices.list_influence(1000, {"a": 500}),
    ),
    ("W13", lambda: matched(949, 0), lambda: matched(950, 1)),
    ("W13", lambda: matched(1000, 2), lambda: matched(1000, 1)),
    ("W13", lambda: matched(None), lambda: matched(1000, 0)),
    ("W13", lambda: matched(None, by_model=0.001), lambda: matched(None, by_model=0.0)),
    ("B13", lambda: input_notices.sizes_allotted(1), lambda: input_notices.sizes_allotted(0)),
    ("B14", lambda: input_notices.sizes_unknown(11, 100), lambda: input_notices.sizes_unknown(10, 100)),
    (
        "W14",
        lambda: headline_notices.sources_disagree(between(100, 200), between(201, 300)),
        lambda: headline_notices.sources_disagree(between(100, 200), between(200, 300)),
    ),
    ("W15", lambda: headline_notices.borrowed(0.49), lambda: headline_notices.borrowed(0.5)),
    (
        "W16",
        lambda: headline_notices.provisional(dt.date(2026, 10, 31), DAY),
        lambda: headline_notices.provisional(dt.date(2026, 9, 30), DAY),
    ),
    ("W17", lambda: model_notices.one_inflation(40, 3.01), lambda: model_notices.one_inflation(40, 3.0)),
    (
        "W18",
        lambda: headline_notices.illustrative(dt.date(2025, 11, 28), DAY),
        lambda: headline_notices.illustrative(dt.date(2025, 11, 29), DAY),
    ),
    ("W18", lambda: headline_notices.illustrative(None, DAY), lambda: headline_notices.illustrative(DAY, DAY)),
]


@pytest.mark.parametrize(("code", "fires", "silent"), TRIGGERS)
def test_a_warning_fires_at_its_trigger_and_is_silent_just_below_it(
    code: str, fires: Callable[[], Notice | None], silent: Callable[[], Notice | None]
) -> None:
    found = fires()
    assert found is not None
    assert (found.code, found.name) == (code, NAMES[code])
    assert found.message[-1] in ".!"
    assert Notice.from_json(found.to_json()) == found
    assert silent() is None


def test_every_warning_of_the_method_has_a_trigger_that_is_tested() -> None:
    assert {code for code, _, _ in TRIGGERS if code[0] == "W"} == {code for code in NAMES if code[0] == "W"}
    assert len([code for code in NAMES if code[0] == "W"]) == 18


@pytest.mark.parametrize(
    ("code", "table"),
    [
        ("B01", two(0, 0, 0)),
        ("B02", Table.of(("a",), [((1,), 500)])),
        ("B03", two(40, 0, 30)),
        ("B04", two(0, 0, 70)),
        ("B05", Table.of(("a", "b", "c"), [((1, 0, 0), 40), ((0, 1, 0), 30), ((1, 1, 0), 20)])),
        ("B06", two(400, 300, 1_000_000)),
    ],
)
def test_a_table_that_is_no_good_is_said_to_be_so(code: str, table: Table) -> None:
    assert code in {each.code for each in input_notices.of_table(table)}
    assert not {each.code for each in input_notices.of_table(two(400, 300, 99))}


def test_rows_and_lists_that_are_merged_or_left_out_are_said() -> None:
    assert input_notices.repeated_rows(0) is input_notices.repeated_units(0) is input_notices.lists_left_out([]) is None
    for code, found in (
        ("B07", input_notices.repeated_rows(2)),
        ("B08", input_notices.repeated_units(1)),
        ("B09", input_notices.lists_left_out(["pool"])),
    ):
        assert found is not None
        assert (found.code, found.serious) == (code, False)


def test_there_is_no_point_estimate_with_a_serious_warning() -> None:
    assert {"W01", "W07", "W08", "W14"} <= SERIOUS
    assert no_point([notice("W07", "It depends.")])
    assert not no_point([notice("W03", "Never together."), notice("W11", "No fit.")])
    some, every = (model_notices.no_estimate({"[12]": "no_mle"}, tried) for tried in (8, 1))
    assert some is not None
    assert every is not None
    assert (some.serious, every.serious) == (False, True)


def test_models_are_told_by_the_names_of_their_lists() -> None:
    lists = ("grid", "pool", "police")
    none = model_notices.no_estimate({"[12]": "no_mle", "[12,13]": "no_mle"}, 8, lists)
    poor = model_notices.poor_fit("[23]", 99, 5, lists=lists)
    independent = model_notices.poor_fit("[]", 99, 5, lists=lists)
    assert none is not None
    assert poor is not None
    assert independent is not None
    assert "no maximum of the likelihood: grid with pool; grid with pool, grid with police)" in none.message
    assert poor.message.startswith("The model (pool with police) does not describe")
    assert "(independent lists)" in independent.message
    assert (set(none.facts["models"]), poor.facts["model"]) == ({"[12]", "[12,13]"}, "[23]")


def test_the_eighteen_come_first_and_nothing_twice() -> None:
    given = [notice("B03", "x"), notice("W11", "y"), None, notice("W03", "z"), notice("B03", "x")]
    assert [each.code for each in in_order(given)] == ["W03", "W11", "B03"]


def test_the_range_of_an_unstable_figure_holds_the_models_that_disagree() -> None:
    kosovo = model_notices.unstable(14342, 14342, 1, 14342, 7395)
    assert kosovo is not None
    assert (kosovo.facts["low"], kosovo.facts["high"]) == (7395, 14342)
    western = model_notices.unstable(1596, 5954, 81, 2483, 2007)
    assert western is not None
    assert (western.facts["low"], western.facts["high"]) == (1596, 5954)


def test_a_threshold_can_be_set_and_an_unknown_one_is_refused() -> None:
    assert model_notices.small_overlap(7, Thresholds(w02_overlap=8)) is not None
    limits = Thresholds(w07_ratio=2.0)
    assert Thresholds.from_json(limits.to_json()) == limits
    with pytest.raises(ValueError, match="no threshold w99"):
        Thresholds.from_json({"w99": 1})


def test_shares_that_leave_nothing_to_test_are_not_tested() -> None:
    for shares in ({"a": (3, 10)}, {"a": (0, 10), "b": (0, 20)}, {"a": (10, 10), "b": (20, 20), "c": (0, 0)}):
        assert model_notices.dependent_by_rates(shares) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [(12345.6, "12,346"), (34.56, "34.6"), (12, "12"), (0.474, "0.47"), (0.00123, "0.0012"), (3, "3")],
)
def test_figures_are_rounded_for_reading(value: float, words: str) -> None:
    assert figure(value) == words


def test_names_are_told_as_people_say_them() -> None:
    assert [spoken(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_the_page_explains_every_code_under_the_address_that_the_notice_gives() -> None:
    text = (Path(__file__).parents[3] / PAGE).read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^a-z0-9-]", "", heading.lower().replace(" ", "-")) for heading in re.findall(r"^#+ (.+)$", text, re.M)
    }
    for code in NAMES:
        assert notice(code, "x").doc.split("#")[1] in anchors, code


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0099, "10 of 1,000 cases"), (0.001, "1 of 1,000 cases"), (0.00099, "fewer than 1 of 1,000 cases")],
)
def test_chance_is_told_in_cases(p: float, words: str) -> None:
    assert chance_words(p) == words
