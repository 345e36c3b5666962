"""Intervals for a number of operations from its standard error, by whatever estimator it was found."""

import math

from scipy.special import ndtri

from compliance.estimates.results import Interval


def quantile(level: float) -> float:
    """The normal quantile z of a two-sided level of confidence: 1.96 for 0.95. Raises `ValueError` outside (0, 1)."""
    if not 0 < level < 1:
        raise ValueError(f"A level of confidence lies between 0 and 1, not at {level}; 0.95 is usual.")
    return float(ndtri(0.5 + level / 2))


def log_normal(seen: float, n: float, se: float | None, level: float = 0.95) -> Interval | None:
    """Of the unseen number n − seen, taken as log-normal (Chao 1987, formula 12), so that it never falls below `seen`.

    Null where nothing is estimated to be unseen or the standard error is unknown: no interval is no certainty.
    """
    unseen = n - seen
    if se is None or not math.isfinite(se) or not math.isfinite(n) or unseen <= 0:
        return None
    spread = math.exp(quantile(level) * math.sqrt(math.log1p((se / unseen) ** 2)))
    if not math.isfinite(unseen * spread):
        return None
    return Interval(seen + unseen / spread, seen + unseen * spread, "log-normal", level)


def normal(n: float, se: float | None, level: float = 0.95) -> Interval | None:
    """n ± z se. Only to reproduce what others printed: it reaches below what has been seen and covers too seldom."""
    if se is None or not math.isfinite(se) or not math.isfinite(n):
        return None
    reach = quantile(level) * se
    return Interval(n - reach, n + reach, "normal", level)
