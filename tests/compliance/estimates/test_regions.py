"""Rates of regions by empirical Bayes: against scipy's beta-binomial, and regions that hold little or nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import betabinom

from compliance.estimates.regions import james_stein, rates, suppressed


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_national_rate_and_spread_are_those_of_maximum_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 300, 40)
    x = rng.binomial(n, rng.beta(3, 7, 40))

    def loss(logs: np.ndarray) -> float:
        return float(-betabinom.logpmf(x, n, *np.exp(logs)).sum())

    oracle = minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000})
    found = rates(x.tolist(), n.tolist())
    assert found.log_likelihood == pytest.approx(-oracle.fun, abs=1e-8)
    assert [found.alpha, found.beta] == pytest.approx(np.exp(oracle.x).tolist(), rel=1e-4)
    a, b = found.alpha, found.beta
    assert [one.pooled for one in found.regions] == pytest.approx(((x + a) / (n + a + b)).tolist())
    assert [one.weight for one in found.regions] == pytest.approx((n / (n + a + b)).tolist())


def test_regions_that_differ_by_chance_alone_have_the_nations_rate() -> None:
    found = rates([10, 20, 30], [100, 200, 300])
    assert (found.concentration, found.national) == (None, 0.1)
    assert [one.pooled for one in found.regions] == [0.1] * 3
    assert all(one.borrowed and one.weight == 0 for one in found.regions)


def test_a_region_without_records_borrows_the_nations_rate() -> None:
    found = rates([5, 90, 0], [100, 100, 0])
    lone = found.regions[2]
    assert (lone.raw, lone.pooled, lone.weight, lone.borrowed, lone.suppressed) == (
        None,
        found.national,
        0.0,
        True,
        True,
    )


def test_regions_of_all_or_nothing_keep_their_own_rate() -> None:
    found = rates([0, 50, 0, 70], [40, 50, 60, 70])
    assert [one.pooled for one in found.regions] == pytest.approx([0, 1, 0, 1], abs=1e-3)
    assert not any(one.borrowed for one in found.regions)


@pytest.mark.parametrize(("x", "n", "national"), [([0, 0], [20, 30], 0.0), ([20, 30], [20, 30], 1.0)])
def test_a_nation_of_none_or_of_all_has_an_interval_all_the_same(x: list[int], n: list[int], national: float) -> None:
    found = rates(x, n)
    assert found.national == national
    interval = found.regions[0].interval
    assert interval.low <= national <= interval.high
    assert interval.high - interval.low > 0.01


def test_one_region_is_its_own_nation() -> None:
    (one,) = rates([3], [12]).regions
    assert (one.pooled, one.weight, one.borrowed) == (0.25, 1.0, False)


@pytest.mark.parametrize("n", [[], [0], [0, 0, 0]])
def test_no_rate_is_given_without_any_record(n: list[int]) -> None:
    found = rates([0] * len(n), n)
    assert found.national is None
    assert found.regions == (None,) * len(n)


regions = st.lists(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=12)


@settings(deadline=None, max_examples=60)
@given(regions=regions)
def test_a_pooled_rate_lies_between_the_raw_and_the_national_one(regions: list[tuple[int, int]]) -> None:
    found = rates([x for x, _ in regions], [n for _, n in regions])
    for one in found.regions:
        if one is None:
            continue
        raw = found.national if one.raw is None else one.raw
        assert min(raw, found.national) - 1e-12 <= one.pooled <= max(raw, found.national) + 1e-12
        assert 0 <= one.interval.low <= one.pooled <= one.interval.high <= 1
        assert one.suppressed == (one.observed < 10 or one.shared < 3)


@settings(deadline=None, max_examples=30)
@given(regions=regions.filter(lambda some: len(some) > 1), turn=st.integers(0, 10))
def test_the_order_of_the_regions_does_not_matter(regions: list[tuple[int, int]], turn: int) -> None:
    turn %= len(regions)
    turned = regions[turn:] + regions[:turn]
    one = rates([x for x, _ in regions], [n for _, n in regions]).regions
    other = rates([x for x, _ in turned], [n for _, n in turned]).regions
    for here, there in zip(one[turn:] + one[:turn], other, strict=True):
        assert (here is None) == (there is None)
        if here is not None:
            assert here.pooled == pytest.approx(there.pooled, abs=1e-4)


def test_counts_of_millions_are_pooled() -> None:
    found = rates([300_000, 2_000_000], [1_000_000, 4_000_000])
    assert [one.pooled for one in found.regions] == pytest.approx([0.3, 0.5], abs=1e-4)


@pytest.mark.parametrize(("x", "n"), [([3], [2]), ([-1], [2]), ([1, 2], [3])])
def test_shares_that_cannot_be_are_refused(x: list[int], n: list[int]) -> None:
    with pytest.raises(ValueError, match="shared"):
        rates(x, n)


def test_small_cells_are_suppressed() -> None:
    assert [suppressed(*cell) for cell in [(10, 3), (9, 9), (100, 2)]] == [False, True, True]


def test_few_values_are_not_shrunk_and_equal_ones_stay() -> None:
    assert james_stein([1.0, 2.0, 3.0], 1.0).values == (1.0, 2.0, 3.0)
    assert james_stein([2.0] * 6, 1.0).values == (2.0,) * 6
