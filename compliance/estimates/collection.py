"""Expected collection: the whole distribution of what a portfolio brings in, and its quantiles without a simulation."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from compliance.estimates.factor import ALONE, Factor, dense_factor
from compliance.estimates.portfolio import (
    LEVELS,
    Moments,
    Portfolio,
    Units,
    conditional,
    cornish_fisher,
    moments,
    money,
    portfolio,
    statutory,
)

Floats = NDArray[np.float64]

GRID = 1 << 16
COARSE_GRID = 1 << 13
MOST_KINDS = 1_500
"""With more kinds of units than this the transform is not worth its time."""
MOST_WORK = 3e8
"""Points of the factor × kinds × frequencies, above which a mixture is not transformed."""
MANY_FOUND = 60
"""Above so many units found (effectively), one value of the factor leaves a nearly normal sum."""
CERTAIN = 1e-9
OUTSIDE = 28.0
"""−ln of the probability beyond the grid, at most 1e-12."""


@dataclass(frozen=True)
class Quantile:
    """With probability `level` no more than `amount` is collected."""

    level: float
    amount: Decimal


@dataclass(frozen=True)
class Collection:
    """What a portfolio of known breaches is expected to bring in within the horizon.

    Amounts are rounded to the currency's unit; `variance` is a float, in the currency squared.

    `statutory_low` and `statutory_high` are exact, and are what it would be if every breach were found. `how` says
    what gave the quantiles: "FFT" (the exact distribution), "Cornish-Fisher" (three moments), "Edgeworth" (three
    moments at every value of the common factor), or "exact" (nothing is uncertain).
    """

    units: int
    statutory_low: Decimal
    statutory_high: Decimal
    mean: Decimal
    sd: Decimal
    variance: float
    skewness: float
    common_cv: float
    quantiles: tuple[Quantile, ...]
    how: str


def collection(
    units: Iterable[Units],
    *,
    common_cv: float = 0.0,
    levels: Sequence[float] = LEVELS,
    unit: Decimal = Decimal(1),
) -> Collection:
    """The figures of a portfolio; see `portfolio.moments` for the common factor."""
    kept = tuple(units)
    of = portfolio(kept)
    figures = moments(of, common_cv=common_cv)
    low, high = statutory(kept)
    amounts, how = quantiles(of, levels, common_cv=common_cv)
    return Collection(
        units=int(of.count.sum()),
        statutory_low=low,
        statutory_high=high,
        mean=money(figures.mean, unit),
        sd=money(figures.sd, unit),
        variance=figures.variance,
        skewness=figures.skewness,
        common_cv=common_cv,
        quantiles=tuple(Quantile(level, money(amount, unit)) for level, amount in zip(levels, amounts, strict=True)),
        how=how,
    )


def quantiles(
    of: Portfolio, levels: Sequence[float] = LEVELS, *, common_cv: float = 0.0
) -> tuple[tuple[float, ...], str]:
    """The quantiles at these levels, above 0 and below 1, and how they were found."""
    if any(not 0 < level < 1 for level in levels):
        raise ValueError("A level lies between 0 and 1.")
    figures = moments(of, common_cv=common_cv)
    if figures.sd <= CERTAIN * figures.mean:
        return tuple(figures.mean for _ in levels), "exact"
    many = len(of.units) > MOST_KINDS
    if not common_cv:
        if many:
            return cornish_fisher(figures, levels), "Cornish-Fisher"
        return _of_grid(of, figures, ALONE, GRID, levels), "FFT"
    factor = dense_factor(common_cv, _found(of))
    many |= len(factor.scales) * len(of.units) * COARSE_GRID / 2 > MOST_WORK
    if many or _found(of) > MANY_FOUND:
        return _of_edgeworth(of, factor, levels), "Edgeworth"
    return _of_grid(of, figures, factor, COARSE_GRID, levels), "FFT"


def _found(of: Portfolio) -> float:
    """How many units of even size, found independently, would have the sum's relative spread."""
    (mean,), (variance,), _ = conditional(of, ALONE)
    return float(mean**2 / variance) if variance else math.inf


def distribution(of: Portfolio, *, common_cv: float = 0.0, points: int = COARSE_GRID) -> tuple[Floats, Floats]:
    """Amounts on an even grid and their probabilities, each of shape (points,), by FFT; for few kinds of units."""
    return _pmf(of, dense_factor(common_cv, _found(of)), points)


def _span(of: Portfolio, factor: Factor) -> tuple[float, float]:
    """From where to where the sum lies but for 1e-12: by Bernstein's inequality, within what is possible at all."""
    most = float((of.high + of.extra) @ of.count)
    mean, variance, _ = conditional(of, factor)
    largest = of.highest * OUTSIDE / 3
    reach = largest + np.sqrt(largest**2 + 2 * variance * OUTSIDE)
    return max(0.0, float((mean - reach).min())), min(most, float((mean + reach).max()))


