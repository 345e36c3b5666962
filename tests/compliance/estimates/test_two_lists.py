"""Two lists: what must hold for every overlap, the shares against scipy, and lists that allow no estimate."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2_contingency

from compliance.estimates.loglinear import fit
from compliance.estimates.poisson import multinomial_profile
from compliance.estimates.proportions import wilson
from compliance.estimates.tables import Table
from compliance.estimates.two_lists import (
    INTERVALS,
    chapman,
    homogeneity,
    lincoln_petersen,
    overlap,
    profile,
    sadinle,
    share_found,
)

pairs = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
"""Those on both, on the first alone and on the second alone."""


@given(cells=pairs)
def test_chapman_lies_between_the_union_and_the_estimate_without_correction(cells: tuple[int, int, int]) -> None:
    m, first, second = cells
    assume(m + first and m + second)
    found = chapman(m + first, m + second, m)
    plain = lincoln_petersen(m + first, m + second, m)
    assert found.n is not None
    assert found.n >= m + first + second - 1e-6 * found.n
    assert plain.n is None or found.n <= plain.n * (1 + 1e-12)


@given(cells=pairs)
def test_the_default_interval_never_falls_below_the_union(cells: tuple[int, int, int]) -> None:
    m, first, second = cells
    interval = sadinle(m + first, m + second, m)
    assert m + first + second <= interval.low <= interval.high


few = st.one_of(st.integers(0, 5), st.integers(0, 10**9))


@given(m=few, first=few, second=few)
def test_the_default_interval_holds_the_estimate(m: int, first: int, second: int) -> None:
    assume(m + first and m + second)
    for one in (chapman, lincoln_petersen):
        found = one(m + first, m + second, m)
        if found.n is not None:
            assert found.interval is not None
            assert found.interval.low <= found.n * (1 + 1e-9)
            assert found.n <= found.interval.high * (1 + 1e-9)


@given(cells=st.tuples(st.integers(1, 10**5), st.integers(0, 10), st.integers(0, 10)))
def test_nearly_equal_lists_leave_little_room_for_the_unseen(cells: tuple[int, int, int]) -> None:
    m, first, second = cells
    assume((first + 0.5) * (second + 0.5) < m + 0.5)
    seen = m + first + second
    assert seen <= sadinle(m + first, m + second, m).high <= seen + 40


@given(cells=st.tuples(st.integers(5, 300), st.integers(5, 300), st.integers(5, 300)))
@settings(max_examples=20)
def test_the_profile_is_that_of_the_log_linear_model(cells: tuple[int, int, int]) -> None:
    m, first, second = cells
    _, theirs = multinomial_profile([[1, 1, 0], [1, 0, 1], [1, 1, 1]], [first, second, m])
    ours = profile(m + first, m + second, m)
    assert theirs is not None
    assert ours.high == pytest.approx(theirs.high, abs=0.01)
    assert ours.low == pytest.approx(theirs.low, abs=0.01)


@given(cells=st.tuples(st.integers(1, 500), st.integers(1, 500), st.integers(1, 500)))
def test_lincoln_petersen_is_the_log_linear_model_of_two_lists(cells: tuple[int, int, int]) -> None:
    m, first, second = cells
    model = fit(Table(("a", "b"), np.array([first, second, m])))
    found = lincoln_petersen(m + first, m + second, m)
    assert (found.n, found.se) == (pytest.approx(model.n, rel=1e-7), pytest.approx(model.se, rel=1e-6))


@given(cells=st.tuples(st.integers(1, 10**4), st.integers(0, 10**4), st.integers(0, 10**4)))
def test_the_rate_needs_no_population(cells: tuple[int, int, int]) -> None:
    m, register_only, list_only = cells
    found, share = lincoln_petersen(m + register_only, m + list_only, m), share_found(m, m + list_only)
    assert found.n is not None
    assert share.rate == pytest.approx((m + register_only) / found.n)


def test_chapman_is_unbiased_where_the_lists_are_large_enough() -> None:
    """Every overlap of lists of 40 and 30 out of 60, weighted by its hypergeometric chance (here n1 + n2 ≥ N)."""
    population, n1, n2 = 60, 40, 30
    from_few = [_hypergeometric(population, n1, n2, m) for m in range(n2 + 1)]
    mean = sum(chance * (chapman(n1, n2, m).n or 0) for m, chance in enumerate(from_few) if chance)
    assert mean == pytest.approx(population, rel=1e-9)


def _hypergeometric(population: int, n1: int, n2: int, m: int) -> float:
    ratio = binom.pmf(m, n1, 0.5) * binom.pmf(n2 - m, population - n1, 0.5) if n2 - m <= population - n1 else 0.0
    return float(ratio / binom.pmf(n2, population, 0.5))


@pytest.mark.parametrize(("n1", "n2"), [(0, 0), (0, 50), (50, 0)])
def test_an_empty_list_gives_no_estimate(n1: int, n2: int) -> None:
    for method in (lincoln_petersen, chapman):
        found = method(n1, n2, 0)
        assert (found.n, found.interval) == (None, None)
        assert found.why_none == "One of the two lists is empty."


def test_lists_that_never_overlap_have_chapmans_figure_only_and_are_known_as_such() -> None:
    assert lincoln_petersen(50, 40, 0).n is None
    assert "no operation in common" in lincoln_petersen(50, 40, 0).why_none
    found = chapman(50, 40, 0)
    assert found.n == 51 * 41 - 1
    assert overlap(50, 40, 0).zero
    assert overlap(50, 40, 0).small


@pytest.mark.parametrize("interval", INTERVALS)
def test_a_list_that_contains_the_other_is_known_and_does_not_crash(interval: str) -> None:
    for method in (lincoln_petersen, chapman):
        found = method(50, 20, 20, interval=interval)
        assert (found.n, found.se) == (50, 0)
        same = method(20, 20, 20, interval=interval)
        assert same.n == 20
    assert overlap(50, 20, 20).contained
    assert not overlap(50, 20, 19).contained


@pytest.mark.parametrize(("m", "small"), [(6, True), (7, False)])
def test_an_overlap_below_seven_is_small(m: int, small: bool) -> None:
    assert overlap(100, 100, m).small is small


@pytest.mark.parametrize(("n1", "n2", "m"), [(-1, 5, 0), (5, 5, 6), (5, 5, -1), (float("nan"), 5, 1)])
def test_an_overlap_that_cannot_be_is_refused(n1: Any, n2: Any, m: Any) -> None:
    for method in (lincoln_petersen, chapman, overlap):
        with pytest.raises(ValueError, match=r"zero or more|at most the smaller"):
            method(n1, n2, m)


def test_an_unknown_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="one of logit, log-normal"):
        chapman(10, 10, 5, interval="wald")


def test_the_binomial_interval_has_no_upper_end_when_no_overlap_is_likely() -> None:
    assert lincoln_petersen(50, 40, 2, interval="binomial").interval is None


def test_counts_of_millions_keep_their_precision() -> None:
    found = chapman(3_000_000_000, 2_000_000_000, 1_000_000_000)
    assert found.n == pytest.approx(6_000_000_000, rel=1e-8)


@given(
    found=st.lists(
        st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=6
    )
)
def test_homogeneity_is_the_chi_square_of_scipy(found: list[tuple[int, int]]) -> None:
    assume(0 < sum(m for m, _ in found) < sum(n for _, n in found))
    ours = homogeneity(found)
    theirs = chi2_contingency([[m for m, _ in found], [n - m for m, n in found]], correction=False)
    assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-9)
    assert (ours.df, ours.p) == (theirs.dof, pytest.approx(theirs.pvalue))


def test_homogeneity_leaves_out_empty_lists_and_says_when_there_is_nothing_to_compare() -> None:
    assert homogeneity([(3, 10), (0, 0)]).p is None
    assert homogeneity([(3, 10), (0, 0)]).pooled == 0.3
    assert homogeneity([]).pooled is None
    assert homogeneity([(0, 10), (0, 20)]).p == 1
    with pytest.raises(ValueError, match="size of the list"):
        homogeneity([(11, 10)])


@pytest.mark.parametrize(("larger", "smaller"), [(60, 20), (1000, 200), (40, 8), (10**8, 60)])
def test_a_list_inside_another_leaves_open_what_the_share_found_leaves_open(larger: int, smaller: int) -> None:
    found = chapman(larger, smaller, smaller)
    share = wilson(smaller, smaller).interval
    assert found.interval is not None
    assert share is not None
    assert found.interval.low == larger
    assert found.interval.high >= larger / share.low > larger
