"""Chances of being found that vary as a normal distribution on the logit scale (Rivest 2011), beside interactions."""

import math

import numpy as np
from scipy.special import gammaln, xlogy

from compliance.estimates import loglinear
from compliance.estimates.bounds import captures
from compliance.estimates.intervals import log_normal
from compliance.estimates.poisson import Floats
from compliance.estimates.results import Estimate
from compliance.estimates.tables import Table
from compliance.estimates.terms import Terms, canonical, design, masks, model_name

POINTS = 20
"""Nodes of the Gauss–Hermite rule, as in Rcapture: more move the seventh digit."""
START = 0.2
STEP = 1e-5
ROUNDS = 200


class _Mixture:
    """The fitted counts as a function of the coefficients of the design, the last one the spread σ."""

    def __init__(self, design: Floats, on: Floats) -> None:
        nodes, self.weights = np.polynomial.hermite.hermgauss(POINTS)
        self.nodes = nodes * math.sqrt(2)
        self.design, self.on = design, on
        self.levels = np.arange(1, int(on.max()) + 1)

    def log_fitted(self, at: Floats) -> Floats:
        """In logarithms throughout: on the way, the search tries coefficients whose exponentials have no figure."""
        linear = self.design @ at[:-1]
        shifts = at[-1] * self.nodes
        seen = _log_sum(linear[:, None] + self.on[:, None] * shifts, axis=0)
        weights = np.log(self.weights) + at[0] - np.logaddexp(at[0], seen)
        factors = _log_sum(weights + self.levels[:, None] * shifts, axis=1) - _log_sum(weights, axis=0)
        return np.asarray(linear + factors[self.on.astype(int) - 1])

    def fitted(self, at: Floats) -> Floats:
        return np.exp(self.log_fitted(at))

    def slopes(self, at: Floats) -> Floats:
        """d log(fitted) / d coefficients, by central differences; shape (cells, p)."""
        return np.column_stack(
            [(self.log_fitted(at + one) - self.log_fitted(at - one)) / (2 * STEP) for one in _steps(len(at))]
        )

    def gradient(self, counts: Floats, at: Floats) -> Floats:
        """Of the Poisson log-likelihood."""
        return np.asarray(self.slopes(at).T @ (counts - self.fitted(at)))


def normal_mixture(
    table: Table, terms: Terms = (), *, main: bool = True, as_rcapture: bool = False, level: float = 0.95
) -> Estimate:
    """“Mth Normal”: interactions and a normal spread of chances; `main=False` is “Mh Normal”, with lists of one size.

    The standard error comes from the inverse of the Hessian of −log L. Rcapture inverts that of the deviance, which is
    twice as large, so its standard errors are too small by up to √2; `as_rcapture` repeats that, to compare. The
    interval is log-normal (Chao 1987). No estimate where the spread vanishes or the search does not settle.
    """
    terms = canonical(terms)
    method, model = ("Mth Normal" if main else "Mh Normal"), model_name(terms)
    on = captures(table)
    try:
        first = loglinear.fit(table, terms, columns=_columns(on, main=main), main=main)
    except loglinear.NoEstimate as refused:
        return Estimate(method, None, model=model, why_none=loglinear.WHY[refused.reason].capitalize() + ".")
    if not np.isfinite(first.coefficients).all():
        why = "Some lists never overlap, and this model has no limit for that."
        return Estimate(method, None, model=model, why_none=why)
    counts = table.counts.astype(np.float64)
    parts = masks(table.k, terms)
    matrix = design(table.k, parts if main else (0, *parts[1 + table.k :]))
    if not main:
        matrix = np.column_stack([matrix, on])
    mixture = _Mixture(matrix.astype(np.float64), on)
    at = _settled(mixture, counts, np.append(first.coefficients[:-1], START))
    if at is None or abs(at[-1]) < 1e-3:
        why = "The search does not settle." if at is None else "The lists show no spread of this kind."
        return Estimate(method, None, model=model, why_none=why)
    halves = [
        (mixture.gradient(counts, at - 50 * one) - mixture.gradient(counts, at + 50 * one)) / (100 * STEP)
        for one in _steps(len(at))
    ]
    hessian = (np.array(halves) + np.array(halves).T) / 2
    variance = float(np.linalg.inv(hessian)[0, 0]) / (2 if as_rcapture else 1)
    fitted, f0 = mixture.fitted(at), math.exp(at[0])
    likelihood = float((xlogy(counts, fitted) - fitted - gammaln(counts + 1)).sum())
    n, se = table.n + f0, (math.sqrt(f0 + f0 * f0 * variance) if variance > 0 else None)
    return Estimate(
        method,
        n,
        se,
        log_normal(table.n, n, se, level),
        model,
        likelihood,
        _deviance(counts, fitted),
        len(counts) - len(at),
        -2 * likelihood + 2 * len(at),
        -2 * likelihood + len(at) * math.log(table.n),
    )


def _log_sum(values: Floats, axis: int) -> Floats:
    """The logarithm of a sum of exponentials."""
    top = values.max(axis=axis, keepdims=True)
    return np.asarray(np.log(np.exp(values - top).sum(axis=axis)) + top.squeeze(axis))


def _columns(on: Floats, *, main: bool) -> Floats:
    """Darroch's model gives the start: its column, and the number of lists where no list has an effect of its own."""
    return (on**2 / 2)[:, None] if main else np.column_stack([on, on**2 / 2])


def _settled(mixture: _Mixture, counts: Floats, at: Floats) -> Floats | None:
    """Fisher scoring with halved steps from `at`; null where it finds no maximum."""
    now = _deviance(counts, mixture.fitted(at))
    for _ in range(ROUNDS):
        slopes, fitted = mixture.slopes(at), mixture.fitted(at)
        gradient = slopes.T @ (counts - fitted)
        step = np.linalg.lstsq(slopes.T @ (fitted[:, None] * slopes), gradient, rcond=None)[0]
        if float(gradient @ step) < 1e-12 * (1 + abs(now)):
            return at
        size = 1.0
        while size > 1e-8:
            with np.errstate(all="ignore"):
                then = _deviance(counts, mixture.fitted(at + size * step))
            if then < now:
                break
            size /= 2
        if size <= 1e-8:
            return at if float(gradient @ step) < 1e-6 else None
        at, now = at + size * step, then
    return None


def _steps(parameters: int) -> Floats:
    return np.eye(parameters) * STEP


def _deviance(counts: Floats, fitted: Floats) -> float:
    return float(2 * (xlogy(counts, counts / fitted) - counts + fitted).sum()) if (counts > 0).any() else 0.0
