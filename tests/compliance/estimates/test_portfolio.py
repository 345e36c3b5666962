"""Detection × fine summed: against sums over every outcome, a simulation of fixed seed, and portfolios of a million."""

import itertools
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import gammainc
from scipy.stats import gamma, nbinom

from compliance.estimates.collection import MOST_KINDS, collection, distribution, quantiles
from compliance.estimates.factor import common_factor, dense_factor, gauss_factor
from compliance.estimates.portfolio import (
    Units,
    cornish_fisher,
    detection,
    moments,
    money,
    portfolio,
    statutory,
)


def fixed(probability: float, amount: int, count: int = 1) -> Units:
    return Units(probability, Decimal(amount), Decimal(amount), count=count)


def outcomes(units: list[Units]) -> tuple[np.ndarray, np.ndarray]:
    """Every outcome of a few units of fixed fines, and its probability."""
    each = [one for one in units for _ in range(one.count)]
    amounts, chances = [], []
    for found in itertools.product((False, True), repeat=len(each)):
        amounts.append(sum(float(one.low + one.extra) for one, hit in zip(each, found, strict=True) if hit))
        chances.append(
            math.prod(one.probability if hit else 1 - one.probability for one, hit in zip(each, found, strict=True))
        )
    return np.array(amounts), np.array(chances)


FEW = [fixed(0.1, 1_000, 3), fixed(0.4, 2_500), Units(0.25, Decimal(500), Decimal(500), Decimal(1_500), 2)]


def test_moments_are_those_of_every_outcome() -> None:
    amounts, chances = outcomes(FEW)
    found = moments(portfolio(FEW))
    mean = chances @ amounts
    assert found.mean == pytest.approx(mean)
    assert found.variance == pytest.approx(chances @ (amounts - mean) ** 2)
    assert found.third == pytest.approx(chances @ (amounts - mean) ** 3)


def test_quantiles_are_those_of_every_outcome() -> None:
    amounts, chances = outcomes(FEW)
    order = np.argsort(amounts)
    below = np.cumsum(chances[order])
    levels = (0.05, 0.2, 0.5, 0.8, 0.95, 0.999)
    found, how = quantiles(portfolio(FEW), levels)
    assert how == "FFT"
    assert found == pytest.approx([amounts[order][np.searchsorted(below, level)] for level in levels], abs=1)


def test_a_uniform_fine_has_its_own_distribution() -> None:
    found, _ = quantiles(portfolio([Units(1, Decimal(100), Decimal(300))]), (0.1, 0.5, 0.9))
    assert found == pytest.approx((120, 200, 280), abs=0.02)
    half, _ = quantiles(portfolio([Units(0.5, Decimal(100), Decimal(300))]), (0.4, 0.75, 0.9))
    assert half == pytest.approx((0, 200, 260), abs=0.02)


@pytest.mark.parametrize("cv", [0.1, 0.4])
def test_a_common_factor_adds_the_variance_of_the_formula(cv: float) -> None:
    units = [Units(p, Decimal(100), Decimal(300), Decimal(50), 3) for p in (0.01, 0.02, 0.05)]
    of = portfolio(units)
    pm, count = of.probability * of.mean, of.count
    more = cv**2 * ((count @ pm) ** 2 - count @ pm**2)
    assert moments(of, common_cv=cv).mean == pytest.approx(moments(of).mean)
    assert moments(of, common_cv=cv).variance == pytest.approx(moments(of).variance + more, rel=1e-9)


@pytest.mark.parametrize("cv", [0.0, 0.3, 1.0])
def test_the_grid_has_the_mean_and_spread_of_the_closed_form(cv: float) -> None:
    units = [Units(p, Decimal(100), Decimal(300), count=2) for p in (0.02, 0.1, 0.3, 0.9)]
    amounts, mass = distribution(portfolio(units), common_cv=cv)
    closed = moments(portfolio(units), common_cv=cv)
    assert mass.sum() == pytest.approx(1)
    assert mass @ amounts == pytest.approx(closed.mean, rel=1e-6)
    assert math.sqrt(mass @ (amounts - closed.mean) ** 2) == pytest.approx(closed.sd, rel=5e-3)


