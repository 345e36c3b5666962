"""Poisson regression with a log link on any design, with zero cells handled as limits: log-linear models of counts."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, linprog, minimize_scalar
from scipy.special import chdtri, gammaln, xlogy

from compliance.estimates.results import Interval

Floats = NDArray[np.float64]
STEPS = 200
TOLERANCE = 1e-10
NOISE = 1e-14
"""What the deviance of one count is rounded to, and so how far it must be trusted."""
FARTHEST = 1e6
"""A profile is followed up to this many times what has been seen; past it the interval has no upper end."""


@dataclass(frozen=True, eq=False)
class PoissonFit:
    """A fit of p coefficients, the first for the intercept, to cells of which `support` have a fitted count above 0.

    Cells outside the support are fitted with 0, the limit of the likelihood (the extended MLE); `parameters` is the
    rank of the whole design, so that they still count. `log_f0` is the intercept with its standard error, null where
    the data do not determine it.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    deviance: float
    parameters: int
    fitted: Floats
    support: NDArray[np.bool_]
    log_f0: float | None
    log_f0_se: float | None

    @property
    def df(self) -> int:
        return len(self.fitted) - self.parameters


def fit(
    design: Any,
    counts: Any,
    offset: Any = None,
    *,
    support: NDArray[np.bool_] | None = None,
    start: Floats | None = None,
) -> PoissonFit:
    """Fit log E(counts) = offset + design @ b by Newton's method; shapes (cells, p), (cells,), (cells,).

    The first column is the intercept, all ones. `start` (p,) helps where counts or offsets span many orders of
    magnitude. Raises `ValueError` where nothing was counted.
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    shift = np.zeros(len(y)) if offset is None else np.asarray(offset, dtype=np.float64)
    if y.sum() <= 0:
        raise ValueError("Nothing was counted, so there is nothing to fit.")
    kept = support_of(x, y) if support is None else support
    basis = _row_space(x[kept])
    z = x[kept] @ basis
    gamma = _newton(z, y[kept], shift[kept], None if start is None else basis.T @ start)
    fitted = np.zeros(len(y))
    fitted[kept] = np.exp(shift[kept] + z @ gamma)
    try:
        inner = np.linalg.inv(z.T @ (fitted[kept, None] * z))
    except np.linalg.LinAlgError:
        # Counts so far apart in size that the errors are lost in rounding.
        inner = np.full((z.shape[1], z.shape[1]), np.nan)
    first = np.zeros(x.shape[1])
    first[0] = 1
    known = float(np.linalg.norm(basis @ (basis.T @ first) - first)) < 1e-8
    coefficients, covariance = basis @ gamma, basis @ inner @ basis.T
    return PoissonFit(
        coefficients,
        covariance,
        float(np.sum(xlogy(y, fitted) - fitted - gammaln(y + 1))),
        _deviance(y, fitted),
        int(np.linalg.matrix_rank(x)),
        fitted,
        kept,
        float(coefficients[0]) if known else None,
        math.sqrt(max(0.0, float(covariance[0, 0]))) if known else None,
    )


def support_of(design: Floats, counts: Floats) -> NDArray[np.bool_]:
    """The cells that can have a fitted count above 0 when the sufficient statistics are matched (linear programming).

    All of them where the maximum exists in the usual sense (Fienberg and Rinaldo 2012).
    """
    cells, parameters = design.shape
    if (counts > 0).all():
        return np.ones(cells, dtype=bool)
    # Variables: fitted counts x, a scale s with A'x = s A'y, and t with t <= x and t <= 1. As x can be scaled up, t is
    # 1 on every cell that can be positive at all, and 0 on the others.
    found = linprog(
        np.concatenate([np.zeros(cells + 1), -np.ones(cells)]),
        A_ub=np.hstack([-np.eye(cells), np.zeros((cells, 1)), np.eye(cells)]),
        b_ub=np.zeros(cells),
        A_eq=np.hstack([design.T, -(design.T @ counts)[:, None] / counts.max(), np.zeros((parameters, cells))]),
        b_eq=np.zeros(parameters),
        bounds=[(0, None)] * (cells + 1) + [(0, 1)] * cells,
        method="highs",
    )
    if found.x is None:
        return np.ones(cells, dtype=bool)
    return np.asarray((found.x[cells + 1 :] > 0.5) | (counts > 0))


def multinomial_profile(
    design: Any,
    counts: Any,
    offset: Any = None,
    level: float = 0.95,
    *,
    support: NDArray[np.bool_] | None = None,
    start: Floats | None = None,
) -> tuple[float, Interval | None]:
    """The N that maximises the multinomial profile likelihood, and its interval (Cormack 1992).

    For each N the model is fitted anew with N − n in the cell of the unseen, last in `support` (cells + 1,) where that
    is known. The interval is null where the likelihood never falls far enough as N grows.
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    shift = np.zeros(len(y)) if offset is None else np.asarray(offset, dtype=np.float64)
    unseen = np.zeros(x.shape[1])
    unseen[0] = 1
    x, shift, seen = np.vstack([x, unseen]), np.append(shift, 0.0), float(y.sum())
    kept = support_of(x, np.append(y, 1.0)) if support is None else support
    basis = _row_space(x[kept])
    z, first = x[kept] @ basis, None if start is None else basis.T @ start

    def fall(log_f0: float) -> float:
        f0 = math.exp(log_f0)
        n, cells = seen + f0, np.append(y, f0)[kept]
        deviance = _at(z, cells, shift[kept], _newton(z, cells, shift[kept], first))[0]
        return deviance / 2 - (log_rising(f0 + 1, seen) - seen * math.log(n) - f0 * math.log1p(seen / f0))

    # From a thousandth of an operation unseen to the farthest N: a coarse look first, for likelihoods with two tops.
    grid = np.linspace(math.log(1e-3), math.log(FARTHEST * seen), 60)
    falls = [fall(at) for at in grid]
    top = int(np.argmin(falls))
    around = (grid[max(0, top - 1)], grid[min(len(grid) - 1, top + 1)])
    best = minimize_scalar(fall, bounds=around, method="bounded", options={"xatol": 1e-8})
    cut = float(best.fun) + float(chdtri(1, 1 - level)) / 2
    n = seen + (math.exp(best.x) if top else 0.0)
    if falls[-1] < cut:
        return n, None
    high = seen + math.exp(brentq(lambda at: fall(at) - cut, best.x, grid[-1], xtol=1e-10))
    low = seen
    if falls[0] > cut:
        low += math.exp(brentq(lambda at: fall(at) - cut, grid[0], best.x, xtol=1e-10))
    return n, Interval(low, high, "multinomial profile", level)


