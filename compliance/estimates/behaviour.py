"""Behavioural models M_b and M_bh: being found once changes the chance of being found again."""

import math

import numpy as np

from compliance.estimates import loglinear
from compliance.estimates.bounds import captures
from compliance.estimates.intervals import log_normal
from compliance.estimates.poisson import Floats
from compliance.estimates.results import Estimate
from compliance.estimates.tables import Table

AN_ORDER = "The lists are read as occasions in the order of the table."


def mb(table: Table) -> Estimate:
    """M_b: one chance of being found for the first time, another for every time after; lists are occasions in order.

    N = e^b0 (1 + e^b2)^K / (1 + e^b2 − e^b1), with b1 for the occasions before the first capture and b2 for the
    captures after it (Baillargeon and Rivest 2007). The formula can fall below what was seen, even below 0: `n` then
    holds its value, and `why_none` says that it is no estimate.
    """
    if table.k < 2:
        return Estimate("Mb", None, why_none="A change of behaviour needs two lists or more.")
    fit = _fit(table, "Mb", _after(table))
    if isinstance(fit, Estimate):
        return fit
    start, fresh, again = (_exp(one) for one in fit.coefficients)
    gap = 1 + again - fresh
    if not gap:
        return _none("Mb", fit)
    n = start * (1 + again) ** table.k / gap
    slopes = n * np.array([1.0, fresh / gap, table.k * again / (1 + again) - again / gap])
    return _estimate("Mb", table, fit, n, slopes)


def mbh(table: Table, *, as_rcapture: bool = False) -> Estimate:
    """M_bh: as M_b, with a chance of its own on the first occasion.

    N = e^b0 (1 + e^b3)^(K−1) (1 + e^(b1+b2) / (1 + e^b3 − e^b2)). Rcapture 1.4 leaves a factor out of the derivative
    by b3; `as_rcapture` repeats that, to compare with what it printed. `n` and `why_none` as in `mb`.
    """
    if table.k < 3:
        return Estimate("Mbh", None, why_none="This model needs three lists or more.")
    fit = _fit(table, "Mbh", np.hstack([1.0 - table.bits[:, :1], _after(table)]))
    if isinstance(fit, Estimate):
        return fit
    start, late, fresh, again = (_exp(one) for one in fit.coefficients)
    gap = 1 + again - fresh
    if not gap:
        return _none("Mbh", fit)
    size, rest = start * (1 + again) ** (table.k - 1), late * fresh / gap
    n = size * (1 + rest)
    growth = (table.k - 1) * again / (1 + again) * (1.0 if as_rcapture else 1 + rest)
    slopes = size * np.array([1 + rest, rest, rest + late * fresh**2 / gap**2, growth - late * fresh * again / gap**2])
    return _estimate("Mbh", table, fit, n, slopes)


def _after(table: Table) -> Floats:
    """The occasions before the first capture and the captures after it, shape (2^K − 1, 2)."""
    return np.column_stack([table.bits.argmax(axis=1).astype(np.float64), captures(table) - 1])


def _fit(table: Table, method: str, columns: Floats) -> loglinear.Fit | Estimate:
    try:
        return loglinear.fit(table, columns=columns, main=False)
    except loglinear.NoEstimate as refused:
        return Estimate(method, None, why_none=loglinear.WHY[refused.reason].capitalize() + ".")


def _estimate(method: str, table: Table, fit: loglinear.Fit, n: float, slopes: Floats) -> Estimate:
    if not math.isfinite(n):
        return _none(method, fit)
    variance = float(slopes @ fit.covariance @ slopes) - n
    se = math.sqrt(variance) if variance >= 0 and math.isfinite(variance) else None
    why, interval = "", None
    if n < table.n:
        why = f"The formula gives {n:,.1f}, below the {table.n:,} seen: the table contradicts this model. {AN_ORDER}"
    else:
        interval = log_normal(table.n, n, se)
    return Estimate(
        method, n, se, interval, None, fit.log_likelihood, fit.deviance, fit.df, fit.aic, fit.bic, why_none=why
    )


def _none(method: str, fit: loglinear.Fit) -> Estimate:
    why = f"The formula of this model has no finite value here. {AN_ORDER}"
    return Estimate(
        method, None, None, None, None, fit.log_likelihood, fit.deviance, fit.df, fit.aic, fit.bic, why_none=why
    )


def _exp(value: float) -> float:
    return math.exp(min(float(value), 700.0))
