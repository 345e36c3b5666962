"""How many operations the electricity allows: power drawn over power per operation. Never averaged with lists."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import ndtri

LEVEL = 0.90
"""A range given as "from 5 % to 95 %"."""


@dataclass(frozen=True)
class Range:
    """From 5 % to 95 % of what is believed of a quantity; in the unit of whoever uses it."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and 0 <= self.low <= self.high):
            raise ValueError("A range has two finite ends, not negative, the lower first.")


@dataclass(frozen=True)
class Number:
    """How many operations draw the power. `lowest` and `highest` are the corner bounds: every input at its worst.

    The others are those of a lognormal, exact, with both inputs independent: null where the lower end of an input
    is 0, since a lognormal has no 0.
    """

    lowest: float
    highest: float | None
    median: float | None
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Share:
    """A share of mining, by energy or by hash rate, from lowest to highest; never a share of operations.

    `exceeds` says that the registered part is more than the whole is said to be at its lower end, which cannot be: the
    share is then cut at 1 and one of the two figures is wrong.
    """

    low: float
    high: float
    exceeds: bool


@dataclass(frozen=True)
class Agreement:
    """Whether two intervals have a number in common. `low` and `high` are what they share, null in a conflict (W14).

    `gap` is how far apart they lie, as the ratio of the nearer ends; 1 where they meet.
    """

    overlap: bool
    low: float | None
    high: float | None
    gap: float | None

    @property
    def conflict(self) -> bool:
        return not self.overlap


def power_kw_left(total_kw: Range, *taken_kw: Range) -> Range:
    """The power left for obliged operations: the total, less what does not mine and what is below the threshold.

    Corner by corner, so the result is wider than from 5 % to 95 %; it does not fall below 0.
    """
    low = total_kw.low - sum(one.high for one in taken_kw)
    high = total_kw.high - sum(one.low for one in taken_kw)
    return Range(max(0.0, low), max(0.0, high))


def operations(power_kw: Range, kw_per_operation: Range) -> Number:
    """The number of operations that draw `power_kw`, each `kw_per_operation` in the mean.

    Corners: [P_low / p_high, P_high / p_low]. Lognormal: the median is that of P over that of p, σ² the sum of both.
    The mean power is heavy-tailed: take it from registered and seized operations weighted by size, not from the
    registered alone.
    """
    if not kw_per_operation.high:
        raise ValueError("kw_per_operation: an operation draws some power.")
    lowest = power_kw.low / kw_per_operation.high
    highest = power_kw.high / kw_per_operation.low if kw_per_operation.low else None
    if not power_kw.low or highest is None:
        return Number(lowest, highest, None, None, None, None, None)
    z = float(ndtri((1 + LEVEL) / 2))
    spread = math.hypot(*(math.log(one.high / one.low) / (2 * z) for one in (power_kw, kw_per_operation)))
    median = math.sqrt(power_kw.low * power_kw.high / (kw_per_operation.low * kw_per_operation.high))
    mean = median * math.exp(spread**2 / 2)
    return Number(
        lowest=lowest,
        highest=highest,
        median=median,
        mean=mean,
        sd=mean * math.sqrt(math.expm1(spread**2)),
        low=median * math.exp(-z * spread),
        high=median * math.exp(z * spread),
    )


@dataclass(frozen=True)
class PowerPerOperation:
    """The weighted mean power of an operation, its standard error, and the range from 5 % to 95 % (lognormal).

    Null where nothing was measured; `se` and `range_kw` also where one operation alone was.
    """

    measured: int
    mean_kw: float | None
    se_kw: float | None
    range_kw: Range | None


def kw_per_operation(power_kw: Sequence[float], weights: Sequence[float] | None = None) -> PowerPerOperation:
    """The mean power from measured operations; `weights` are how many operations like it each of them stands for."""
    weighed = [1.0] * len(power_kw) if weights is None else list(weights)
    if len(weighed) != len(power_kw):
        raise ValueError("Give one weight for each operation.")
    if any(not (math.isfinite(one) and one >= 0) for one in [*power_kw, *weighed]):
        raise ValueError("Power and weights are finite and not negative.")
    total = math.fsum(weighed)
    if not total:
        return PowerPerOperation(len(power_kw), None, None, None)
    mean = math.fsum(w * kw for w, kw in zip(weighed, power_kw, strict=True)) / total
    size = len(power_kw)
    if size < 2 or not mean:
        return PowerPerOperation(size, mean, None, None)
    squares = math.fsum((w * (kw - mean)) ** 2 for w, kw in zip(weighed, power_kw, strict=True))
    se = math.sqrt(squares * size / (size - 1)) / total
    spread = math.sqrt(math.log1p((se / mean) ** 2))
    middle, reach = mean * math.exp(-(spread**2) / 2), math.exp(float(ndtri((1 + LEVEL) / 2)) * spread)
    return PowerPerOperation(size, mean, se, Range(middle / reach, middle * reach))


def share(registered: Range | float, total: Range) -> Share:
    """The registered share of mining: by energy from kW over kW, by hash rate from TH/s over TH/s."""
    part = registered if isinstance(registered, Range) else Range(registered, registered)
    if not total.high:
        raise ValueError("total: there is no mining to take a share of.")
    low = part.low / total.high
    high = part.high / total.low if total.low else (1.0 if part.high else 0.0)
    exceeds = bool(total.low and part.high > total.low) or low > 1
    return Share(min(1.0, low), min(1.0, high), exceeds)


def agreement(one: tuple[float, float], other: tuple[float, float]) -> Agreement:
    """Whether two intervals of one quantity, such as those of the lists and of the energy, overlap or conflict."""
    for low, high in (one, other):
        if not low <= high:
            raise ValueError("An interval has its lower end first.")
    low, high = max(one[0], other[0]), min(one[1], other[1])
    if low <= high:
        return Agreement(overlap=True, low=low, high=high, gap=1.0)
    return Agreement(overlap=False, low=None, high=None, gap=low / high if high > 0 else None)
