"""The doubly robust estimate: sums of stratified two-list estimates, right when chances are, and what is refused."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.estimates.doubly_robust import CellsRefused, doubly_robust, saturated, standard_error
from compliance.estimates.two_lists import lincoln_petersen

cells = st.lists(
    st.tuples(st.integers(1, 10**4), st.integers(0, 10**4), st.integers(0, 10**4)).map(
        lambda one: (one[0] + one[1], one[0] + one[2], one[0])
    ),
    min_size=1,
    max_size=8,
)


@given(kinds=cells)
def test_kinds_add_up_to_the_sum_of_their_two_list_estimates(kinds: list[tuple[int, int, int]]) -> None:
    found = saturated(kinds)
    parts = [lincoln_petersen(*kind) for kind in kinds]
    assert found.estimate.n == pytest.approx(sum(part.n or 0 for part in parts))


def people(kinds: list[tuple[int, int, int]]) -> tuple[Any, ...]:
    """One row for every operation, with the chances of its kind."""
    rows = []
    for n1, n2, m in kinds:
        seen = n1 + n2 - m
        for y1, y2, count in ((1, 0, n1 - m), (0, 1, n2 - m), (1, 1, m)):
            rows += [(y1, y2, n1 / seen, n2 / seen, m / seen)] * count
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def test_chances_given_by_row_are_the_same_as_kinds() -> None:
    kinds = [(60, 50, 20), (200, 30, 12), (15, 80, 9)]
    by_row, by_kind = doubly_robust(*people(kinds)), saturated({"a": kinds[0], "b": kinds[1], "c": kinds[2]})
    assert by_row.estimate.n == pytest.approx(by_kind.estimate.n)
    assert by_row.estimate.se == pytest.approx(by_kind.estimate.se)
    assert (by_row.psi, by_row.sigma) == (pytest.approx(by_kind.psi), pytest.approx(by_kind.sigma))
    assert by_row.floored == 0


def test_the_error_of_one_kind_is_close_to_that_of_two_lists() -> None:
    found, plain = saturated([(948, 421, 167)]).estimate, lincoln_petersen(948, 421, 167)
    assert (found.n, found.se) == (pytest.approx(plain.n), pytest.approx(plain.se, rel=1e-3))


def test_it_is_right_when_one_chance_is_wrong_and_the_product_form_is_not() -> None:
    """With the right q1 and q12, a wrong q2 leaves the estimate near the truth."""
    rng = np.random.default_rng(np.random.SeedSequence(9))
    large = rng.random(60_000) < 0.3
    p1, p2 = np.where(large, 0.6, 0.2), np.where(large, 0.5, 0.25)
    y1, y2 = rng.random(60_000) < p1, rng.random(60_000) < p2
    seen = y1 | y2
    either = p1 + p2 - p1 * p2
    q1, q2, q12 = (p1 / either)[seen], (p2 / either)[seen], (p1 * p2 / either)[seen]
    args = (y1[seen].astype(int), y2[seen].astype(int))
    found = doubly_robust(*args, q1, q2, q12)
    assert found.estimate.interval is not None
    assert found.estimate.interval.low < 60_000 < found.estimate.interval.high
    naive = lincoln_petersen(int(y1.sum()), int(y2.sum()), int((y1 & y2).sum()))
    assert (naive.n or 0) < 0.95 * 60_000
    noisy = doubly_robust(*args, q1, np.clip(q2 * 1.05, 0, 1), q12)
    assert noisy.estimate.n == pytest.approx(60_000, rel=0.05)


def test_chances_below_the_floor_are_moved_and_counted() -> None:
    found = doubly_robust([1, 1, 0], [1, 0, 1], [0.7, 0.7, 0.7], [0.6, 0.6, 0.6], [0.3, 0.3, 0.001], floor=0.01)
    assert found.floored == 1


def test_a_kind_without_overlap_gives_no_estimate() -> None:
    for found in (saturated([(10, 10, 5), (10, 10, 0)]), doubly_robust([1], [0], [1.0], [0.5], [0.0], floor=0)):
        assert found.estimate.n is None
        assert "overlap" in found.estimate.why_none or "never on both" in found.estimate.why_none


def test_nothing_seen_gives_no_estimate() -> None:
    assert saturated([]).estimate.why_none == "Nothing was seen."
    assert saturated([(0, 0, 0)]).estimate.n is None
    assert doubly_robust([], [], [], [], []).estimate.n is None


def test_chances_that_contradict_the_lists_give_no_estimate() -> None:
    found = doubly_robust([1, 1], [1, 1], [0.1, 0.1], [0.1, 0.1], [1.0, 1.0])
    assert found.estimate.n is None
    assert "contradict" in found.estimate.why_none


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (([1, 2], [1, 1], [1, 1], [1, 1], [1, 1]), "give 1 for every operation"),
        (([0, 1], [0, 1], [1, 1], [1, 1], [1, 1]), "on one of the two lists"),
        (([1, 1], [1, 1], [1, 2], [1, 1], [1, 1]), "q1: give a chance"),
        (([1, 1], [1, 1], [1, 1], [1], [1, 1]), "q2: give a chance"),
        (([1, 1], [1, 1], [1, 1], [1, 1], [math.nan, 1]), "q12: give a chance"),
    ],
)
def test_what_cannot_be_is_refused(args: Any, said: str) -> None:
    with pytest.raises(CellsRefused, match=said):
        doubly_robust(*args)


def test_overlaps_beyond_a_list_and_shares_beyond_one_are_refused() -> None:
    with pytest.raises(CellsRefused, match="at most the smaller"):
        saturated([(5, 5, 6)])
    with pytest.raises(ValueError, match="psi"):
        standard_error(100, 1.2, 1)
    with pytest.raises(CellsRefused, match="floor"):
        doubly_robust([1], [1], [1], [1], [1], floor=0.9)