def _step(of: Portfolio, span: float, points: int) -> float:
    """The distance of the grid's points; it divides the fixed amounts where there are any, so that these are points."""
    step = max(span, of.highest) / (points - 4)
    fixed = [one.low + one.extra for one in of.units if one.low == one.high]
    if fixed and all(amount == int(amount) for amount in fixed):
        common = math.gcd(*(int(amount) for amount in fixed))
        if common >= step:
            return common / math.floor(common / step)
    return step


def _pmf(of: Portfolio, factor: Factor, points: int) -> tuple[Floats, Floats]:
    low, high = _span(of, factor)
    step = _step(of, high - low, points)
    first = math.floor(low / step)
    probabilities = factor.probabilities(of.probability)
    product = np.ones((len(factor.scales), points // 2 + 1), dtype=np.complex128)
    # Most units share a fine with others and differ in their probability alone; one transform is kept at a time.
    fines = sorted(zip(of.low + of.extra, of.high + of.extra, range(len(of.units)), strict=True))
    for (least, most), alike in groupby(fines, key=itemgetter(0, 1)):
        transform = _transform(least, most, step, points)
        for _, _, kind in alike:
            unit = 1 + probabilities[:, kind, None] * transform
            product *= unit if of.count[kind] == 1 else _power(unit, float(of.count[kind]))
    total = factor.weights @ product
    mass = np.maximum(0.0, np.fft.irfft(total, points))
    # The sum was taken modulo the grid; it is unrolled to where it lies.
    mass = np.roll(mass, -(first % points))
    return step * (first + np.arange(points, dtype=np.float64)), np.asarray(mass / mass.sum(), dtype=np.float64)


def _power(of: NDArray[np.complex128], count: float) -> NDArray[np.complex128]:
    return np.asarray(np.abs(of) ** count * np.exp(1j * count * np.angle(of)))


def _transform(low: float, high: float, step: float, points: int) -> NDArray[np.complex128]:
    """The transform, less 1, of what one unit pays, its mass split between neighbours so that the mean stays."""
    mass = np.zeros(points)
    first, last = math.floor(low / step), math.floor(high / step) + 1
    if high - low < 1e-9 * step:
        part = low / step - first
        cells, shares = np.array([first, first + 1]), np.array([1 - part, part])
    else:
        # The integral of the distribution function; its second difference is the split mass.
        at = np.arange(first - 1, last + 2) * step
        inside = np.clip(at, low, high) - low
        integral = inside**2 / (2 * (high - low)) + np.maximum(0.0, at - high)
        cells, shares = np.arange(first, last + 1), np.diff(integral, 2) / step
    np.add.at(mass, cells % points, shares)
    return np.asarray(np.fft.rfft(mass) - 1)


def _of_grid(
    of: Portfolio, figures: Moments, factor: Factor, points: int, levels: Sequence[float]
) -> tuple[float, ...]:
    amounts, mass = _pmf(of, factor, points)
    below = np.cumsum(mass)
    step = float(amounts[1] - amounts[0])
    center = float(mass @ amounts)
    sd = math.sqrt(float(mass @ (amounts - center) ** 2))
    # Splitting between neighbours widens the sum a little; it is drawn back to the variance that is known exactly.
    draw = figures.sd / sd if sd else 1.0
    found = []
    for level in levels:
        at = min(int(np.searchsorted(below, level)), points - 1)
        share = (level - (below[at - 1] if at else 0.0)) / mass[at] if mass[at] else 1.0
        # A mass at one point, such as nobody found, is that point.
        lone = mass[at] > 0.01
        amount = float(amounts[at]) if lone else figures.mean + (amounts[at] + step * (share - 0.5) - center) * draw
        found.append(max(0.0, float(amount)))
    return tuple(found)


def _of_edgeworth(of: Portfolio, factor: Factor, levels: Sequence[float]) -> tuple[float, ...]:
    mean, variance, third = conditional(of, factor)
    sd = np.sqrt(np.maximum(variance, (1e-12 * float(mean.max())) ** 2))
    skewness = third / sd**3

    def below(amount: float) -> float:
        z = (amount - mean) / sd
        each = norm.cdf(z) - norm.pdf(z) * (z**2 - 1) * skewness / 6
        return float(factor.weights @ np.clip(each, 0, 1))

    low, high = 0.0, float((mean + 12 * sd).max())
    found = []
    for level in levels:
        left, right = low, high
        for _ in range(60):
            middle = (left + right) / 2
            left, right = (middle, right) if below(middle) < level else (left, middle)
        found.append((left + right) / 2)
    return tuple(found)
