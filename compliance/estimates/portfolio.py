"""What a portfolio of breaches brings in if some are found: detection × fine, its mean, spread and quantiles.

Amounts go in and come out in `Decimal`, out of the arithmetic rounded to the currency's unit. Inside it is float: a
quantile of an uncertain sum is no sum of money, and sixteen digits are far more than it has.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from compliance.estimates.factor import Factor, common_factor

Floats = NDArray[np.float64]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True)
class Units:
    """`count` breaches that are alike: detected within the horizon with `probability`, then fined evenly between `low`
    and `high`, and made to pay `extra` besides (confiscation, back-billing). Money per breach, in one currency.
    """

    probability: float
    low: Decimal
    high: Decimal
    extra: Decimal = Decimal(0)
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError("probability: detection has a probability from 0 to 1.")
        if not all(amount.is_finite() and amount >= 0 for amount in (self.low, self.high, self.extra)):
            raise ValueError("Amounts are finite and not negative; what has no amount is left out and counted apart.")
        if self.low > self.high:
            raise ValueError("low: the lowest fine is not above the highest.")
        if self.count < 0:
            raise ValueError("count: breaches are counted, so it is not negative.")


@dataclass(frozen=True)
class Moments:
    """Mean, variance and third cumulant of what is collected, in the currency, its square and its cube."""

    mean: float
    variance: float
    third: float

    @property
    def sd(self) -> float:
        return math.sqrt(max(0.0, self.variance))

    @property
    def skewness(self) -> float:
        return self.third / self.sd**3 if self.sd else 0.0


@dataclass(frozen=True)
class Portfolio:
    """The distinct kinds of units, each once, as arrays of the same length.

    `mean`, `second` and `third` are the moments about zero of what one unit pays if it is detected.
    """

    units: tuple[Units, ...]
    count: Floats
    probability: Floats
    low: Floats
    high: Floats
    extra: Floats
    mean: Floats
    second: Floats
    third: Floats

    @property
    def highest(self) -> float:
        """The most that one unit can pay."""
        return float((self.high + self.extra).max(initial=0.0))


def detection(hazard: float, months: float) -> float:
    """The probability of being detected within the months at a rate of `hazard` detections a month: 1 − exp(−λT)."""
    if hazard < 0 or months < 0:
        raise ValueError("The hazard and the horizon are not negative.")
    return -math.expm1(-hazard * months)


def portfolio(units: Iterable[Units]) -> Portfolio:
    """Units that are alike are put together, so that a million of them in fifty kinds cost no more than fifty."""
    together: dict[tuple[float, Decimal, Decimal, Decimal], int] = {}
    for one in units:
        key = (one.probability, one.low, one.high, one.extra)
        together[key] = together.get(key, 0) + one.count
    # In a fixed order, since sums of floats depend on theirs in the last digit.
    kept = tuple(Units(*key, count=count) for key, count in sorted(together.items()) if count)
    low, high, extra = (np.array([float(getattr(one, name)) for one in kept]) for name in ("low", "high", "extra"))
    mean = (low + high) / 2 + extra
    variance = (high - low) ** 2 / 12
    return Portfolio(
        units=kept,
        count=np.array([float(one.count) for one in kept]),
        probability=np.array([one.probability for one in kept]),
        low=low,
        high=high,
        extra=extra,
        mean=mean,
        second=variance + mean**2,
        third=mean**3 + 3 * mean * variance,
    )


def statutory(units: Iterable[Units]) -> tuple[Decimal, Decimal]:
    """The least and the most if every breach were found: Σ (low + extra) and Σ (high + extra), exact."""
    kept = list(units)
    return (
        sum((one.count * (one.low + one.extra) for one in kept), Decimal(0)),
        sum((one.count * (one.high + one.extra) for one in kept), Decimal(0)),
    )


def conditional(of: Portfolio, factor: Factor) -> tuple[Floats, Floats, Floats]:
    """Mean, variance and third cumulant at each value of the common factor; each of shape (scales,)."""
    p = factor.probabilities(of.probability)
    one = p * of.mean
    two = p * of.second
    mean = one @ of.count
    variance = (two - one**2) @ of.count
    third = (p * of.third - 3 * one * two + 2 * one**3) @ of.count
    return np.asarray(mean), np.asarray(np.maximum(0.0, variance)), np.asarray(third)


def moments(of: Portfolio, *, common_cv: float = 0.0) -> Moments:
    """Mean, variance, third cumulant. Raids come together: a common factor of mean 1 and this coefficient of variation
    c multiplies every probability of detection (0: each unit is found by itself).

    The mean is Σ p m, m being what a unit pays if found. The variance is Σ p E X² − p² m², and with a factor
    c² [(Σ p m)² − Σ p² m²] more, as long as no probability times the factor comes to exceed 1, where it is cut.
    """
    factor = common_factor(common_cv)
    mean, variance, third = conditional(of, factor)
    weights = factor.weights
    overall = float(weights @ mean)
    off = mean - overall
    return Moments(
        mean=overall,
        variance=float(weights @ (variance + off**2)),
        third=float(weights @ (third + 3 * off * variance + off**3)),
    )


def cornish_fisher(of: Moments, levels: Sequence[float] = LEVELS) -> tuple[float, ...]:
    """Quantiles from three moments: mean + sd (z + (z² − 1) skewness / 6), never below 0."""
    z = norm.ppf(np.asarray(levels, dtype=np.float64))
    found = of.mean + of.sd * (z + (z**2 - 1) * of.skewness / 6)
    return tuple(float(one) for one in np.maximum(0.0, found))


def money(amount: float, unit: Decimal = Decimal(1)) -> Decimal:
    """A float of the arithmetic as an amount, to the nearest multiple of the currency's unit (0.01, 1, …)."""
    return (Decimal(amount) / unit).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * unit
