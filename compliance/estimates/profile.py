"""Intervals by profile likelihood: which populations the table speaks against, the fit repeated for each of them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtri, gammaln, xlogy

from compliance.estimates.existence import dropped_masks, reduced
from compliance.estimates.loglinear import Fit, fit
from compliance.estimates.newton import solve
from compliance.estimates.results import Interval
from compliance.estimates.tables import Table
from compliance.estimates.terms import Floats, Terms, canonical, design, masks

FAR = 20.0
"""Bounds are looked for up to e^20, half a milliard, times the estimate of those unseen, and ten times those seen.
Beyond, the upper one is infinite."""
MULTINOMIAL = "multinomial profile"
POISSON = "Poisson profile"


def multinomial_interval(
    table: Table, terms: Terms, *, columns: Floats | None = None, level: float = 0.95, main: bool = True
) -> Interval:
    """The interval of Cormack (1992): for each N the model is fitted to the table with N − n unseen, and the likelihood
    multinomial in all histories, ln N! − Σ ln y! + Σ y ln(μ / N), is cut at half the χ² of one degree.

    The upper bound is infinite, and `how` says so, where no number of unseen is too many. Raises `NoEstimate`.
    """
    one = _Completed.of(table, terms, columns, main)

    def fallen(unseen: float) -> float:
        fitted, kernel = one.fitted_with(unseen)
        kernel += float(xlogy(one.counts, fitted).sum())
        return -2 * (kernel + _stirling(table.n + unseen) - _stirling(unseen))

    return _interval(one, fallen, MULTINOMIAL, level)


def poisson_interval(
    table: Table, terms: Terms, *, columns: Floats | None = None, level: float = 0.95, main: bool = True
) -> Interval:
    """The interval of Regal and Hook (1984): the deviance of the table completed with n0 unseen, profiled in n0."""
    one = _Completed.of(table, terms, columns, main)

    def fallen(unseen: float) -> float:
        fitted, kernel = one.fitted_with(unseen)
        return 2 * (float((xlogy(one.counts, one.counts) - xlogy(one.counts, fitted)).sum()) - kernel)

    return _interval(one, fallen, POISSON, level)


@dataclass(eq=False)
class _Completed:
    """The model on the table with a cell for the unseen; each fit begins where the one before it ended."""

    table: Table
    estimate: Fit
    design: Floats
    counts: Floats
    at: Floats

    @classmethod
    def of(cls, table: Table, terms: Terms, columns: Floats | None, main: bool) -> "_Completed":
        estimate = fit(table, terms, columns=columns, main=main)
        parameters = masks(table.k, canonical(terms))
        parameters = parameters if main else (0, *parameters[1 + table.k :])
        totals = design(table.k, parameters).T @ table.counts.astype(np.float64)
        rest = reduced(table.k, parameters, dropped_masks(parameters, totals))
        matrix = rest.matrix if columns is None else np.hstack([rest.matrix, columns[rest.cells]])
        unseen = np.zeros((1, matrix.shape[1]))
        unseen[0, 0] = 1.0
        return cls(
            table=table,
            estimate=estimate,
            design=np.vstack([matrix, unseen]),
            counts=table.counts[rest.cells].astype(np.float64),
            at=estimate.coefficients[np.isfinite(estimate.coefficients)],
        )

    def fitted_with(self, unseen: float) -> tuple[Floats, float]:
        """Means of the seen histories when n0 are unseen, and n0 ln(μ0 / n0).

        All means add up to all that are there, so that of billions unseen the ratio is got from what is seen.
        """
        found = solve(self.design, np.append(self.counts, unseen), self.at)
        if not found.converged:
            found = solve(self.design, np.append(self.counts, unseen))
        if found.converged:
            self.at = found.coefficients
        fitted = found.fitted[:-1]
        if unseen > self.table.n:
            return fitted, unseen * math.log1p(float((self.counts - fitted).sum()) / unseen)
        return fitted, float(xlogy(unseen, found.fitted[-1]) - xlogy(unseen, unseen))


def _stirling(count: float) -> float:
    """ln Γ(x + 1) − x ln x + x, again without its large parts where they would drown the rest."""
    if count < 1e5:
        return float(gammaln(count + 1) - xlogy(count, count) + count)
    return 0.5 * math.log(2 * math.pi * count) + 1 / (12 * count)


def _interval(one: _Completed, fallen: Callable[[float], float], how: str, level: float) -> Interval:
    observed, centre = float(one.table.n), one.estimate.f0
    if not math.isfinite(centre):
        return Interval(observed, math.inf, f"{how}, no upper bound", level)
    scale = min(one.estimate.log_f0_se, 3.0) + 1e-3
    start = one.at

    def drop(shift: float) -> float:
        return fallen(centre * math.exp(shift))

    best = minimize_scalar(drop, bounds=(-scale, scale), method="bounded", options={"xatol": 1e-7 * scale})
    allowed = float(best.fun) + float(chdtri(1, 1 - level))

    def beyond(shift: float) -> float:
        return drop(shift) - allowed

    middle = float(best.x)
    one.at = start
    high = _crossing(beyond, middle, scale * 2, max(FAR, math.log(10 * observed / centre)))
    one.at = start
    low = _crossing(beyond, middle, -scale * 2, -FAR)
    upper = math.inf if high is None else observed + centre * math.exp(high)
    lower = observed if low is None else observed + centre * math.exp(low)
    return Interval(lower, upper, how if high is not None else f"{how}, no upper bound", level)


def _crossing(beyond: Callable[[float], float], middle: float, first: float, last: float) -> float | None:
    """Where the curve crosses 0 on the way from the middle to the last point, in strides that grow; null if nowhere."""
    near, stride = middle, first
    # Of counts of billions, rounding can lift a point that was below 0 a moment ago: what was found there stays.
    found = {near: min(0.0, beyond(near))}
    while True:
        far = near + stride
        if abs(far) > abs(last):
            return None
        found[far] = beyond(far)
        if found[far] > 0:
            return float(brentq(lambda at: found[at] if at in found else beyond(at), near, far, xtol=1e-9, rtol=1e-10))
        near, stride = far, stride * 1.5
