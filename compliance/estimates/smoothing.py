"""A rate over time: a local level on the logit scale, with known variances month by month, gaps and breaks.

x_t = x_(t−1) + N(0, q), y_t = x_t + breaks + N(0, v_t). The first level and the breaks have no prior (diffuse): they
are regressors beside a level that starts at 0, after de Jong, "The diffuse Kalman filter" (Annals of Statistics 1991).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit

from compliance.estimates.results import Interval

Floats = NDArray[np.float64]

NORMAL_95 = 1.959963984540054
ROUNDED = 1e-9
FEWEST_FOR_Q = 4
LARGEST_Q = 25.0
"""A monthly step of five on the logit scale is from 8 % to 92 %."""


@dataclass(frozen=True)
class Observation:
    """One month: the logit of its rate, and the known variance of that logit. A month without an estimate is null."""

    logit: float
    variance: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.logit) and 0 < self.variance < math.inf):
            raise ValueError("An observation has a finite logit and a variance above 0; a month without one is null.")


@dataclass(frozen=True)
class Smoothed:
    """One month of the smoothed rate. `level` and `variance` are on the logit scale; `rate` and its band from 0 to 1.

    `filtered` is the rate as it was known at that month, from the months before it and itself; null before the first
    level is known. `observed` says whether the month has an estimate of its own.
    """

    level: float
    variance: float
    rate: float
    interval: Interval
    filtered: float | None
    observed: bool


@dataclass(frozen=True)
class Break:
    """A sudden change of level at a month (numbered from 0), such as a new law: its size on the logit scale."""

    at: int
    size: float
    se: float


@dataclass(frozen=True)
class Smooth:
    """The smoothed months; none where there is no observation.

    `q` is the variance of the level's monthly step, and `q_fitted` whether it was fitted or given. `breaks_left_out`
    are those that no observation can tell from the level, such as one before the first observation.
    """

    months: tuple[Smoothed, ...]
    q: float
    q_fitted: bool
    log_likelihood: float
    breaks: tuple[Break, ...]
    breaks_left_out: tuple[int, ...]


def of_counts(shared: int, of: int) -> Observation | None:
    """The empirical logit ln((m + ½) / (n − m + ½)), variance 1 / (m + ½) + 1 / (n − m + ½); null where n is 0."""
    if not 0 <= shared <= of:
        raise ValueError("What is shared lies between 0 and what is observed.")
    if not of:
        return None
    yes, no = shared + 0.5, of - shared + 0.5
    return Observation(math.log(yes / no), 1 / yes + 1 / no)


def of_interval(rate: float, low: float, high: float, *, z: float = NORMAL_95) -> Observation | None:
    """A rate with its 95 % interval, on the logit scale: the variance from the wider of the two halves.

    A half that ends at 0 or 1 has no length there and is left to the other; null where the rate is 0 or 1, or both
    ends are.
    """
    # Figures that were rounded apart may lie a last digit outside.
    if not (-ROUNDED <= low <= rate + ROUNDED and rate - ROUNDED <= high <= 1 + ROUNDED and 0 <= rate <= 1):
        raise ValueError("A rate lies within its interval, and both from 0 to 1.")
    if rate in (0, 1):
        return None
    middle = math.log(rate / (1 - rate))
    reach = max((abs(math.log(end / (1 - end)) - middle) for end in (low, high) if 0 < end < 1), default=0.0)
    return Observation(middle, (reach / z) ** 2) if reach else None


def smooth(
    months: Sequence[Observation | None],
    *,
    breaks: Sequence[int] = (),
    window: int = 1,
    q: float | None = None,
) -> Smooth:
    """Smooth a series of months, with q by maximum likelihood where it is not given.

    `window` is how many months an observation rests on. Neighbours then share records: q is fitted on every window-th
    month, counted back from the last, and every variance is multiplied by `window`, so that months that overlap weigh
    together as the one window that they are. With fewer than four observations to fit it on, q is 0: one level.
    """
    if window < 1:
        raise ValueError("window: an observation rests on at least one month.")
    if q is not None and not 0 <= q < math.inf:
        raise ValueError("q: a variance is finite and not negative.")
    if not any(months):
        return Smooth((), 0.0 if q is None else q, q_fitted=False, log_likelihood=0.0, breaks=(), breaks_left_out=())
    y, v = _arrays(months)
    design, kept = _design(y, breaks)
    fitted = q is None
    step = fit_q(months, breaks=breaks, window=window) if q is None else q
    run = _run(y, v * window, design, step)
    return Smooth(
        months=tuple(
            Smoothed(
                level=float(level),
                variance=float(variance),
                rate=float(expit(level)),
                interval=_band(float(level), float(variance)),
                filtered=None if math.isnan(then) else float(expit(then)),
                observed=month is not None,
            )
            for level, variance, then, month in zip(run.level, run.variance, run.filtered, months, strict=True)
        ),
        q=step,
        q_fitted=fitted,
        log_likelihood=run.log_likelihood,
        breaks=tuple(
            Break(at, float(run.coefficients[1 + place]), float(np.sqrt(run.covariance[1 + place, 1 + place])))
            for place, at in enumerate(kept)
        ),
        breaks_left_out=tuple(sorted({*breaks} - {*kept})),
    )


def fit_q(months: Sequence[Observation | None], *, breaks: Sequence[int] = (), window: int = 1) -> float:
    """q per month by diffuse maximum likelihood, on months that do not overlap; 0 with fewer than four of them."""
    last = max((at for at, month in enumerate(months) if month), default=0)
    apart = [month if (last - at) % window == 0 else None for at, month in enumerate(months)]
    y, v = _arrays(apart)
    if np.isfinite(y).sum() < FEWEST_FOR_Q:
        return 0.0
    design, _ = _design(y, breaks)
    if np.isfinite(y).sum() <= design.shape[1] + 1:
        return 0.0

    def loss(log_q: float) -> float:
        return -_run(y, v, design, math.exp(log_q), smoothed=False).log_likelihood

    # From a coarse look, since a level that hardly moves makes the likelihood flat.
    grid = np.linspace(math.log(1e-8), math.log(LARGEST_Q), 40)
    losses = [loss(float(at)) for at in grid]
    best = int(np.argmin(losses))
    bounds = (float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)]))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    still = -_run(y, v, design, 0.0, smoothed=False).log_likelihood
    return 0.0 if still <= found.fun + 1e-9 else float(math.exp(found.x))


def _band(level: float, variance: float) -> Interval:
    half = NORMAL_95 * math.sqrt(variance)
    return Interval(float(expit(level - half)), float(expit(level + half)), "Kalman smoother")


def _arrays(months: Sequence[Observation | None]) -> tuple[Floats, Floats]:
    y = np.array([math.nan if month is None else month.logit for month in months], dtype=np.float64)
    v = np.array([1.0 if month is None else month.variance for month in months], dtype=np.float64)
    return y, v


def _design(y: Floats, breaks: Sequence[int]) -> tuple[Floats, list[int]]:
    """Ones for the first level and a step for each break that the observations can tell from what is there already."""
    seen = np.isfinite(y)
    columns, kept = [np.ones(len(y))], list[int]()
    for at in sorted({*breaks}):
        step = (np.arange(len(y)) >= at).astype(np.float64)
        tried = np.column_stack([*columns, step])
        if np.linalg.matrix_rank(tried[seen]) == tried.shape[1]:
            columns.append(step)
            kept.append(at)
    return np.column_stack(columns), kept


@dataclass(frozen=True)
class _Run:
    level: Floats
    variance: Floats
    filtered: Floats
    coefficients: Floats
    covariance: Floats
    log_likelihood: float


def _run(y: Floats, v: Floats, design: Floats, q: float, *, smoothed: bool = True) -> _Run:
    """One pass of the filter for y and every regressor at once (they share its gains), and one back."""
    size, width = design.shape
    series = np.column_stack([y, design])
    state, spread = np.zeros(width + 1), 0.0
    ahead, behind = np.empty((size, width + 1)), np.empty((size, width + 1))
    spread_ahead, spread_behind = np.empty(size), np.empty(size)
    filtered = np.full(size, np.nan)
    information, weighted, square, logs, seen = np.zeros((width, width)), np.zeros(width), 0.0, 0.0, 0
    for at in range(size):
        if at:
            spread += q
        ahead[at], spread_ahead[at] = state, spread
        if math.isfinite(y[at]):
            total = spread + v[at]
            off = series[at] - state
            gain = spread / total
            state, spread = state + gain * off, spread * v[at] / total
            information += np.outer(off[1:], off[1:]) / total
            weighted += off[1:] * off[0] / total
            square += off[0] ** 2 / total
            logs += math.log(total)
            seen += 1
        behind[at], spread_behind[at] = state, spread
        if smoothed and np.linalg.matrix_rank(information) == width:
            then = np.linalg.solve(information, weighted)
            filtered[at] = state[0] + (design[at] - state[1:]) @ then
        elif smoothed and information[0, 0] > 0:
            # Before a break is seen, its column is nothing but zeros.
            then = np.linalg.lstsq(information, weighted, rcond=None)[0]
            filtered[at] = state[0] + (design[at] - state[1:]) @ then
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    coefficients = covariance @ weighted
    determinant = float(np.linalg.slogdet(information)[1])
    rest = square - float(weighted @ coefficients)
    log_likelihood = -0.5 * ((seen - width) * math.log(2 * math.pi) + logs + determinant + rest)
    level, variance = np.empty(0), np.empty(0)
    if smoothed:
        back, wide = behind.copy(), spread_behind.copy()
        for at in range(size - 2, -1, -1):
            gain = spread_behind[at] / spread_ahead[at + 1] if spread_ahead[at + 1] else 0.0
            back[at] = behind[at] + gain * (back[at + 1] - ahead[at + 1])
            wide[at] = spread_behind[at] + gain**2 * (wide[at + 1] - spread_ahead[at + 1])
        left = design - back[:, 1:]
        level = back[:, 0] + left @ coefficients
        variance = np.maximum(0.0, wide + np.einsum("ti,ij,tj->t", left, covariance, left))
    return _Run(level, variance, filtered, coefficients, covariance, log_likelihood)
