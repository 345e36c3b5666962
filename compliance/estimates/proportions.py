"""Proportions with honest intervals: Wilson, Jeffreys, Clopper–Pearson, and Rogan–Gladen for matching with errors."""

import math
from dataclasses import dataclass

from scipy.special import betaincinv

from compliance.estimates.intervals import quantile
from compliance.estimates.results import Interval

NOTHING_COUNTED = "Nothing was counted, so there is no rate."


@dataclass(frozen=True)
class Proportion:
    """Of `trials` counted, `successes` have the property. `rate` is null where nothing was counted.

    `clipped` says that the corrected rate lay outside 0 to 1 and was moved to the nearer end.
    """

    successes: float
    trials: int
    rate: float | None
    interval: Interval | None
    why_none: str = ""
    clipped: bool = False


def wilson(successes: float, trials: int, level: float = 0.95) -> Proportion:
    """The score interval (Wilson 1927), the default: it holds its level for small numbers and never leaves 0 to 1."""
    _check(successes, trials)
    z = quantile(level)
    if not trials:
        return Proportion(successes, trials, None, None, NOTHING_COUNTED)
    rate = successes / trials
    scale = 1 + z * z / trials
    centre = (rate + z * z / (2 * trials)) / scale
    reach = z / scale * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    low = 0.0 if successes == 0 else max(0.0, centre - reach)
    high = 1.0 if successes == trials else min(1.0, centre + reach)
    return Proportion(successes, trials, rate, Interval(low, high, "Wilson", level))


def jeffreys(successes: float, trials: int, level: float = 0.95) -> Proportion:
    """Quantiles of Beta(x + ½, n − x + ½), the posterior under Jeffreys' prior; the one to draw from.

    At 0 (or all) successes the lower (upper) end is 0 (1), as Brown, Cai and DasGupta (2001) advise; the other end
    stays the quantile.
    """
    _check(successes, trials)
    quantile(level)
    if not trials:
        return Proportion(successes, trials, None, None, NOTHING_COUNTED)
    tail = (1 - level) / 2
    a, b = successes + 0.5, trials - successes + 0.5
    low = 0.0 if successes == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if successes == trials else float(betaincinv(a, b, 1 - tail))
    return Proportion(successes, trials, successes / trials, Interval(low, high, "Jeffreys", level))


def clopper_pearson(successes: float, trials: int, level: float = 0.95) -> Proportion:
    """The exact interval (Clopper and Pearson 1934): at least its level, for law and the worst case.

    With no success its upper end is about 3 / n.
    """
    _check(successes, trials)
    quantile(level)
    if not trials:
        return Proportion(successes, trials, None, None, NOTHING_COUNTED)
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return Proportion(successes, trials, successes / trials, Interval(low, high, "Clopper–Pearson", level))


def rogan_gladen(
    successes: float, trials: int, sensitivity: float = 1.0, false_links: float = 0.0, level: float = 0.95
) -> Proportion:
    """The share of true matches where linkage finds a match with `sensitivity` and invents one with `false_links`.

    r = (x / n − φ) / (s − φ) (Rogan and Gladen 1978), clipped to 0 to 1. The interval carries Wilson's two ends through
    the same map, with s and φ taken as known; draw them where they are not (`linkage`). `successes` of the answer are
    the true matches expected, so not whole. Without errors it is Wilson's. Where s is not above φ, finding a match says
    nothing, and there is no rate. Raises `ValueError` for rates outside 0 to 1.
    """
    for name, value in (("sensitivity", sensitivity), ("false_links", false_links)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name}: a rate lies between 0 and 1, not at {value}.")
    found = wilson(successes, trials, level)
    if found.rate is None or found.interval is None:
        return found
    gain = sensitivity - false_links
    if gain <= 0:
        why = "Linkage finds a true match no more often than it invents one, so a match says nothing."
        return Proportion(successes, trials, None, None, why)
    raw = (found.rate - false_links) / gain
    rate, low, high = (
        min(1.0, max(0.0, (value - false_links) / gain))
        for value in (found.rate, found.interval.low, found.interval.high)
    )
    interval = Interval(low, high, "Rogan–Gladen of Wilson", level)
    return Proportion(rate * trials, trials, rate, interval, clipped=not 0 <= raw <= 1)


def _check(successes: float, trials: int) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials}: give a number of successes from 0 to the number counted.")