def test_many_rare_units_under_a_gamma_factor_are_negative_binomial() -> None:
    # A Poisson number of mean 20 with a gamma factor of CV 0.5: shape 4.
    of = portfolio([fixed(2e-5, 100, 1_000_000)])
    found, how = quantiles(of, (0.05, 0.5, 0.95), common_cv=0.5)
    assert how == "FFT"
    assert found == pytest.approx(100 * nbinom.ppf([0.05, 0.5, 0.95], 4, 4 / 24), abs=101)


@pytest.mark.parametrize(("cv", "units"), [(0.3, 40), (1.0, 40), (0.5, 2_000)])
def test_quantiles_of_raids_that_come_together_are_those_of_a_simulation(cv: float, units: int) -> None:
    rng = np.random.default_rng(7)
    p = np.array([0.05, 0.2, 0.5])
    shape, draws = 1 / cv**2, 40_000

    def constant(of: float) -> float:
        return brentq(lambda q: q * gammainc(shape + 1, shape / q) + 1 - gammainc(shape, shape / q) - of, 1e-9, 1e4)

    factor = rng.gamma(shape, 1 / shape, draws)
    paid = np.zeros(draws)
    for one in p:
        hits = rng.binomial(units, np.minimum(1, constant(one) * factor))
        # The sum of many uniform fines is nearly normal; few are drawn one by one.
        paid += 200.0 * hits + rng.normal(0, 1, draws) * np.sqrt(hits / 12) * 200
    of = portfolio([Units(float(one), Decimal(100), Decimal(300), count=units) for one in p])
    levels = (0.05, 0.5, 0.95, 0.99)
    found, how = quantiles(of, levels, common_cv=cv)
    assert how == ("Edgeworth" if units > 100 else "FFT")
    assert found == pytest.approx(np.quantile(paid, levels).tolist(), rel=0.03)
    assert moments(of, common_cv=cv).mean == pytest.approx(paid.mean(), rel=0.02)
    assert moments(of, common_cv=cv).sd == pytest.approx(paid.std(), rel=0.02)


def test_a_million_units_in_fifty_kinds_agree_with_their_moments() -> None:
    units = [Units(0.01 + 0.006 * at, Decimal(1_000 + at), Decimal(3_000), Decimal(500), 20_000) for at in range(50)]
    found = collection(units)
    assert (found.units, found.how) == (1_000_000, "FFT")
    closed = cornish_fisher(moments(portfolio(units)))
    assert [float(one.amount) for one in found.quantiles] == pytest.approx(list(closed), rel=1e-7)


def test_too_many_kinds_for_the_transform_fall_back_on_three_moments_and_say_so() -> None:
    units = [Units(0.1, Decimal(100 + at), Decimal(500 + at)) for at in range(MOST_KINDS + 1)]
    found = collection(units)
    assert found.how == "Cornish-Fisher"
    assert found.quantiles[2].amount == money(cornish_fisher(moments(portfolio(units)), (0.5,))[0])


def test_the_distribution_is_the_same_however_units_are_grouped() -> None:
    one = collection([Units(0.3, Decimal(10), Decimal(20), count=6)])
    split = [Units(0.3, Decimal(10), Decimal(20), count=2)] + [Units(0.3, Decimal(10), Decimal(20))] * 4
    assert collection(split) == one
    assert collection(reversed([*split, fixed(0.1, 5)])) == collection([fixed(0.1, 5), *split])


def test_the_statutory_bounds_are_exact() -> None:
    units = [Units(0.5, Decimal("0.10"), Decimal("0.30"), Decimal("0.01"), 3), fixed(0, 7)]
    assert statutory(units) == (Decimal("7.33"), Decimal("7.93"))


@pytest.mark.parametrize("units", [[], [fixed(0, 100, 50)], [fixed(0.5, 0)], [fixed(0.5, 100, 0)]])
def test_a_portfolio_that_brings_nothing_is_nothing(units: list[Units]) -> None:
    for cv in (0.0, 0.5):
        found = collection(units, common_cv=cv)
        assert (found.mean, found.sd, found.how) == (0, 0, "exact")
        assert {one.amount for one in found.quantiles} == {0}


def test_what_is_certain_is_paid_in_full_whatever_the_factor() -> None:
    found = collection([fixed(1, 250, 4)], common_cv=0.8)
    assert (found.mean, found.sd) == (1_000, 0)


def test_what_almost_surely_brings_nothing_has_a_median_of_zero_and_a_tail() -> None:
    found, _ = quantiles(portfolio([Units(0.02, Decimal(10**6), Decimal(2 * 10**6))]), (0.5, 0.95, 0.99))
    assert found == pytest.approx((0, 0, 1_500_000), abs=100)


