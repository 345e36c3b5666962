"""Fay-Herriot: against a dense likelihood and its closed form, and regions without an estimate."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal

from compliance.estimates.small_areas import benchmark, between_variance, dersimonian_laird, fay_herriot


def drawn(seed: int, regions: int, tau: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(regions, 2))
    v = rng.uniform(0.05, 0.8, regions)
    return 5 + x @ [0.7, -0.3] + rng.normal(0, tau, regions) + rng.normal(0, np.sqrt(v)), v, x


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tau2_is_that_of_the_likelihood_of_what_the_covariates_leave(seed: int) -> None:
    y, v, x = drawn(seed, 30, 0.6)
    x = np.column_stack([np.ones(30), x])
    # REML is the likelihood of contrasts that the covariates cannot touch, here an orthonormal basis of them.
    contrasts = np.linalg.svd(x.T)[2][x.shape[1] :]

    def loss(tau2: float) -> float:
        return -multivariate_normal.logpdf(contrasts @ y, cov=contrasts @ np.diag(v + tau2) @ contrasts.T)

    oracle = minimize_scalar(loss, bounds=(0, 10), method="bounded", options={"xatol": 1e-12})
    tau2, how = between_variance(y, v, x)
    assert how == "REML"
    assert tau2 == pytest.approx(oracle.x, abs=1e-5)


def test_equal_variances_have_the_closed_form() -> None:
    y, _, _ = drawn(4, 25, 1.0)
    v = np.full(25, 0.3)
    found = fay_herriot(y.tolist(), v.tolist())
    tau2 = float(np.var(y, ddof=1)) - 0.3
    assert found.tau2 == pytest.approx(tau2, rel=1e-6)
    assert dersimonian_laird(y, v, np.ones((25, 1))) == pytest.approx(tau2)
    gamma = tau2 / (tau2 + 0.3)
    assert [area.theta for area in found.areas] == pytest.approx((gamma * y + (1 - gamma) * y.mean()).tolist())
    g1, g2, g3 = gamma * 0.3, (1 - gamma) ** 2 * (tau2 + 0.3) / 25, 0.3**2 / (tau2 + 0.3) * 2 / 25
    assert [area.mse for area in found.areas] == pytest.approx([g1 + g2 + 2 * g3] * 25, rel=1e-5)


def test_the_pooled_values_are_the_best_linear_predictors() -> None:
    y, v, x = drawn(5, 30, 0.6)
    found = fay_herriot(y.tolist(), v.tolist(), x.tolist())
    design = np.column_stack([np.ones(30), x])
    # Henderson's mixed-model equations, solved densely.
    top = np.hstack([design.T @ np.diag(1 / v) @ design, design.T @ np.diag(1 / v)])
    bottom = np.hstack([np.diag(1 / v) @ design, np.diag(1 / v + 1 / found.tau2)])
    solved = np.linalg.solve(np.vstack([top, bottom]), np.concatenate([design.T @ (y / v), y / v]))
    assert found.coefficients == pytest.approx(solved[:3].tolist())
    assert [area.theta for area in found.areas] == pytest.approx((design @ solved[:3] + solved[3:]).tolist())


def test_a_region_without_an_estimate_is_given_what_its_covariates_say() -> None:
    y, v, x = drawn(6, 20, 0.4)
    whole = fay_herriot(y[:19].tolist(), v[:19].tolist(), x[:19].tolist())
    for theta, variance in [(None, None), (0.0, math.inf), (math.nan, 1.0)]:
        found = fay_herriot([*y[:19], theta], [*v[:19], variance], x.tolist())
        last = found.areas[19]
        assert last.theta == pytest.approx(float(np.dot([1, *x[19]], whole.coefficients)))
        assert (last.weight, last.borrowed, last.own) == (0.0, True, None)
        assert last.mse > found.tau2
        assert found.tau2 == pytest.approx(whole.tau2)


def test_one_region_with_an_estimate_stays_what_it_is() -> None:
    found = fay_herriot([3.0, None], [0.2, None])
    one, other = found.areas
    assert (one.theta, one.mse, one.weight, one.borrowed, found.tau2) == (3.0, 0.2, 1.0, False, None)
    assert (other.theta, other.borrowed) == (3.0, True)


@pytest.mark.parametrize("theta", [[], [None], [None, math.inf]])
def test_no_region_is_given_a_value_when_none_has_an_estimate(theta: list[float | None]) -> None:
    assert fay_herriot(theta, [1.0] * len(theta)).areas == ()


def test_covariates_that_add_nothing_are_left_out_and_named() -> None:
    y, v, x = drawn(7, 12, 0.4)
    doubled = np.column_stack([x[:, 0], 2 * x[:, 0], np.ones(12), x[:, 1]])
    found = fay_herriot(y.tolist(), v.tolist(), doubled.tolist())
    assert found.covariates_left_out == (1, 2)
    assert fay_herriot(y[:3].tolist(), v[:3].tolist(), x[:3].tolist()).covariates_left_out == (1,)


def test_regions_that_agree_share_one_value() -> None:
    found = fay_herriot([2.0] * 5, [0.5] * 5)
    assert found.tau2 == pytest.approx(0, abs=1e-6)
    assert [area.theta for area in found.areas] == pytest.approx([2.0] * 5)
    assert all(area.borrowed for area in found.areas)


@pytest.mark.parametrize("variance", [0.0, -1.0, math.nan])
def test_a_variance_that_is_none_is_refused(variance: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        fay_herriot([1.0, 2.0], [variance, 1.0])


@settings(deadline=None, max_examples=40)
@given(
    values=st.lists(st.tuples(st.floats(-3, 12), st.floats(0.001, 50)), min_size=2, max_size=15),
    infinite=st.integers(0, 3),
)
def test_pooled_values_lie_between_the_own_and_the_nations(values: list[tuple[float, float]], infinite: int) -> None:
    theta = [one for one, _ in values] + [None] * infinite
    found = fay_herriot(theta, [v for _, v in values] + [None] * infinite)
    (line,) = found.coefficients
    for area in found.areas:
        own = line if area.own is None else area.own
        assert min(own, line) - 1e-9 <= area.theta <= max(own, line) + 1e-9
        assert 0 <= area.weight <= 1
        assert area.interval.low <= area.f0 <= area.interval.high


@given(f0=st.lists(st.floats(0, 1e6), max_size=20), national=st.floats(0, 1e7))
def test_the_benchmarked_add_up_to_the_nation(f0: list[float], national: float) -> None:
    found = benchmark(f0, national)
    assert found.unscaled == tuple(f0)
    if found.factor is not None:
        assert math.fsum(found.scaled) == pytest.approx(national, rel=1e-9, abs=1e-9)
    else:
        assert math.fsum(f0) <= national / 1e12