def log_rising(a: float, b: float) -> float:
    """ln Γ(a + b) − ln Γ(a) for positive a and b, to about 1e-9 even where both are of the order of 10^12."""
    if a < 20:
        return float(gammaln(a + b) - gammaln(a))
    rest = _stirling(a + b) - _stirling(a)
    return (a - 0.5) * math.log1p(b / a) + b * math.log(a + b) - b + rest


def _stirling(x: float) -> float:
    return 1 / (12 * x) - 1 / (360 * x**3) + 1 / (1260 * x**5)


def _row_space(x: Floats) -> Floats:
    """An orthonormal basis of the rows of x, shape (p, rank): what the cells can tell of the coefficients."""
    _, sizes, rows = np.linalg.svd(x, full_matrices=False)
    return np.asarray(rows[sizes > sizes[0] * 1e-10].T)


def _newton(z: Floats, y: Floats, shift: Floats, start: Floats | None) -> Floats:
    weights = np.sqrt(y + 0.5)
    rough = np.linalg.lstsq(z * weights[:, None], (np.log(y + 0.5) - shift) * weights, rcond=None)[0]
    gamma: Floats = np.asarray(rough, dtype=np.float64)
    now, fitted = _at(z, y, shift, gamma)
    if start is not None and _at(z, y, shift, start)[0] < now:
        gamma = start
        now, fitted = _at(z, y, shift, gamma)
    noise = NOISE * (1 + float(y.sum()))
    for _ in range(STEPS):
        gradient, inner = z.T @ (y - fitted), z.T @ (fitted[:, None] * z)
        if not (np.isfinite(gradient).all() and np.isfinite(inner).all()):
            # LAPACK would say so on standard output, where an answer may stand.
            raise np.linalg.LinAlgError("The fitted counts have no finite sum.")
        step = np.linalg.lstsq(inner, gradient, rcond=None)[0]
        decrement, size = float(gradient @ step), 1.0
        while size > 1e-10:
            then, trial = _at(z, y, shift, gamma + size * step)
            if then <= now + noise:
                break
            size /= 2
        gamma, fitted, now = gamma + size * step, trial, then
        # Newton's error is squared by every step, so one full step from here is exact.
        if decrement < TOLERANCE + noise or size <= 1e-10:
            break
    return np.asarray(gamma)


def _at(z: Floats, y: Floats, shift: Floats, gamma: Floats) -> tuple[float, Floats]:
    fitted = np.exp(np.clip(shift + z @ gamma, -700, 700))
    return _deviance(y, fitted), fitted


def _deviance(y: Floats, fitted: Floats) -> float:
    with np.errstate(over="ignore"):
        ratio = np.where(y > 0, y / np.where(fitted > 0, fitted, 1e-300), 1.0)
        return float(2 * np.sum(xlogy(y, ratio) - (y - fitted)))
