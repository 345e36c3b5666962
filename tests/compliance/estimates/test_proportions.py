"""Intervals of proportions against statsmodels, and what must hold for every count."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from compliance.estimates.proportions import Proportion, clopper_pearson, jeffreys, rogan_gladen, wilson
from compliance.estimates.results import Interval

METHODS = [(wilson, "wilson"), (clopper_pearson, "beta"), (jeffreys, "jeffreys")]
counts = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def interval_of(found: Proportion) -> Interval:
    assert found.interval is not None
    return found.interval


@pytest.mark.parametrize(("method", "name"), METHODS)
@pytest.mark.parametrize(("x", "n"), [(1, 29), (15, 148), (81, 263), (1, 1_000_000), (499, 500), (7, 10)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_intervals_are_those_of_statsmodels(method: Any, name: str, x: int, n: int, level: float) -> None:
    low, high = proportion_confint(x, n, alpha=1 - level, method=name)
    found = interval_of(method(x, n, level))
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))


@given(counts=counts)
def test_every_interval_holds_the_rate_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    for method, _ in METHODS:
        found = method(*counts)
        assert found.rate is not None
        assert 0 <= interval_of(found).low <= found.rate <= interval_of(found).high <= 1


@given(counts=counts)
def test_the_exact_interval_holds_that_of_jeffreys(counts: tuple[int, int]) -> None:
    exact, inner = interval_of(clopper_pearson(*counts)), interval_of(jeffreys(*counts))
    assert exact.low <= inner.low + 1e-12
    assert exact.high >= inner.high - 1e-12


@pytest.mark.parametrize(("method", "name"), METHODS)
def test_there_is_no_rate_when_nothing_was_counted(method: Any, name: str) -> None:
    found = method(0, 0)
    assert (found.rate, found.interval) == (None, None)
    assert found.why_none == "Nothing was counted, so there is no rate."


def test_no_success_leaves_about_three_in_n() -> None:
    assert interval_of(clopper_pearson(0, 1000, 0.9)).high == pytest.approx(3 / 1000, rel=0.01)
    for method, _ in METHODS:
        assert interval_of(method(0, 1000)).low == 0
        assert interval_of(method(1000, 1000)).high == 1


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (0, -1), (float("nan"), 5)])
def test_what_no_count_can_be_is_refused(x: Any, n: int) -> None:
    for method in (wilson, jeffreys, clopper_pearson, rogan_gladen):
        with pytest.raises(ValueError, match="number of successes from 0"):
            method(x, n)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.5])
def test_a_level_outside_0_and_1_is_refused(level: float) -> None:
    for method, _ in METHODS:
        with pytest.raises(ValueError, match="between 0 and 1"):
            method(1, 2, level)


@given(counts=counts)
def test_rogan_and_gladen_are_wilson_when_linkage_is_perfect(counts: tuple[int, int]) -> None:
    plain, corrected = wilson(*counts), rogan_gladen(*counts)
    assert corrected.rate == pytest.approx(plain.rate)
    assert interval_of(corrected).low == pytest.approx(interval_of(plain).low)
    assert not corrected.clipped


@given(
    n=st.integers(1, 10**6),
    rate=st.floats(0, 1),
    sensitivity=st.floats(0.6, 1),
    false_links=st.floats(0, 0.3),
)
def test_rogan_and_gladen_undo_what_linkage_did(n: int, rate: float, sensitivity: float, false_links: float) -> None:
    """Of n, s r + φ (1 − r) are found on average; the estimator is linear, so it gives r back."""
    found = n * (sensitivity * rate + false_links * (1 - rate))
    assert rogan_gladen(min(found, n), n, sensitivity, false_links).rate == pytest.approx(rate, abs=1e-9)


def test_a_missed_tenth_turns_27_in_100_into_30() -> None:
    assert rogan_gladen(27, 100, sensitivity=0.9).rate == pytest.approx(0.3)


def test_a_rate_beyond_its_ends_is_clipped_and_says_so() -> None:
    low, high = rogan_gladen(1, 100, 0.95, 0.05), rogan_gladen(99, 100, 0.9, 0.0)
    assert (low.rate, low.clipped, high.rate, high.clipped) == (0, True, 1, True)
    assert interval_of(high).high == 1


@pytest.mark.parametrize(("sensitivity", "false_links"), [(0.5, 0.5), (0.1, 0.2), (0.0, 0.0)])
def test_linkage_no_better_than_chance_gives_no_rate(sensitivity: float, false_links: float) -> None:
    found = rogan_gladen(5, 10, sensitivity, false_links)
    assert (found.rate, found.interval) == (None, None)
    assert "says nothing" in found.why_none


def test_rates_of_linkage_outside_0_and_1_are_refused() -> None:
    with pytest.raises(ValueError, match="sensitivity: a rate lies between 0 and 1"):
        rogan_gladen(5, 10, 1.2)
    with pytest.raises(ValueError, match="false_links: a rate lies between 0 and 1"):
        rogan_gladen(5, 10, 1.0, -0.1)
