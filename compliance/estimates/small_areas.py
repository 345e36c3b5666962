"""The unseen of each region from its own model and from what the region is like: Fay-Herriot on ln f0.

Fay & Herriot (JASA 1979); mean squared error by Prasad & Rao (JASA 1990), with REML by Datta & Lahiri (2000).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from compliance.estimates.regions import BORROWED_BELOW
from compliance.estimates.results import Interval

Floats = NDArray[np.float64]

NORMAL_95 = 1.959963984540054
LARGEST_FACTOR = 1e12
"""Regions that would have to be multiplied by more have nothing in them to be scaled."""


@dataclass(frozen=True)
class Area:
    """One region. `theta` is ln f0 after pooling, `mse` its mean squared error, `weight` the part that is the region's
    own. `own` is null where the region has no estimate; then all of it is borrowed. `f0` is exp(theta).
    """

    own: float | None
    theta: float
    mse: float
    weight: float
    f0: float
    interval: Interval
    borrowed: bool


@dataclass(frozen=True)
class Areas:
    """The pooled regions; empty where none has an estimate.

    `tau2` is the variance between regions beyond what the covariates say; null where one region alone has an estimate.
    `how` is "REML", "DerSimonian-Laird" or "none". `covariates_left_out` are the columns, from 0, that add nothing to
    those before them or that the regions are too few for.
    """

    tau2: float | None
    how: str
    coefficients: tuple[float, ...]
    covariates_left_out: tuple[int, ...]
    areas: tuple[Area, ...]


def fay_herriot(
    theta: Sequence[float | None], variance: Sequence[float | None], covariates: Sequence[Sequence[float]] | None = None
) -> Areas:
    """Pool ln f0 of the regions with known variances; `covariates` has one row per region, without a constant.

    A region without an estimate (null, or infinite variance) is given what the others say of one like it. Raises
    `ValueError` for variances that are not above 0 and covariates that are not finite.
    """
    y = np.array([np.nan if one is None else one for one in theta], dtype=np.float64)
    v = np.array([np.inf if one is None else one for one in variance], dtype=np.float64)
    if y.shape != v.shape:
        raise ValueError("Give one ln f0 and one variance for each region.")
    if (v <= 0).any() or np.isnan(v).any():
        raise ValueError("A variance is above 0; a region that is not known has none.")
    known = np.isfinite(y) & np.isfinite(v)
    if not known.any():
        return Areas(None, "none", (), (), ())
    x = np.ones((len(y), 1))
    if covariates is not None and len(covariates):
        extra = np.asarray(covariates, dtype=np.float64).reshape(len(y), -1)
        if not np.isfinite(extra).all():
            raise ValueError("Covariates are finite numbers; leave out a column that is not known everywhere.")
        x = np.hstack([x, extra])
    columns = _columns(x[known])
    left_out = tuple(at - 1 for at in range(x.shape[1]) if at not in columns)
    x = x[:, columns]
    fit_y, fit_v, fit_x = y[known], v[known], x[known]
    alone = len(fit_y) == 1
    tau2, how = (0.0, "none") if alone else between_variance(fit_y, fit_v, fit_x)
    inverse = 1 / (tau2 + fit_v)
    covariance = np.linalg.inv(fit_x.T @ (inverse[:, None] * fit_x))
    coefficients = covariance @ (fit_x.T @ (inverse * fit_y))
    variance_of_tau2 = 0.0 if alone else 2 / float((inverse**2).sum())
    areas = []
    for at in range(len(y)):
        synthetic = float(x[at] @ coefficients)
        of_line = float(x[at] @ covariance @ x[at])
        if known[at]:
            # One region with an estimate is its own nation.
            weight = 1.0 if alone else tau2 / (tau2 + v[at])
            g1 = v[at] if alone else weight * v[at]
            g3 = 0.0 if alone else v[at] ** 2 / (tau2 + v[at]) ** 3 * variance_of_tau2
            pooled = weight * y[at] + (1 - weight) * synthetic
        else:
            weight, g1, g3, pooled = 0.0, tau2, 0.0, synthetic
        mse = float(g1 + (1 - weight) ** 2 * of_line + 2 * g3)
        half = NORMAL_95 * np.sqrt(mse)
        areas.append(
            Area(
                own=float(y[at]) if known[at] else None,
                theta=float(pooled),
                mse=mse,
                weight=float(weight),
                f0=float(np.exp(pooled)),
                interval=Interval(float(np.exp(pooled - half)), float(np.exp(pooled + half)), "Fay-Herriot"),
                borrowed=bool(weight < BORROWED_BELOW),
            )
        )
    return Areas(None if alone else float(tau2), how, tuple(map(float, coefficients)), left_out, tuple(areas))


def between_variance(y: Floats, v: Floats, x: Floats) -> tuple[float, str]:
    """τ² by REML, or by DerSimonian and Laird where that has no finite answer; and which of the two."""
    start = dersimonian_laird(y, v, x)
    top = 10 * max(float(np.var(y)), start, float(np.median(v)))
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-8, top, 60), [start]])
    grid.sort()
    losses = np.array([_restricted_loss(one, y, v, x) for one in grid])
    if not np.isfinite(losses).all():
        return start, "DerSimonian-Laird"
    best = int(losses.argmin())
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(
        _restricted_loss, bounds=(low, high), args=(y, v, x), method="bounded", options={"xatol": 1e-12 * top}
    )
    if found.fun < losses[best]:
        return float(found.x), "REML"
    return float(grid[best]), "REML"


def dersimonian_laird(y: Floats, v: Floats, x: Floats) -> float:
    """τ² by moments: (Q − (regions − columns)) / (tr W − tr((X'WX)⁻¹ X'W²X)), at least 0."""
    w = 1 / v
    inverse = np.linalg.inv(x.T @ (w[:, None] * x))
    residual = y - x @ (inverse @ (x.T @ (w * y)))
    scale = float(w.sum() - np.trace(inverse @ (x.T @ ((w**2)[:, None] * x))))
    if scale <= 0:
        return 0.0
    return max(0.0, (float(w @ residual**2) - (len(y) - x.shape[1])) / scale)


def _restricted_loss(tau2: float, y: Floats, v: Floats, x: Floats) -> float:
    """Minus twice the restricted ln likelihood, up to a constant."""
    w = 1 / (tau2 + v)
    information = x.T @ (w[:, None] * x)
    residual = y - x @ np.linalg.solve(information, x.T @ (w * y))
    return float(-np.log(w).sum() + np.linalg.slogdet(information)[1] + w @ residual**2)


def _columns(x: Floats) -> list[int]:
    """The columns that add something to those before them, at least one fewer than regions."""
    kept = [0]
    for at in range(1, x.shape[1]):
        if len(kept) + 1 < len(x) and np.linalg.matrix_rank(x[:, [*kept, at]]) > len(kept):
            kept.append(at)
    return kept


@dataclass(frozen=True)
class Benchmarked:
    """`scaled` add up to the nation's estimate; `unscaled` are as they were.

    `factor` is null where these are as good as 0; nothing is then scaled.
    """

    factor: float | None
    scaled: tuple[float, ...]
    unscaled: tuple[float, ...]


def benchmark(f0: Sequence[float], national: float) -> Benchmarked:
    """The unseen of the regions multiplied by one factor, so that their sum is the national estimate of the unseen."""
    total = float(np.sum(f0))
    if any(one < 0 for one in f0) or national < 0:
        raise ValueError("The unseen are zero or more.")
    kept = tuple(float(one) for one in f0)
    if not total or national > total * LARGEST_FACTOR:
        return Benchmarked(None, kept, kept)
    return Benchmarked(national / total, tuple(one / total * national for one in kept), kept)
