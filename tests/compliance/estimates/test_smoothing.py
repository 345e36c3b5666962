"""The smoother: against a dense solution of the same model and statsmodels, with gaps, breaks and little to go on."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.tsa.statespace.structural import UnobservedComponents

from compliance.estimates.smoothing import Observation, fit_q, of_counts, of_interval, smooth


def drawn(seed: int, size: int, q: float, gaps: tuple[int, ...] = ()) -> list[Observation | None]:
    rng = np.random.default_rng(seed)
    level = -0.8 + np.cumsum(rng.normal(0, math.sqrt(q), size))
    v = rng.uniform(0.01, 0.2, size)
    return [
        None if at in gaps else Observation(float(level[at] + rng.normal(0, math.sqrt(v[at]))), float(v[at]))
        for at in range(size)
    ]


def dense(
    months: list[Observation | None], q: float, breaks: tuple[int, ...] = ()
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Levels, variances and coefficients by generalised least squares with the whole covariance matrix written out."""
    size = len(months)
    seen = np.array([month is not None for month in months])
    y = np.array([month.logit for month in months if month])
    walk = q * np.minimum.outer(np.arange(size), np.arange(size)).astype(float)
    noise = np.diag([month.variance for month in months if month])
    x = np.column_stack([np.ones(size)] + [(np.arange(size) >= at).astype(float) for at in breaks])
    inverse = np.linalg.inv(walk[np.ix_(seen, seen)] + noise)
    information = x[seen].T @ inverse @ x[seen]
    covariance = np.linalg.inv(information)
    beta = covariance @ x[seen].T @ inverse @ y
    gain = walk[:, seen] @ inverse
    left = x - gain @ x[seen]
    level = x @ beta + gain @ (y - x[seen] @ beta)
    variance = np.diag(walk - gain @ walk[seen, :] + left @ covariance @ left.T)
    rest = y - x[seen] @ beta
    likelihood = -0.5 * (
        (len(y) - x.shape[1]) * math.log(2 * math.pi)
        - np.linalg.slogdet(inverse)[1]
        + np.linalg.slogdet(information)[1]
        + rest @ inverse @ rest
    )
    return level, variance, beta, float(likelihood)


@pytest.mark.parametrize(
    ("gaps", "breaks"), [((), ()), ((0, 1, 7, 8, 29), ()), ((3,), (12,)), ((0, 14, 15, 16), (9, 20))]
)
@pytest.mark.parametrize("q", [0.0, 0.03])
def test_levels_and_bands_are_those_of_the_dense_solution(gaps: tuple, breaks: tuple, q: float) -> None:
    months = drawn(1, 30, 0.03, gaps)
    level, variance, beta, likelihood = dense(months, q, breaks)
    found = smooth(months, breaks=breaks, q=q)
    assert [month.level for month in found.months] == pytest.approx(level.tolist(), abs=1e-9)
    assert [month.variance for month in found.months] == pytest.approx(variance.tolist(), abs=1e-9)
    assert [one.size for one in found.breaks] == pytest.approx(beta[1:].tolist(), abs=1e-9)
    assert found.log_likelihood == pytest.approx(likelihood, abs=1e-8)
    assert [month.observed for month in found.months] == [month is not None for month in months]


def test_q_is_that_of_the_greatest_dense_likelihood() -> None:
    months = drawn(2, 40, 0.05, (5, 6))
    oracle = minimize_scalar(lambda log: -dense(months, math.exp(log))[3], bounds=(-12, 2), method="bounded")
    found = smooth(months)
    assert found.q_fitted
    assert found.q == pytest.approx(math.exp(oracle.x), rel=1e-3)


def test_the_smoothed_level_is_that_of_statsmodels_when_the_variance_is_constant() -> None:
    rng = np.random.default_rng(4)
    y = np.cumsum(rng.normal(0, 0.2, 50)) + rng.normal(0, 0.3, 50)
    y[[10, 11]] = np.nan
    model = UnobservedComponents(y, "llevel", use_exact_diffuse=True)
    oracle = model.smooth([0.09, 0.04])
    months = [None if math.isnan(one) else Observation(float(one), 0.09) for one in y]
    found = smooth(months, q=0.04)
    assert [month.level for month in found.months] == pytest.approx(oracle.smoothed_state[0].tolist(), abs=1e-8)
    assert [month.variance for month in found.months] == pytest.approx(
        oracle.smoothed_state_cov[0, 0].tolist(), abs=1e-8
    )
    filtered = [math.log(month.filtered / (1 - month.filtered)) for month in found.months]
    assert filtered == pytest.approx(oracle.filtered_state[0].tolist(), abs=1e-8)


def test_the_last_month_is_as_known_then() -> None:
    found = smooth(drawn(5, 24, 0.02)).months[-1]
    assert found.filtered == pytest.approx(found.rate)


