"""Two lists and their overlap: how many operations there are, and the share of one list that the other knows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import bdtr, bdtrik, chdtrc, chdtri, xlog1py

from compliance.estimates.intervals import log_normal, normal, quantile
from compliance.estimates.poisson import log_rising
from compliance.estimates.proportions import Proportion, wilson
from compliance.estimates.results import Estimate, Interval

ENOUGH_OVERLAP = 7
"""From this overlap on Chapman's estimate is nearly unbiased (Robson and Regier 1964)."""

INTERVALS = ("logit", "log-normal", "binomial", "normal", "none")


@dataclass(frozen=True)
class Overlap:
    """What the overlap m of lists of n1 and n2 operations allows. `contained`: one list lies wholly in the other.

    `small` is an overlap below 7, at which Chapman's estimate is biased low. `unbiased_if_below` is n1 + n2: Chapman is
    unbiased for every population up to that size.
    """

    zero: bool
    small: bool
    contained: bool
    unbiased_if_below: float


@dataclass(frozen=True)
class Homogeneity:
    """Do several lists find the same share in the register? Chi-square, its degrees of freedom, and its tail p.

    `pooled` is the share over all lists. Null where fewer than two lists have anything to compare.
    """

    statistic: float | None
    df: int
    p: float | None
    pooled: float | None


def lincoln_petersen(n1: float, n2: float, m: float, *, interval: str = "logit", level: float = 0.95) -> Estimate:
    """N = n1 n2 / m, with variance n1 n2 (n1 − m)(n2 − m) / m³. No estimate where the lists do not overlap.

    `interval` is one of `INTERVALS`. Raises `ValueError` where m is more than a list or a number is negative.
    """
    _check(n1, n2, m, interval)
    method = "Lincoln–Petersen"
    if not (n1 and n2):
        return Estimate(method, None, why_none="One of the two lists is empty.")
    if not m:
        return Estimate(method, None, why_none="The two lists have no operation in common, so nothing bounds the rest.")
    n = float(n1) * n2 / m
    se = math.sqrt(float(n1) * n2 * (n1 - m) * (n2 - m) / float(m) ** 3)
    return Estimate(method, n, se, _interval(n1, n2, m, n, se, interval, level))


def chapman(n1: float, n2: float, m: float, *, interval: str = "logit", level: float = 0.95) -> Estimate:
    """N = (n1 + 1)(n2 + 1) / (m + 1) − 1 (Chapman 1951), variance of Seber (1970) and Wittes (1972).

    The default for two lists, with the transformed-logit interval of Sadinle (2009). Without any overlap the number
    follows from the sizes of the lists alone; `overlap` says so. Raises as `lincoln_petersen`.
    """
    _check(n1, n2, m, interval)
    if not (n1 and n2):
        return Estimate("Chapman", None, why_none="One of the two lists is empty.")
    n = (n1 + 1.0) * (n2 + 1.0) / (m + 1.0) - 1
    se = math.sqrt((n1 + 1.0) * (n2 + 1.0) * (n1 - m) * (n2 - m) / ((m + 1.0) ** 2 * (m + 2.0)))
    return Estimate("Chapman", n, se, _interval(n1, n2, m, n, se, interval, level))


def sadinle(n1: float, n2: float, m: float, level: float = 0.95) -> Interval:
    """The transformed-logit interval (Sadinle 2009): half an operation is added to each cell; never below the seen.

    Where less than one operation is expected to be unseen, or a list is inside the other, its logarithm has no use
    (an end would run to any number), and the profile interval takes its place; `how` says so.
    """
    a, b, c = m + 0.5, n1 - m + 0.5, n2 - m + 0.5
    if m and (b * c < a or m == min(n1, n2)):
        return _wide_enough(n1, n2, m, profile(n1, n2, m, level))
    reach = quantile(level) * math.sqrt(1 / a + 1 / b + 1 / c + a / (b * c))
    base, unseen = n1 + n2 - m - 0.5, b * c / a
    seen = float(n1 + n2 - m)
    return Interval(max(seen, base + unseen * math.exp(-reach)), base + unseen * math.exp(reach), "logit", level)


def _wide_enough(n1: float, n2: float, m: float, found: Interval) -> Interval:
    """Where one list holds all of the other, the larger may still miss what Wilson's interval of the share leaves open.

    The profile is too narrow there, as it takes the chance of the larger list for 1.
    """
    if m < min(n1, n2):
        return found
    share = wilson(m, int(min(n1, n2)), found.level).interval
    most = found.high if share is None else max(found.high, max(n1, n2) / share.low)
    return Interval(found.low, most, found.how, found.level)


