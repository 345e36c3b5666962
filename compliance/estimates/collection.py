"""Expected collection: the whole distribution of what a portfolio brings in, and its quantiles without a simulation."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from compliance.estimates.convolution import convolution
from compliance.estimates.factor import ALONE, Factor, common_factor, dense_factor
from compliance.estimates.portfolio import (
    LEVELS,
    Portfolio,
    Units,
    conditional,
    cornish_fisher,
    mixed,
    moments,
    money,
    portfolio,
    statutory,
)

Floats = NDArray[np.float64]

GRID = 1 << 16
COARSE_GRID = 1 << 13
MOST_KINDS = 1_500
"""With more kinds of units than this the transform is not worth its time, unless the sum is skewed."""
SKEWED = 0.5
MOST_WORK = 1e8
"""Points of the factor × kinds × frequencies, above which a mixture is not transformed."""
MANY_FOUND, NEARLY_NORMAL = 60, 0.15
"""With so many found (effectively) and no more skewness, three moments describe the sum at one value of the factor."""
FINE_ENOUGH = 1e-4
LONE = 0.01
CERTAIN = 1e-9


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
    certain, rest = _uncertain(of)
    found, how = _of_uncertain(rest, levels, common_cv)
    # A level may have a grid of its own; what little one differs from another must not turn the order.
    order = np.argsort(levels)
    amounts = np.empty(len(levels))
    amounts[order] = np.maximum.accumulate(np.asarray(found)[order])
    return tuple(float(certain + amount) for amount in amounts), how


def _uncertain(of: Portfolio) -> tuple[float, Portfolio]:
    """What is paid in any case, and the rest, so that neither a certain nor an impossible amount coarsens the grid."""
    sure = of.probability == 1
    base = np.where(sure, of.least, 0.0)
    kept = (of.probability > 0) & (of.most > base)
    rest = Portfolio(of.count[kept], of.probability[kept], (of.least - base)[kept], (of.most - base)[kept])
    return float(base @ of.count), rest


def _of_uncertain(of: Portfolio, levels: Sequence[float], common_cv: float) -> tuple[tuple[float, ...], str]:
    figures = moments(of, common_cv=common_cv)
    if figures.sd <= CERTAIN * figures.mean:
        return tuple(figures.mean for _ in levels), "exact"
    many = of.kinds > MOST_KINDS
    if not common_cv:
        if not many:
            return _of_grid(of, [ALONE], GRID, levels), "FFT"
        if abs(figures.skewness) > SKEWED and of.kinds <= 10 * MOST_KINDS:
            return _of_grid(of, [ALONE], COARSE_GRID, levels), "FFT"
        return cornish_fisher(figures, levels), "Cornish-Fisher"
    factor = _dense(of, common_cv)
    many |= len(factor.scales) * of.kinds * COARSE_GRID / 2 > MOST_WORK
    (mean,), (variance,), (third,) = conditional(of, of.probability[None, :])
    if many or (mean**2 > MANY_FOUND * variance and abs(third) <= NEARLY_NORMAL * variance**1.5):
        return _of_edgeworth(of, factor, levels), "Edgeworth"
    exact = common_factor(common_cv, float(of.probability.max(initial=0.0)))
    return _of_grid(of, [factor, exact], COARSE_GRID, levels), "FFT"


def _dense(of: Portfolio, common_cv: float) -> Factor:
    """The factor in cells that are narrow beside the spread that is left when the factor is known."""
    moving = float((of.probability * (1 - of.probability) * of.mean) @ of.count)
    _, (variance,), _ = conditional(of, of.probability[None, :])
    return dense_factor(common_cv, moving**2 / float(variance) if variance else 1.0)


def distribution(of: Portfolio, *, common_cv: float = 0.0, points: int = COARSE_GRID) -> tuple[Floats, Floats]:
    """Amounts on an even grid and their probabilities, each of shape (points,), by FFT; for few kinds of units."""
    factor = _dense(of, common_cv)
    return convolution(of, factor.probabilities(of.probability), factor.weights, points)


def _of_grid(of: Portfolio, factors: Sequence[Factor], points: int, levels: Sequence[float]) -> tuple[float, ...]:
    """Quantiles, each on a grid that is fine enough for it; `factors` are the dense and the exact one.

    Whoever pays more than the quantile is not found where the sum is at or below it. So it is enough to know the sum of
    what lies below some cap when nothing above it is found, on a grid of that size; a giant does not coarsen it.
    """
    scenes = [(factor.probabilities(of.probability), factor.weights) for factor in factors]
    grids = {math.inf: _grid(of, scenes, math.inf, points)}
    found = []
    for level in levels:
        cap, amount = math.inf, 0.0
        while True:
            grid = grids.get(cap) or grids.setdefault(cap, _grid(of, scenes, cap, points))
            if level >= grid.none:
                break
            amount = grid.quantile(level)
            lower = 2 * amount + 10 * grid.step
            if grid.step <= FINE_ENOUGH * amount or lower > grid.largest / 8:
                break
            # In steps of four, so that levels close to each other share a grid.
            cap = 4.0 ** math.ceil(math.log(lower, 4)) if lower > 0 else 0.0
        found.append(amount)
    return tuple(found)


@dataclass(frozen=True)
class _Grid:
    """The sum when no unit pays more than a cap, which has the probability `none`; `largest` is the most that one pays.

    `draw` takes the grid's spread back to the exact one about the exact `mean`.
    """

    amounts: Floats
    mass: Floats
    below: Floats
    step: float
    largest: float
    none: float
    center: float
    mean: float
    draw: float

    def quantile(self, level: float) -> float:
        """The quantile of the whole sum, if it is below the cap."""
        level = level / self.none
        at = min(int(np.searchsorted(self.below, level - 1e-12)), len(self.mass) - 1)
        amount = float(self.amounts[at])
        # A mass at one point, such as nobody found, is that point.
        if self.mass[at] <= LONE:
            share = (level - (self.below[at - 1] if at else 0.0)) / self.mass[at] if self.mass[at] else 0.5
            amount = self.mean + (amount + self.step * (min(1.0, share) - 0.5) - self.center) * self.draw
        return max(0.0, float(amount))


Scene = tuple[Floats, Floats]
"""Probabilities of detection, shape (values, kinds), and the weights of the values."""


def _grid(of: Portfolio, scenes: Sequence[Scene], cap: float, points: int) -> _Grid:
    kept = (of.least <= cap) & (of.most > 0)
    part = Portfolio(of.count[kept], of.probability[kept], of.least[kept], np.minimum(of.most[kept], cap))
    widths = of.most - of.least
    within = np.where(widths > 0, np.minimum(1.0, (cap - of.least) / np.where(widths > 0, widths, 1.0)), 1.0)
    within = np.where(kept, within, of.most == 0)
    capped = [_capped(probabilities, weights, within, of.count) for probabilities, weights in scenes]
    (dense, weights, none), (sharp, sharp_weights, _) = capped[0], capped[-1]
    if not kept.any() or not none:
        return _Grid(np.zeros(1), np.ones(1), np.ones(1), 0.0, 0.0, none, 0.0, 0.0, 1.0)
    amounts, mass = convolution(part, dense[:, kept], weights, points)
    exact = mixed(part, sharp[:, kept], sharp_weights)
    center = float(mass @ amounts)
    sd = math.sqrt(float(mass @ (amounts - center) ** 2))
    step, largest = float(amounts[1] - amounts[0]), float(part.most.max())
    draw = exact.sd / sd if sd else 1.0
    return _Grid(amounts, mass, np.cumsum(mass), step, largest, none, center, exact.mean, draw)


def _capped(probabilities: Floats, weights: Floats, within: Floats, count: Floats) -> tuple[Floats, Floats, float]:
    """Probabilities and weights given that nobody pays more than the cap, and the probability of that."""
    lost = np.minimum(probabilities * (1 - within), 1 - 1e-16)
    none = np.exp(np.log1p(-lost) @ count)
    chance = float(weights @ none)
    return probabilities * within / (1 - lost), weights * none / chance if chance else weights, chance


def _of_edgeworth(of: Portfolio, factor: Factor, levels: Sequence[float]) -> tuple[float, ...]:
    mean, variance, third = conditional(of, factor.probabilities(of.probability))
    sd = np.sqrt(np.maximum(variance, (1e-12 * float(mean.max())) ** 2))
    skewness = third / sd**3

    def below(amount: float) -> float:
        z = np.clip((amount - mean) / sd, -40, 40)
        density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        each = ndtr(z) - density * (z**2 - 1) * skewness / 6
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
