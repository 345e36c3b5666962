"""Repeats on one list where the rate depends on what is known of each operation: region, kind, size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from compliance.estimates.intervals import log_normal, normal
from compliance.estimates.poisson import Floats
from compliance.estimates.results import Estimate, Interval

ROUNDS = 200


class RegressionRefused(ValueError):
    """The rows cannot be regressed; the message says what is wrong and what would be right."""


@dataclass(frozen=True, eq=False)
class Regression:
    """Coefficients (p,), by `names`, with their covariance (p, p), and the population that they imply.

    `estimate.interval` is log-normal; `normal` is n ± z se, which others print.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    estimate: Estimate
    normal: Interval | None

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients, shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


@dataclass(frozen=True, eq=False)
class Sightings:
    """Rows of operations: `times` seen (n,), each 1 or more, and how many such operations there are, `weights` (n,)."""

    times: Floats
    weights: Floats

    @classmethod
    def of(cls, times: Any, weights: Any = None) -> "Sightings":
        seen = np.asarray(times, dtype=np.float64)
        each = np.ones(len(seen)) if weights is None else np.asarray(weights, dtype=np.float64)
        if seen.ndim != 1 or each.shape != seen.shape:
            raise RegressionRefused("Give one number of sightings and one weight for every row.")
        if not (np.isfinite(seen).all() and (seen >= 1).all() and (seen == np.round(seen)).all()):
            raise RegressionRefused("Numbers of sightings are whole and 1 or more; who was never seen is not known.")
        if not (np.isfinite(each).all() and (each >= 0).all() and each.sum() > 0):
            raise RegressionRefused("Weights say how many operations a row stands for: zero or more, not all zero.")
        return cls(seen, each)

    @property
    def n(self) -> float:
        return float(self.weights.sum())

    def design(self, columns: Any) -> Floats:
        """The design as numbers, checked: a row for every row, and no column that follows from the others."""
        x = np.asarray(columns, dtype=np.float64)
        if x.ndim != 2 or len(x) != len(self.times) or not np.isfinite(x).all():
            raise RegressionRefused(f"The design has one row of finite numbers for each of {len(self.times)} rows.")
        if np.linalg.matrix_rank(x[self.weights > 0]) < x.shape[1]:
            raise RegressionRefused("A column of the design follows from the others; leave it out.")
        return x


def truncated_poisson_regression(
    times: Any, design: Any, weights: Any = None, *, names: Sequence[str] = (), level: float = 0.95
) -> Regression:
    """Zero-truncated Poisson with log λ_i = x_i'b, and N = Σ 1 / (1 − e^−λ_i) (van der Heijden et al. 2003).

    Var(N) = g' cov g + Σ (1 − p_i) / p_i². `design` (n, p) has its own column of ones; BIC takes ln(operations seen).
    Raises `RegressionRefused`; where no finite maximum exists the estimate says so.
    """
    rows = Sightings.of(times, weights)
    x, w, y = rows.design(design), rows.weights, rows.times
    method = "zero-truncated Poisson regression"

    def fall(b: Floats) -> tuple[float, Floats]:
        linear = np.clip(x @ b, -50, 50)
        rate = np.exp(linear)
        seen = -np.expm1(-rate)
        value = np.sum(w * (y * linear - rate - np.log(seen)))
        return -float(value), -np.asarray(x.T @ (w * (y - rate / seen)))

    def information(b: Floats) -> Floats:
        rate = np.exp(np.clip(x @ b, -50, 50))
        mean = rate / -np.expm1(-rate)
        return np.asarray(x.T @ ((w * mean * (1 + rate - mean))[:, None] * x))

    start = np.linalg.lstsq(x, np.log(np.full(len(y), max(0.1, 2 * (float(w @ y) / rows.n - 1)))), rcond=None)[0]
    b = climbed(fall, information, start)
    if b is None or np.abs(x @ b)[w > 0].max() > 30:
        return _none(
            method, names, x.shape[1], "Some kinds of operations were all seen once, so their rate has no end."
        )
    rate = np.exp(x @ b)
    p = -np.expm1(-rate)
    covariance: Floats = np.asarray(np.linalg.inv(information(b)), dtype=np.float64)
    slope = -x.T @ (w * rate * np.exp(-rate) / p**2)
    likelihood = -fall(b)[0] - float(w @ gammaln(y + 1))
    variance = float(slope @ covariance @ slope + np.sum(w * (1 - p) / p**2))
    return population(method, names, b, covariance, float(np.sum(w / p)), variance, likelihood, rows.n, level)


def climbed(fall: Any, information: Any, start: Floats) -> Floats | None:
    """The minimum of `fall(b) -> (value, gradient)` by BFGS, then Newton with `information(b)`; null without one."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = minimize(fall, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000})
        b, now = np.asarray(found.x), float(found.fun)
        for _ in range(ROUNDS):
            gradient = fall(b)[1]
            try:
                step = np.linalg.solve(information(b), gradient)
            except np.linalg.LinAlgError:
                return None
            if not np.isfinite(step).all():
                return None
            then = fall(b - step)[0]
            if not then <= now + 1e-9 * (1 + abs(now)):
                return None
            b, now = b - step, then
            if np.abs(step).max() < 1e-10:
                return b
    return None


def population(
    method: str,
    names: Sequence[str],
    b: Floats,
    covariance: Floats,
    n: float,
    variance: float,
    likelihood: float,
    seen: float,
    level: float,
) -> Regression:
    """The answer of a regression from its maximum."""
    se = math.sqrt(variance) if variance > 0 else None
    estimate = Estimate(
        method,
        n,
        se,
        log_normal(seen, n, se, level),
        None,
        likelihood,
        None,
        None,
        -2 * likelihood + 2 * len(b),
        -2 * likelihood + len(b) * math.log(seen),
    )
    return Regression(named(names, len(b)), b, covariance, estimate, normal(n, se, level))


def named(names: Sequence[str], count: int) -> tuple[str, ...]:
    return tuple(names) if len(names) == count else tuple(f"b{at}" for at in range(count))


def _none(method: str, names: Sequence[str], count: int, why: str) -> Regression:
    nothing = np.full(count, np.nan)
    return Regression(
        named(names, count), nothing, np.full((count, count), np.nan), Estimate(method, None, why_none=why), None
    )