def profile(n1: float, n2: float, m: float, level: float = 0.95) -> Interval:
    """The profile likelihood interval of N for two independent lists with an overlap, each with its own chance."""
    seen = n1 + n2 - m

    def likelihood(unseen: float) -> float:
        size = seen + unseen
        rest = sum(one * math.log(size) - xlog1py(size - one, -one / size) for one in (n1, n2))
        return log_rising(unseen + 1, seen) - float(rest)

    best = max(0.0, (n1 - m) * (n2 - m) / m)
    top = minimize_scalar(lambda at: -likelihood(at), bounds=(0.0, best + 1), method="bounded", options={"xatol": 1e-9})
    cut = max(-float(top.fun), likelihood(0.0)) - float(chdtri(1, 1 - level)) / 2
    far = best + 1.0
    while likelihood(far) > cut:
        far *= 2
    high = brentq(lambda at: likelihood(at) - cut, top.x, far)
    low = 0.0 if likelihood(0.0) >= cut else brentq(lambda at: likelihood(at) - cut, 0.0, top.x)
    return Interval(seen + low, seen + high, "profile", level)


def _quantile(at: float, trials: float, share: float) -> float:
    """The least number of successes whose probability of no more is `at` or above."""
    found = float(np.ceil(bdtrik(at, trials, share)))
    below = max(0.0, found - 1)
    return below if bdtr(below, int(trials), share) >= at else found


def binomial(n1: float, n2: float, m: float, level: float = 0.95) -> Interval | None:
    """n1 n2 over the percentiles of m ~ Binomial(n2, m / n2): the percentile bootstrap in closed form.

    Null where the lower percentile is no overlap at all: the interval then has no upper end. Needs whole numbers.
    """
    if not m or n2 != int(n2):
        return None
    tail = (1 - level) / 2
    few, many = (_quantile(at, n2, m / n2) for at in (tail, 1 - tail))
    return Interval(float(n1) * n2 / many, float(n1) * n2 / few, "binomial", level) if few else None


def share_found(m: float, n2: int, level: float = 0.95) -> Proportion:
    """The rate without N: of n2 operations on a list that does not depend on registration, m are in the register.

    Since n1 / (n1 n2 / m) = m / n2, it is the rate of registration by Lincoln and Petersen; with Wilson's interval.
    """
    return wilson(m, n2, level)


def overlap(n1: float, n2: float, m: float) -> Overlap:
    """What to know of an overlap before an estimate from it is believed. Raises as `lincoln_petersen`."""
    _check(n1, n2, m, "none")
    return Overlap(m == 0, m < ENOUGH_OVERLAP, bool(m) and m in (n1, n2), n1 + n2)


def homogeneity(found: Sequence[tuple[int, int]]) -> Homogeneity:
    """Chi-square of the shares m / n over lists given as (m, n); empty lists are left out.

    A small p says that not all lists are independent of registration. Lists that share operations make it somewhat too
    eager or too shy, as they overlap; it is a diagnostic and no verdict.
    """
    for m, n in found:
        if not 0 <= m <= n:
            raise ValueError(f"{m} of {n}: give how many of a list are in the register, then the size of the list.")
    used = [(m, n) for m, n in found if n]
    if not used:
        return Homogeneity(None, 0, None, None)
    hits, size = (sum(numbers) for numbers in zip(*used, strict=True))
    pooled = hits / size
    if len(used) < 2:
        return Homogeneity(None, 0, None, pooled)
    if pooled in (0, 1):
        return Homogeneity(0.0, len(used) - 1, 1.0, pooled)
    statistic = sum((m - n * pooled) ** 2 / (n * pooled * (1 - pooled)) for m, n in used)
    return Homogeneity(statistic, len(used) - 1, float(chdtrc(len(used) - 1, statistic)), pooled)


def _interval(n1: float, n2: float, m: float, n: float, se: float, how: str, level: float) -> Interval | None:
    if how == "logit":
        return sadinle(n1, n2, m, level)
    if how == "log-normal":
        return log_normal(n1 + n2 - m, n, se, level)
    if how == "binomial":
        return binomial(n1, n2, m, level)
    return normal(n, se, level) if how == "normal" else None


def _check(n1: float, n2: float, m: float, interval: str) -> None:
    if not all(math.isfinite(one) and one >= 0 for one in (n1, n2, m)):
        raise ValueError("The sizes of lists and their overlap are numbers, zero or more.")
    if m > min(n1, n2):
        raise ValueError(f"The overlap is {m}, but a list has only {min(n1, n2)}; it is at most the smaller list.")
    if interval not in INTERVALS:
        raise ValueError(f"The interval is one of {', '.join(INTERVALS)}, not “{interval}”.")
