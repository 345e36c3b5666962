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

MOST_PROFILED = 50
"""Beyond so many sightings of one operation the likelihood is too ragged to follow, and the interval is log-normal."""

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


def closed_m0(repeats: Repeats, level: float = 0.95) -> Estimate:
    """M0 of Rcapture for continuous time: log-linear in k, with offset −ln k!, from 1 to the largest k seen."""
    k = np.arange(1.0, repeats.most + 1)
    return _log_linear(repeats, "M0 (t = ∞)", k, np.empty((len(k), 0)), 2, level)


def closed_lower_bound(repeats: Repeats, level: float = 0.95) -> Estimate:
    """“LB” of Rcapture for continuous time: M0 with a parameter for every k from 3; its N is Chao's classic bound."""
    if not (repeats.f(1) and repeats.f(2)):
        why = "It needs operations seen exactly once and operations seen exactly twice."
        return Estimate("Mh Chao (LB, t = ∞)", None, why_none=why if repeats.n else NOTHING)
    # A k from 3 that nobody has is fitted with 0 by its own parameter, which counts all the same.
    k = np.array([1.0, 2.0, *(float(one) for one in repeats.counts if one > 2)])
    levels = (k[:, None] == k[2:]).astype(np.float64)
    return _log_linear(repeats, "Mh Chao (LB, t = ∞)", k, levels, repeats.most, level, bound=True)


def _log_linear(
    repeats: Repeats, method: str, k: Floats, columns: Floats, parameters: int, level: float, *, bound: bool = False
) -> Estimate:
    if repeats.most < 2:
        return Estimate(method, None, why_none=ALL_ONCE if repeats.n else NOTHING)
    if len(repeats.counts) < 2:
        return Estimate(method, None, why_none=f"All were seen {repeats.most} times, so nothing says how rates vary.")
    f, offset = np.array([repeats.f(int(one)) for one in k], dtype=np.float64), -gammaln(k + 1)
    design = np.column_stack([np.ones(len(k)), k, columns])
    at = rate(repeats) or 1.0
    start = np.array([math.log(repeats.n) - at - math.log(-math.expm1(-at)), math.log(at)])
    # Where every k from 3 has a parameter of its own, that fits it exactly.
    levels = np.log(np.maximum(f[2:], 1)) - offset[2:] - start[0] - start[1] * k[2:]
    start = np.append(start, levels[: columns.shape[1]])
    # With two different k the maximum exists, so that no cell needs to be looked at.
    fit = poisson.fit(design, f, offset, support=np.ones(len(k), dtype=bool), start=start)
    if fit.log_f0 is None or fit.log_f0_se is None:
        return Estimate(method, None, why_none="The counts do not determine how many were never seen under this model.")
    f0 = math.exp(fit.log_f0)
    se = math.sqrt(f0 + (f0 * fit.log_f0_se) ** 2)
    if repeats.most > MOST_PROFILED:
        interval = log_normal(repeats.n, repeats.n + f0, se, level)
    else:
        all_cells = np.ones(len(k) + 1, dtype=bool)
        _, interval = poisson.multinomial_profile(design, f, offset, level, support=all_cells, start=fit.coefficients)
    return Estimate(
        method,
        repeats.n + f0,
        se,
        interval,
        None,
        fit.log_likelihood,
        max(0.0, fit.deviance),
        repeats.most - parameters,
        -2 * fit.log_likelihood + 2 * parameters,
        -2 * fit.log_likelihood + parameters * math.log(repeats.n),
        bound=bound,
    )
