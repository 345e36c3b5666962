"""The report of a table: no table crashes it, order changes nothing, and every line has a figure or a reason."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from compliance.estimates.bootstrap import percentile, replicates
from compliance.estimates.repeats import RepeatsRefused
from compliance.estimates.table_report import repeats_report, table_report
from compliance.estimates.tables import Table
from tests.published.published import table

# Shrinking a table costs a report each time; the table that failed is small enough to read.
FAST = (Phase.explicit, Phase.generate)
COUNTS = st.sampled_from([0, 0, 0, 1, 2, 7, 30, 500, 10**4, 10**9])


@st.composite
def tables(draw: Any, most: int = 4) -> Table:
    lists = draw(st.integers(1, most))
    counts = draw(st.lists(COUNTS, min_size=2**lists - 1, max_size=2**lists - 1))
    return Table(tuple("ABCDE"[:lists]), np.array(counts, dtype=np.int64))


def sound(document: dict[str, Any]) -> None:
    """Every line has a figure or a reason, and nothing in it is no figure."""
    json.dumps(document, allow_nan=False)
    assert document["headline"]["sentence"]
    for row in document["estimates"]:
        assert row["N"] is not None or row["why_none"] or row["interval"], row
        if row["interval"] is not None and row["interval"]["high"] is not None:
            assert row["interval"]["low"] <= row["interval"]["high"]
    serious = any(each["serious"] for each in document["warnings"])
    assert document["headline"]["N"] is None or not serious
    if document["headline"]["status"] == "range":
        assert document["headline"]["published"] is not None


@given(found=tables())
@settings(max_examples=30, phases=FAST)
def test_any_table_gives_figures_or_reasons(found: Table) -> None:
    sound(table_report(found).to_json())


FAR_APART: list[tuple[str, dict[int, int]]] = [
    # 1 and 10^12 in one table: errors of coefficients are lost in rounding, and the likelihood of a profile trembles.
    (
        "ABCDEF",
        {
            6: 1,
            7: 1,
            8: 60,
            10: 5,
            15: 1,
            19: 400,
            21: 1,
            26: 3,
            31: 3,
            35: 10**5,
            40: 10**12,
            45: 1,
            46: 10**5,
            49: 12,
            50: 1,
            53: 1,
            58: 10**12,
            60: 3,
            61: 5,
        },
    ),
    ("ABCD", {1: 12, 2: 10**8, 4: 400, 7: 12, 10: 1, 11: 3, 12: 10**12, 14: 3, 15: 10**12}),
    ("ABCDE", {2: 60, 3: 1, 5: 2, 6: 1, 8: 12, 12: 1, 16: 400, 18: 3, 20: 10**5, 23: 5, 24: 10**12, 29: 10**5, 30: 1}),
    # The spread of a normal distribution runs off, and with it exponentials.
    ("ABCDEF", {8: 5, 11: 400, 12: 5, 13: 400, 29: 3, 33: 400, 48: 60, 51: 10**5}),
    # Fitted means so near 0 that they are kept as 0.
    ("ABCDEFGH", {45: 1, 78: 60, 98: 5, 100: 60, 129: 10**8, 139: 60, 146: 60, 180: 10**5, 190: 12}),
]
"""Names of lists, and counts by code of the history; of the others nobody has any."""


@pytest.mark.parametrize(("names", "counts"), FAR_APART)
def test_counts_that_lie_far_apart_break_nothing(names: str, counts: dict[int, int]) -> None:
    found = Table.of_histories(tuple(names), counts)
    sound(table_report(found, register="A" if found.k == 4 else "").to_json())


@given(found=tables(), seed=st.integers(0, 99))
@settings(max_examples=10, phases=FAST)
def test_any_table_with_a_register_gives_figures_or_reasons(found: Table, seed: int) -> None:
    last = found.lists[-1]
    conditional = [last] if found.k > 1 else []
    sound(table_report(found, register="A", conditional=conditional, seed=seed, bootstrap=3).to_json())


@given(counts=st.dictionaries(st.integers(1, 40), COUNTS, max_size=8))
@settings(max_examples=30, phases=FAST)
def test_any_counts_of_repeats_give_figures_or_reasons(counts: dict[int, int]) -> None:
    sound(repeats_report(counts).to_json())


@pytest.mark.parametrize("data", ["kosovo", "spina", "western"])
def test_the_order_of_the_lists_changes_nothing(data: str) -> None:
    found = table(data)
    turned = found.only(found.lists[::-1])
    one, other = table_report(found).to_json(), table_report(turned).to_json()
    assert one["n"] == other["n"]
    assert [each["code"] for each in one["warnings"]] == [each["code"] for each in other["warnings"]]
    # Behavioural models read the lists as occasions in their order, and names of models and pairs turn with them.
    told = {each["method"]: each["N"] for each in other["estimates"]}
    for row in one["estimates"]:
        if row["group"] != "pair" and row["method"] not in ("Mb", "Mbh") and row["N"] is not None:
            assert told[row["method"]] == pytest.approx(row["N"], rel=1e-6), row["method"]


@given(found=tables(3), order=st.randoms(use_true_random=False))
@settings(max_examples=8, phases=FAST)
def test_the_order_of_the_rows_changes_nothing(found: Table, order: Any) -> None:
    rows = [(tuple(int(bit) for bit in bits), int(count)) for bits, count in zip(found.bits, found.counts, strict=True)]
    order.shuffle(rows)
    assert table_report(Table.of(found.lists, rows)) == table_report(found)


def test_the_bootstrap_repeats_the_selection_and_the_wider_interval_is_published() -> None:
    found = table("spina")
    plain, redrawn = table_report(found), table_report(found, seed=7, bootstrap=200)
    expected = percentile(replicates(found, seed=[7], first=0, count=200, selection=True))
    row = next(each for each in redrawn.rows if each.estimate.method.startswith("bootstrap"))
    assert row.estimate.interval == expected
    assert redrawn.headline.interval is not None
    assert plain.headline.interval is not None
    assert redrawn.headline.interval.high - redrawn.headline.interval.low >= max(
        expected.high - expected.low, plain.headline.interval.high - plain.headline.interval.low
    )
    assert table_report(found, seed=7, bootstrap=200) == redrawn


def test_two_lists_have_a_bootstrap_of_their_own() -> None:
    found = Table.of(("a", "b"), [((1, 0), 781), ((0, 1), 254), ((1, 1), 167)])
    told = table_report(found, bootstrap=100)
    assert any(each.estimate.method.startswith("bootstrap") for each in told.rows)


def test_a_list_of_the_unregistered_alone_is_kept_out_of_the_models_of_all_lists() -> None:
    found = Table.of(
        ("register", "seizure", "grid", "pool"),
        [
            ((1, 0, 0, 0), 200), ((1, 0, 1, 0), 40), ((1, 0, 0, 1), 40), ((1, 0, 1, 1), 20),
            ((0, 1, 0, 0), 60), ((0, 0, 1, 0), 200), ((0, 0, 0, 1), 200), ((0, 0, 1, 1), 80),
            ((0, 1, 1, 0), 30), ((0, 1, 0, 1), 30), ((0, 1, 1, 1), 15),
        ],
    )  # fmt: skip
    told = table_report(found, register="register", conditional=["seizure"])
    assert not [each for each in told.rows if "seizure" in each.estimate.method]
    assert "W04" in {each.code for each in told.notices}
    assert told.registration is not None
    assert told.headline.rate == told.registration.rate
    assert told.rows[0].estimate.method == "partition by registration"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"register": "nobody"}, "There is no list nobody; the lists are "),
        ({"conditional": ["rehab"]}, "Name the register too"),
        ({"register": "rehab", "random": ["rehab"]}, "can be neither"),
    ],
)
def test_options_that_name_no_list_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        table_report(table("spina"), **options)


def test_every_estimator_says_what_else_it_is_called_or_where_it_is_from() -> None:
    reports = [table_report(table(name)) for name in ("kosovo", "spina", "artificial")]
    reports += [
        table_report(Table.of(("a", "b"), [((1, 0), 30), ((0, 1), 20), ((1, 1), 9)])),
        repeats_report({1: 9, 2: 3}),
    ]
    for report in reports:
        for row in report.to_json()["estimates"]:
            named = row["group"] in ("pair", "without a list") or row["method"] == "95 % model set"
            assert row["note"] or named, row["method"]
    average = next(row for row in reports[0].to_json()["estimates"] if row["method"] == "BIC average")
    assert average["note"].endswith("Over 64 models.")


def test_one_list_says_what_it_would_need() -> None:
    told = table_report(Table.of(("grid",), [((1,), 500)]))
    assert told.headline.status == "none"
    assert "second list" in told.headline.sentence
    assert told.headline.at_least == 500


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(RepeatsRefused):
        repeats_report({0: 4})


def test_repeats_that_the_estimators_disagree_on_are_a_range() -> None:
    # Dutch illegal immigrants: Poisson 7,080, Chao 9,274, one-inflated 5,317.
    counts = {1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}
    told = repeats_report(counts)
    assert {"W07", "W17"} <= {each.code for each in told.notices}
    assert told.headline.n is None
    assert told.headline.published is not None
    assert told.headline.published.low < 5400 < 9200 < told.headline.published.high
