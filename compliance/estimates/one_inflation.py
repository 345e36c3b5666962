"""Repeats on one list where some operations are seen once and never again, because being seen makes them move away."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from compliance.estimates.poisson import Floats
from compliance.estimates.repeats import NOTHING, Repeats
from compliance.estimates.results import Estimate
from compliance.estimates.truncated_regression import Regression, Sightings, climbed, named, population

METHOD = "one-inflated zero-truncated geometric"
STEP = 1e-5


def one_inflated_geometric(repeats: Repeats, *, level: float = 0.95) -> Estimate:
    """The model below without covariates: one mean λ and one share ω for all."""
    if not repeats.n:
        return Estimate(METHOD, None, why_none=NOTHING)
    if repeats.most < 3:
        why = "It needs operations seen three times or more, to tell those that move away from those seldom seen."
        return Estimate(METHOD, None, why_none=why)
    times = np.array(list(repeats.counts), dtype=np.float64)
    ones = np.ones((len(times), 1))
    found = one_inflated_geometric_regression(times, ones, ones, list(repeats.counts.values()), level=level)
    return found.estimate


def one_inflated_geometric_regression(
    times: Any,
    rate_design: Any,
    inflation_design: Any,
    weights: Any = None,
    *,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> Regression:
    """A share ω_i of operations is seen exactly once; the others geometrically often with mean λ_i; those at 0 unseen.

    log λ_i = x_i'a, and the complementary log-log link for ω_i = 1 − exp(−exp(z_i'b)). P(0) = (1 − ω) / (1 + λ), so
    N = Σ (1 + λ_i) / (λ_i + ω_i), with Var(N) = g' cov g + Σ (1 − ω_i) / (λ_i + ω_i): the `oiztgeom` of singleRcapture
    (Godwin and Böhning 2017 for the idea). Coefficients are a, then b. Raises `RegressionRefused`.
    """
    rows = Sightings.of(times, weights)
    x, z = rows.design(rate_design), rows.design(inflation_design)
    w, y, split = rows.weights, rows.times, np.asarray(rate_design).shape[1]
    once = y == 1

    def parts(b: Floats) -> tuple[Floats, Floats, Floats]:
        """λ, ω and dω / d(linear predictor)."""
        inner = np.exp(np.clip(z @ b[split:], -40, 5))
        return np.exp(np.clip(x @ b[:split], -40, 40)), -np.expm1(-inner), inner * np.exp(-inner)

    def fall(b: Floats) -> tuple[float, Floats]:
        rate, share, moves = parts(b)
        # P(1 | seen) = top / ((1 + λ)(λ + ω)); P(y | seen) = (1 − ω) λ^y / ((1 + λ)^y (λ + ω)) for y > 1.
        top = share * (rate**2 + rate + 1) + rate
        at_one = np.log(top) - np.log1p(rate) - np.log(rate + share)
        beyond = np.log1p(-share) + y * (np.log(rate) - np.log1p(rate)) - np.log(rate + share)
        by_rate = np.where(
            once,
            (share * (2 * rate + 1) + 1) / top - 1 / (1 + rate) - 1 / (rate + share),
            y / rate - y / (1 + rate) - 1 / (rate + share),
        )
        by_share = np.where(once, (rate**2 + rate + 1) / top, -1 / (1 - share)) - 1 / (rate + share)
        slope = np.concatenate([x.T @ (w * by_rate * rate), z.T @ (w * by_share * moves)])
        return -float(np.sum(w * np.where(once, at_one, beyond))), -slope

    def information(b: Floats) -> Floats:
        steps = np.eye(len(b)) * STEP
        rough = np.array([(fall(b + one)[1] - fall(b - one)[1]) / (2 * STEP) for one in steps])
        return (rough + rough.T) / 2

    count = x.shape[1] + z.shape[1]
    start = np.zeros(count)
    start[:split] = np.linalg.lstsq(x, np.full(len(y), np.log(max(0.1, float(w @ y) / rows.n - 1))), rcond=None)[0]
    start[split:] = np.linalg.lstsq(z, np.full(len(y), -1.0), rcond=None)[0]
    b = climbed(fall, information, start)
    nowhere = np.full((count, count), np.nan)
    if b is None:
        why = "No share that moves away makes the counts likelier, or they do not tell it from being seldom seen."
        return Regression(named(names, count), nowhere[0], nowhere, Estimate(METHOD, None, why_none=why), None)
    rate, share, moves = parts(b)
    both = rate + share
    slope = np.concatenate([x.T @ (w * rate * (share - 1) / both**2), -z.T @ (w * moves * (1 + rate) / both**2)])
    covariance: Floats = np.asarray(np.linalg.inv(information(b)), dtype=np.float64)
    variance = float(slope @ covariance @ slope + np.sum(w * (1 - share) / both))
    n = float(np.sum(w * (1 + rate) / both))
    return population(METHOD, names, b, covariance, n, variance, -fall(b)[0], rows.n, level)