def test_a_gap_widens_the_band_and_keeps_the_month() -> None:
    found = smooth(drawn(6, 30, 0.03, tuple(range(10, 20))), q=0.03).months
    assert found[14].variance > found[9].variance
    assert found[14].variance > found[20].variance
    assert not found[14].observed


def test_a_new_law_is_a_step_and_no_slow_climb() -> None:
    months = [Observation(-1.0 + (1.5 if at >= 12 else 0.0) + 0.05 * (-1) ** at, 0.02) for at in range(24)]
    with_break, without = smooth(months, breaks=[12]), smooth(months)
    (step,) = with_break.breaks
    assert step.size == pytest.approx(1.5, abs=0.1)
    assert with_break.q < without.q
    assert with_break.months[11].rate == pytest.approx(1 / (1 + math.exp(1.0)), abs=0.02)


def test_breaks_that_cannot_be_told_are_left_out_and_named() -> None:
    months = drawn(7, 20, 0.02, (0, 1, 8, 9, 10))
    found = smooth(months, breaks=[0, 2, 8, 10, 15, 19, 20, 99])
    assert [one.at for one in found.breaks] == [8, 15, 19]
    assert found.breaks_left_out == (0, 2, 10, 20, 99)


def test_overlapping_windows_are_fitted_apart_and_weigh_as_one() -> None:
    months = drawn(8, 36, 0.02)
    found = smooth(months, window=3)
    assert found.q == pytest.approx(fit_q([month if at % 3 == 2 else None for at, month in enumerate(months)]))
    widened = [Observation(month.logit, 3 * month.variance) for month in months]
    assert found.months == smooth(widened, q=found.q).months


def test_a_still_series_has_one_level() -> None:
    months = [Observation(-0.5, 0.1)] * 12
    found = smooth(months)
    assert found.q == 0
    assert {round(month.level, 9) for month in found.months} == {-0.5}
    assert found.months[0].variance == pytest.approx(0.1 / 12)


@pytest.mark.parametrize("months", [[], [None], [None, None]])
def test_nothing_is_smoothed_without_an_observation(months: list[None]) -> None:
    assert smooth(months).months == ()


def test_one_observation_is_every_month() -> None:
    found = smooth([None, Observation(0.3, 0.2), None])
    assert [month.level for month in found.months] == pytest.approx([0.3] * 3)
    assert [month.variance for month in found.months] == pytest.approx([0.2] * 3)
    assert [month.filtered is None for month in found.months] == [True, False, False]


def test_counts_and_intervals_become_logits_with_a_variance() -> None:
    assert of_counts(0, 0) is None
    assert of_counts(30, 100).logit == pytest.approx(math.log(30.5 / 70.5))
    assert of_counts(0, 10).variance == pytest.approx(2 + 1 / 10.5)
    found = of_interval(0.3, 0.25, 0.38)
    assert found.variance == pytest.approx(((math.log(0.38 / 0.62) - math.log(0.3 / 0.7)) / 1.959964) ** 2, rel=1e-6)
    assert of_interval(0.0, 0.0, 0.1) is None
    assert of_interval(0.3, 0.3, 0.3) is None
    assert of_interval(0.3, 0.0, 0.4) is not None
    assert of_interval(0.3, 0.3000000001, 0.4) is not None
    with pytest.raises(ValueError, match="within its interval"):
        of_interval(0.3, 0.31, 0.4)


@pytest.mark.parametrize("wrong", [(math.nan, 1), (0, 0), (0, math.inf), (math.inf, 1)])
def test_observations_that_cannot_be_are_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="variance above 0"):
        Observation(*wrong)


month = st.none() | st.builds(Observation, st.floats(-6, 6), st.floats(1e-4, 100))


@settings(deadline=None, max_examples=30)
@given(months=st.lists(month, max_size=24), breaks=st.lists(st.integers(-2, 26), max_size=3), window=st.integers(1, 3))
def test_rates_and_bands_are_in_order_whatever_comes(months: list, breaks: list[int], window: int) -> None:
    found = smooth(months, breaks=breaks, window=window)
    assert len(found.months) == (len(months) if any(months) else 0)
    assert set(breaks) == {one.at for one in found.breaks} | set(found.breaks_left_out) or not found.months
    for one in found.months:
        assert 0 <= one.interval.low <= one.rate <= one.interval.high <= 1
        assert math.isfinite(one.variance)


@settings(deadline=None, max_examples=20)
@given(months=st.lists(month, min_size=2, max_size=15), q=st.floats(0, 2))
def test_a_series_read_backwards_is_smoothed_the_same(months: list, q: float) -> None:
    one, other = smooth(months, q=q), smooth(months[::-1], q=q)
    assert [at.level for at in one.months] == pytest.approx([at.level for at in other.months][::-1], abs=1e-6)
