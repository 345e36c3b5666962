"""Log-linear models of capture tables: how many operations no list has seen, with the error and the fit."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammaln, ndtri, xlogy

from compliance.estimates.existence import Reduced, dropped_masks, exists_on, mle_exists, reduced, support_of
from compliance.estimates.newton import Solution, inverse, solve
from compliance.estimates.results import Interval
from compliance.estimates.tables import Table
from compliance.estimates.terms import Floats, Terms, canonical, design, masks, model_name, parse_model

__all__ = ["Fit", "NoEstimate", "Terms", "fit", "model_name", "parse_model"]

NEARS_ZERO = 1e-6
"""A fitted mean below this part of the smallest count that a table can have is checked by the linear programme."""

Reason = Literal["no_mle", "not_identifiable"]

WHY = {
    "no_mle": "its maximum does not exist: some histories that nobody has would need a mean of exactly 0",
    "not_identifiable": "the table cannot tell its parameters apart",
}


class NoEstimate(Exception):
    """A model has no estimate on a table; `reason` is `no_mle` or `not_identifiable`."""

    def __init__(self, reason: Reason, model: str = "") -> None:
        super().__init__(f"The model {model} has no estimate: {WHY[reason]}.")
        self.reason: Reason = reason
        self.model = model


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model. Parameters are the intercept, K main effects, the terms and the extra columns, in that order.

    `n` is the whole population, observed + `f0`; `se` is its standard error, √(f0 + f0² V) with V the variance of
    log f0, whose root is `log_f0_se`. `coefficients` (p,) holds −inf for what nobody has; rows of such parameters in
    `covariance` (p, p) are nan and so is their `z`. They count among `parameters`, hence in `aic` and `bic`, but their
    cells and they do not count in `df`. `fitted` (2^K − 1,) follows `tables.histories`.
    """

    terms: Terms
    observed: int
    n: float
    se: float
    f0: float
    log_f0_se: float
    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    deviance: float
    df: int
    parameters: int
    aic: float
    bic: float
    fitted: Floats
    z: dict[frozenset[int], float]

    @property
    def model(self) -> str:
        return model_name(self.terms)

    def wald(self, level: float = 0.95) -> Interval:
        """The interval of Wald on the logarithm of f0: n + f0 exp(∓ z √V); never below what was observed."""
        with np.errstate(over="ignore"):
            spread = float(np.exp(ndtri(0.5 + level / 2) * self.log_f0_se))
        return Interval(self.observed + self.f0 / spread, self.observed + self.f0 * spread, "Wald on log f0", level)

    def sensitivity(self, xi: float) -> float:
        """The population if those unseen were `xi` times what the model says, as an interaction of all lists would make
        them; no data can tell, and ½ to 2 is the customary range."""
        return self.observed + xi * self.f0


def fit(table: Table, terms: Terms = (), *, columns: Floats | None = None, main: bool = True) -> Fit:
    """The maximum likelihood of the hierarchical model with these interactions, extended where nobody has one of them.

    `columns`, shape (2^K − 1, c), are further columns of the design, such as a heterogeneity's; they are 0 for the
    history of those unseen. `main=False` leaves the main effects out. Raises `NoEstimate`.
    Fienberg 1972; Cormack 1989; Baillargeon and Rivest 2007; Chan, Silverman and Vincent 2021.
    """
    terms = canonical(terms)
    parameters = masks(table.k, terms) if main else (0, *masks(table.k, terms)[1 + table.k :])
    counts = table.counts.astype(np.float64)
    rest = reduced(table.k, parameters, dropped_masks(parameters, design(table.k, parameters).T @ counts))
    matrix = rest.matrix if columns is None else np.hstack([rest.matrix, columns[rest.cells]])
    if not table.n:
        raise NoEstimate("no_mle", model_name(terms))
    if not rest.identified or (columns is not None and np.linalg.matrix_rank(matrix) < matrix.shape[1]):
        raise NoEstimate("not_identifiable", model_name(terms))
    found = solve(matrix, counts[rest.cells])
    if not found.converged or found.fitted.min() < NEARS_ZERO:
        if columns is None:
            verdict = exists_on(table.k, parameters, support_of(table.counts))
            there = verdict == "ok"
        else:
            there = mle_exists(matrix, table.counts[rest.cells] > 0)
        if not there or not found.converged:
            raise NoEstimate("no_mle", model_name(terms))
    return _fit_of(table, terms, len(parameters), found, rest, 0 if columns is None else columns.shape[1])


def _fit_of(table: Table, terms: Terms, own: int, found: Solution, rest: Reduced, extra: int) -> Fit:
    count = own + extra
    inner = inverse(found.information)
    if len(rest.cells) == len(table.counts):
        kept, coefficients, covariance, fitted = count, found.coefficients, inner, found.fitted
        counts = table.counts.astype(np.float64)
    else:
        places = np.concatenate([rest.columns, np.arange(own, count)])
        kept = len(places)
        coefficients = np.full(count, -np.inf)
        coefficients[places] = found.coefficients
        covariance = np.full((count, count), np.nan)
        covariance[np.ix_(places, places)] = inner
        fitted = np.zeros(len(table.counts))
        fitted[rest.cells] = found.fitted
        counts = table.counts[rest.cells].astype(np.float64)
    kernel = float(xlogy(counts, found.fitted).sum() - found.fitted.sum())
    likelihood = kernel - float(gammaln(counts + 1).sum())
    deviance = 2 * (float(xlogy(counts, counts).sum()) - table.n - kernel)
    with np.errstate(over="ignore"):
        f0 = float(np.exp(found.coefficients[0]))
    variance = float(inner[0, 0])
    errors = np.sqrt(np.diag(covariance)[own - len(terms) : own])
    with np.errstate(invalid="ignore"):
        scores = coefficients[own - len(terms) : own] / errors
    return Fit(
        terms=terms,
        observed=table.n,
        n=table.n + f0,
        se=math.sqrt(f0 + f0 * f0 * variance),
        f0=f0,
        log_f0_se=math.sqrt(variance),
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood=likelihood,
        deviance=max(0.0, deviance),
        df=len(rest.cells) - kept,
        parameters=count,
        aic=-2 * likelihood + 2 * count,
        bic=-2 * likelihood + count * math.log(table.n),
        fitted=fitted,
        z=dict(zip(terms, scores.tolist(), strict=True)),
    )
