"""What a portfolio of breaches brings in if some are found: detection × fine, its mean, spread and quantiles.

Amounts go in and come out in `Decimal`, out of the arithmetic rounded to the currency's unit. Inside it is float: a
quantile of an uncertain sum is no sum of money, and sixteen digits are far more than it has.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from compliance.estimates.factor import common_factor

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
    """The distinct kinds of units, each once, as arrays of shape (kinds,): how many, detected with which probability,
    and between which amounts they then pay, evenly.
    """

    count: Floats
    probability: Floats
    least: Floats
    most: Floats

    @property
    def kinds(self) -> int:
        return len(self.count)

    @cached_property
    def mean(self) -> Floats:
        """What one unit pays in the mean if it is detected; `variance` is that of the same."""
        return (self.least + self.most) / 2

    @cached_property
    def variance(self) -> Floats:
        return (self.most - self.least) ** 2 / 12


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
    return Portfolio(
        count=np.array([float(one.count) for one in kept]),
        probability=np.array([one.probability for one in kept]),
        least=np.array([float(one.low + one.extra) for one in kept]),
        most=np.array([float(one.high + one.extra) for one in kept]),
    )


def statutory(units: Iterable[Units]) -> tuple[Decimal, Decimal]:
    """The least and the most if every breach were found: Σ (low + extra) and Σ (high + extra), exact."""
    kept = list(units)
    return (
        sum((one.count * (one.low + one.extra) for one in kept), Decimal(0)),
        sum((one.count * (one.high + one.extra) for one in kept), Decimal(0)),
    )


def conditional(of: Portfolio, probabilities: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, variance and third cumulant of the sum at given probabilities, shape (values, kinds); each (values,)."""
    p, either = probabilities, probabilities * (1 - probabilities)
    mean = (p * of.mean) @ of.count
    # E X² − (E X)² and its like with the cancellation done by hand: what is certain has no variance at all.
    variance = (p * of.variance + either * of.mean**2) @ of.count
    third = (either * ((1 - 2 * p) * of.mean**3 + 3 * of.mean * of.variance)) @ of.count
    return np.asarray(mean), np.asarray(variance), np.asarray(third)


def moments(of: Portfolio, *, common_cv: float = 0.0) -> Moments:
    """Mean, variance, third cumulant. Raids come together: a common factor of mean 1 and this coefficient of variation
    c multiplies every probability of detection (0: each unit is found by itself).

    The mean is Σ p m, m being what a unit pays if found. The variance is Σ p E X² − p² m², and with a factor
    c² [(Σ p m)² − Σ p² m²] more, as long as no probability times the factor comes to exceed 1, where it is cut.
    """
    factor = common_factor(common_cv, float(of.probability.max(initial=0.0)))
    return mixed(of, factor.probabilities(of.probability), factor.weights)


def mixed(of: Portfolio, probabilities: Floats, weights: Floats) -> Moments:
    """The moments over values of the probabilities, shape (values, kinds), that come with these weights."""
    mean, variance, third = conditional(of, probabilities)
    overall = float(weights @ mean)
    off = mean - overall
    return Moments(
        mean=overall,
        variance=float(weights @ (variance + off**2)),
        third=float(weights @ (third + 3 * off * variance + off**3)),
    )


def cornish_fisher(of: Moments, levels: Sequence[float] = LEVELS) -> tuple[float, ...]:
    """Quantiles from three moments: mean + sd (z + (z² − 1) skewness / 6), never below 0."""
    z = ndtri(np.asarray(levels, dtype=np.float64))
    found = of.mean + of.sd * (z + (z**2 - 1) * of.skewness / 6)
    return tuple(float(one) for one in np.maximum(0.0, found))


def money(amount: float, unit: Decimal = Decimal(1)) -> Decimal:
    """A float of the arithmetic as an amount, to the nearest multiple of the currency's unit (0.01, 1, …)."""
    return (Decimal(amount) / unit).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * unit