@pytest.mark.parametrize("cv", [0.0, 0.3])
def test_a_giant_that_is_hardly_ever_found_does_not_coarsen_the_rest(cv: float) -> None:
    bulk = [Units(0.05, Decimal(100), Decimal(300), count=40), Units(0.2, Decimal(50), Decimal(60), count=30)]
    giant = Units(1e-7, Decimal(1), Decimal(10**12))
    levels = (0.05, 0.5, 0.95)
    alone, _ = quantiles(portfolio(bulk), levels, common_cv=cv)
    beside, how = quantiles(portfolio([*bulk, giant]), levels, common_cv=cv)
    assert how == "FFT"
    assert beside == pytest.approx(alone, rel=2e-3)


def test_what_is_certain_only_shifts_the_rest() -> None:
    rest = [Units(0.3, Decimal(10), Decimal(20), count=9)]
    levels = (0.05, 0.5, 0.95)
    alone, _ = quantiles(portfolio(rest), levels)
    shifted, _ = quantiles(portfolio([*rest, fixed(1, 10**9, 5)]), levels)
    assert [amount - 5e9 for amount in shifted] == pytest.approx(list(alone), abs=1e-3)


units_drawn = st.builds(
    lambda p, low, width, extra, count: Units(p, Decimal(low), Decimal(low + width), Decimal(extra), count),
    st.floats(0, 1),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**4),
)


@settings(deadline=None, max_examples=40)
@given(units=st.lists(units_drawn, max_size=5), cv=st.sampled_from([0.0, 0.2, 0.9]))
def test_quantiles_rise_and_stay_within_what_is_possible(units: list[Units], cv: float) -> None:
    found = collection(units, common_cv=cv, levels=(0.01, 0.3, 0.6, 0.99))
    amounts = [one.amount for one in found.quantiles]
    slack = found.statutory_high * Decimal("0.001") + 2
    assert amounts == sorted(amounts)
    assert amounts[0] >= 0
    assert amounts[-1] <= found.statutory_high + slack
    expected = sum(one.count * one.probability * (float(one.low + one.high) / 2 + float(one.extra)) for one in units)
    assert float(found.mean) == pytest.approx(expected, rel=1e-6, abs=1)


@settings(deadline=None, max_examples=40)
@given(cv=st.floats(0.05, 2), p=st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_a_factor_leaves_the_overall_probabilities_what_they_are(cv: float, p: list[float]) -> None:
    for factor in (gauss_factor(cv), common_factor(cv, max(p)), dense_factor(cv, 10)):
        assert factor.weights.sum() == pytest.approx(1)
        assert factor.weights @ factor.scales == pytest.approx(1, rel=1e-6)
        at = factor.probabilities(np.array(p))
        assert ((at >= 0) & (at <= 1)).all()
        assert factor.weights @ at == pytest.approx(p, abs=1e-6)


def test_the_cells_of_the_factor_are_those_of_the_gamma() -> None:
    factor = dense_factor(0.5, 100)
    below = np.cumsum(factor.weights)
    middle = gamma.cdf(factor.scales, 4, scale=0.25)
    assert np.abs(below - factor.weights / 2 - middle).max() < 0.01


def test_detection_is_one_less_the_chance_of_no_event() -> None:
    assert detection(0.02, 12) == pytest.approx(1 - math.exp(-0.24))
    assert detection(0, 12) == 0
    with pytest.raises(ValueError, match="not negative"):
        detection(-1, 12)


def test_money_is_rounded_to_the_unit_of_the_currency() -> None:
    assert money(1234.567) == Decimal(1235)
    assert str(money(1234.567, Decimal("0.01"))) == "1234.57"


@pytest.mark.parametrize(
    "wrong",
    [
        {"probability": 1.1},
        {"low": Decimal(5), "high": Decimal(4)},
        {"low": Decimal(-1)},
        {"high": Decimal("Infinity")},
        {"extra": Decimal("NaN")},
        {"count": -1},
    ],
)
def test_units_that_cannot_be_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        Units(**{"probability": 0.5, "low": Decimal(1), "high": Decimal(10), **wrong})


def test_levels_and_factors_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        quantiles(portfolio(FEW), (0.0,))
    with pytest.raises(ValueError, match="coefficient of variation"):
        moments(portfolio(FEW), common_cv=-0.1)
