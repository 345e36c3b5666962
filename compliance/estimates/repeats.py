"""One list on which the same operation can come again and again: how many are never on it, from who came how often."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, gammaln

from compliance.estimates import poisson
from compliance.estimates.intervals import log_normal
from compliance.estimates.poisson import Floats
from compliance.estimates.results import Estimate, Interval

EXCESS = 3.0
"""So many standard deviations of excess make the test for one-inflation fire (W17)."""

NOTHING = "Nothing was seen."
ALL_ONCE = "Nothing was seen twice, so nothing says how many were never seen."


class RepeatsRefused(ValueError):
    """The numbers are not counts of repeats; the message says what is wrong and what would be right."""


@dataclass(frozen=True)
class Repeats:
    """f_k operations were seen exactly k times, k = 1, 2, …; `counts` maps k to f_k, and a k that is missing counts 0.

    Raises `RepeatsRefused` where a k is not 1 or more, a count is negative, or either is no whole number.
    """

    counts: Mapping[int, int]

    def __post_init__(self) -> None:
        for k, count in self.counts.items():
            if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
                raise RepeatsRefused(f"“{k}” sightings: k is a whole number from 1; who was never seen is not counted.")
            if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
                raise RepeatsRefused(f"“{count}” operations seen {k} times: give a whole number, zero or more.")
        object.__setattr__(self, "counts", {int(k): int(self.counts[k]) for k in sorted(self.counts) if self.counts[k]})

    def f(self, k: int) -> int:
        return self.counts.get(k, 0)

    @property
    def n(self) -> int:
        """Operations seen at all."""
        return sum(self.counts.values())

    @property
    def sightings(self) -> int:
        return sum(k * count for k, count in self.counts.items())

    @property
    def most(self) -> int:
        """The largest k with a count; 0 where nothing was seen."""
        return max(self.counts, default=0)

    @property
    def frequencies(self) -> Floats:
        """f_1 … f_most, shape (most,)."""
        return np.array([self.f(k) for k in range(1, self.most + 1)], dtype=np.float64)


@dataclass(frozen=True)
class OneInflation:
    """Are there more single sightings than a truncated Poisson expects? `excess` = f1 − expected, in operations.

    `deviations` is the excess over its standard deviation, in which the estimated rate is allowed for; `fires` (W17)
    above 3. Null where nothing was seen twice. Unequal rates make an excess too: it says that the Poisson estimate is
    wrong, not why. If operations move after their first sighting, every estimator of this module is too high.
    """

    expected: float | None
    excess: float | None
    deviations: float | None

    @property
    def fires(self) -> bool:
        return self.deviations is not None and self.deviations > EXCESS


def rate(repeats: Repeats) -> float | None:
    """The λ of a zero-truncated Poisson, exact: λ / (1 − e^−λ) = mean sightings; null where all were seen once."""
    if not repeats.n or repeats.most < 2:
        return None
    mean = repeats.sightings / repeats.n
    return float(brentq(lambda at: at / -math.expm1(-at) - mean, 2 * (mean - 1) * 1e-3, mean, xtol=1e-14, rtol=1e-14))


def truncated_poisson(repeats: Repeats, *, interval: str = "log-normal", level: float = 0.95) -> Estimate:
    """N = n / (1 − e^−λ): everybody is seen at one rate, independently each time.

    Variance n p0 / (1 − p0)² + (n p0 / (1 − p0)²)² / I(λ). `interval` is "log-normal" or "profile": of N in the
    likelihood of N and λ together. Low where rates differ. Raises `ValueError` for another interval.
    """
    method = "zero-truncated Poisson"
    if interval not in ("log-normal", "profile"):
        raise ValueError(f"The interval is log-normal or profile, not “{interval}”.")
    at = rate(repeats)
    if at is None:
        return Estimate(method, None, why_none=ALL_ONCE if repeats.n else NOTHING)
    seen = -math.expm1(-at)
    missed = repeats.n * math.exp(-at) / seen**2
    information = repeats.sightings / at**2 - repeats.n * math.exp(-at) / seen**2
    n, se = repeats.n / seen, math.sqrt(missed + missed**2 / information)
    likelihood = (
        repeats.sightings * math.log(at)
        - repeats.n * (at + math.log(seen))
        - sum(count * float(gammaln(k + 1)) for k, count in repeats.counts.items())
    )
    found = log_normal(repeats.n, n, se, level) if interval == "log-normal" else profile(repeats, n, level)
    return Estimate(
        method, n, se, found, None, likelihood, None, None, 2 - 2 * likelihood, math.log(repeats.n) - 2 * likelihood
    )


def profile(repeats: Repeats, start: float, level: float = 0.95) -> Interval | None:
    """The profile likelihood interval of N, where λ = sightings / N; null where the likelihood stays too flat."""
    n, total = repeats.n, repeats.sightings

    def likelihood(unseen: float) -> float:
        size = n + unseen
        return poisson.log_rising(unseen + 1, n) - total * math.log(size)

    far = max(start, n + 1.0) * 1e6
    grid = np.concatenate([[0.0], np.geomspace(1e-3, far, 4000)])
    values = np.array([likelihood(at) for at in grid])
    best = int(values.argmax())
    cut = float(values[best]) - float(chdtri(1, 1 - level)) / 2
    if values[-1] > cut:
        return None
    high = brentq(lambda at: likelihood(at) - cut, grid[best], far)
    low = 0.0 if values[0] > cut or best == 0 else brentq(lambda at: likelihood(at) - cut, 0.0, grid[best])
    return Interval(n + low, n + high, "profile", level)


def chao(repeats: Repeats, *, corrected: bool | None = None, level: float = 0.95) -> Estimate:
    """At least n + f1² / (2 f2) (Chao 1987), whatever the rates; log-normal interval.

    Variance f2 (r⁴ / 4 + r³ + r² / 2), r = f1 / f2. `corrected` is n + f1 (f1 − 1) / (2 (f2 + 1)); the default uses it
    where f2 is 0, where the classic form has no value. One-inflation breaks the bound upward.
    """
    once, twice = float(repeats.f(1)), float(repeats.f(2))
    if not repeats.n:
        return Estimate("Chao", None, why_none=NOTHING)
    if corrected or (corrected is None and not twice):
        unseen = once * (once - 1) / (2 * (twice + 1))
        if twice:
            variance = (
                unseen
                + once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
                + once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
            )
        else:
            variance = unseen + once * (2 * once - 1) ** 2 / 4 - once**4 / (4 * (repeats.n + unseen))
        method = "Chao, bias-corrected"
    elif twice:
        ratio = once / twice
        unseen = once * ratio / 2
        variance = twice * (ratio**4 / 4 + ratio**3 + ratio**2 / 2)
        method = "Chao"
    else:
        return Estimate("Chao", None, why_none="Nothing was seen exactly twice; the bias-corrected form has a value.")
    n, se = repeats.n + unseen, math.sqrt(max(0.0, variance))
    return Estimate(method, n, se, log_normal(repeats.n, n, se, level), bound=True)


def zelterman(repeats: Repeats, *, level: float = 0.95) -> Estimate:
    """N = n / (1 − e^−λ) with λ = 2 f2 / f1 (Zelterman 1988), which looks at the rarely seen alone.

    Variance n G (1 + n G λ² (1 / f1 + 1 / f2)), G = e^−λ / (1 − e^−λ)² (Böhning 2008).
    """
    once, twice = repeats.f(1), repeats.f(2)
    if not (once and twice):
        why = "It needs operations seen exactly once and operations seen exactly twice."
        return Estimate("Zelterman", None, why_none=why if repeats.n else NOTHING)
    at = 2 * twice / once
    seen = -math.expm1(-at)
    spread = repeats.n * math.exp(-at) / seen**2
    n, se = repeats.n / seen, math.sqrt(spread * (1 + spread * at**2 * (1 / once + 1 / twice)))
    return Estimate("Zelterman", n, se, log_normal(repeats.n, n, se, level))


def turing(repeats: Repeats, *, level: float = 0.95) -> Estimate:
    """N = n / (1 − f1 / S): of the sightings S, the share f1 / S stands for e^−λ (Good 1953, after Turing).

    Variance by the delta method, Σ f_k (∂N/∂f_k)² − N.
    """
    once, total = repeats.f(1), repeats.sightings
    if not repeats.n or once == total:
        return Estimate("Turing", None, why_none=ALL_ONCE if repeats.n else NOTHING)
    n, again = repeats.n * total / (total - once), total - once
    slopes = {k: total / again + repeats.n * ((k == 1) * total - k * once) / again**2 for k in repeats.counts}
    variance = sum(count * slopes[k] ** 2 for k, count in repeats.counts.items()) - n
    se = math.sqrt(max(0.0, variance))
    return Estimate("Turing", n, se, log_normal(repeats.n, n, se, level))


def truncated_geometric(repeats: Repeats, *, level: float = 0.95) -> Estimate:
    """N = n (1 + λ) / λ with λ = S / n − 1: rates that vary as an exponential distribution make counts geometric.

    Variance n (1 + λ)² / λ³, of λ and of chance together. Above the Poisson wherever rates vary less than that.
    """
    method = "zero-truncated geometric"
    if not repeats.n or repeats.most < 2:
        return Estimate(method, None, why_none=ALL_ONCE if repeats.n else NOTHING)
    total, found = repeats.sightings, repeats.n
    at = total / found - 1
    n, se = found * (1 + at) / at, math.sqrt(found * (1 + at) ** 2 / at**3)
    likelihood = (total - found) * math.log(at) - total * math.log1p(at)
    return Estimate(
        method, n, se, log_normal(found, n, se, level), None, likelihood, None, None,
        2 - 2 * likelihood, math.log(found) - 2 * likelihood,
    )  # fmt: skip


def one_inflation(repeats: Repeats) -> OneInflation:
    """The excess of f1 over the fitted truncated Poisson, in standard deviations.

    Var(f1 − n p1(λ̂)) = n (p1 (1 − p1) − Cov(1[y = 1], y)² / Var(y)), the score's variance as λ is estimated.
    """
    at = rate(repeats)
    if at is None:
        return OneInflation(None, None, None)
    p1, mean = at * math.exp(-at) / -math.expm1(-at), repeats.sightings / repeats.n
    variance = mean * (1 + at - mean)
    left = p1 * (1 - p1) - (p1 * (1 - mean)) ** 2 / variance
    excess = repeats.f(1) - repeats.n * p1
    # Where hardly anything but ones and twos can occur, the rate fits both exactly and nothing is left to test.
    deviations = excess / math.sqrt(repeats.n * left) if left > 1e-8 * p1 * (1 - p1) else 0.0
    return OneInflation(repeats.n * p1, excess, deviations)
