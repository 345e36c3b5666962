"""The distribution of a sum of many fines, found or not, on a grid of money: transforms multiplied and inverted."""

import math
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.portfolio import Portfolio, conditional

Floats = NDArray[np.float64]

OUTSIDE = 28.0
"""−ln of the probability beyond the grid, at most 1e-12."""


def convolution(of: Portfolio, probabilities: Floats, weights: Floats, points: int) -> tuple[Floats, Floats]:
    """Amounts on an even grid and their probabilities, each of shape (points,).

    `probabilities` of detection, shape (values, kinds), come with `weights`, which add up to 1.
    """
    low, high = _span(of, probabilities)
    step = _step(of, high - low, points)
    first = math.floor(low / step)
    product = np.ones((len(weights), points // 2 + 1), dtype=np.complex128)
    # Most units share a fine with others and differ in their probability alone; one transform is kept at a time.
    fines = sorted(zip(of.least, of.most, range(of.kinds), strict=True))
    for (least, most), alike in groupby(fines, key=itemgetter(0, 1)):
        transform = _transform(least, most, step, points)
        for _, _, kind in alike:
            unit = 1 + probabilities[:, kind, None] * transform
            product *= unit if of.count[kind] == 1 else _power(unit, float(of.count[kind]))
    mass = np.maximum(0.0, np.fft.irfft(weights @ product, points))
    # The sum was taken modulo the grid; it is unrolled to where it lies.
    mass = np.roll(mass, -(first % points))
    return step * (first + np.arange(points, dtype=np.float64)), np.asarray(mass / mass.sum(), dtype=np.float64)


def _span(of: Portfolio, probabilities: Floats) -> tuple[float, float]:
    """From where to where the sum lies but for 1e-12: by Bernstein's inequality, within what is possible at all."""
    most = float(of.most @ of.count)
    mean, variance, _ = conditional(of, probabilities)
    largest = float(of.most.max(initial=0.0)) * OUTSIDE / 3
    reach = largest + np.sqrt(largest**2 + 2 * variance * OUTSIDE)
    return max(0.0, float((mean - reach).min())), min(most, float((mean + reach).max()))


def _step(of: Portfolio, span: float, points: int) -> float:
    """The distance of the grid's points; it divides the fixed amounts where there are any, so that these are points."""
    step = max(span, float(of.most.max(initial=0.0))) / (points - 4)
    fixed = of.least[of.least == of.most]
    if len(fixed) and all(amount == int(amount) for amount in fixed):
        common = math.gcd(*(int(amount) for amount in fixed))
        if common >= step:
            return common / math.floor(common / step)
    return step


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
