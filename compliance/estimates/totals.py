"""Sums over the size classes: the unregistered with their interval, and what the models make of them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.intervals import quantile
from compliance.estimates.rates import Unregistered
from compliance.estimates.results import Interval
from compliance.estimates.strata import Settings
from compliance.estimates.stratum_models import WITH_REGISTER, StratumModel

ENOUGH_REPLICATES = 0.5
"""With fewer of the replicates that have an estimate, the bootstrap says nothing of the rest."""


@dataclass(frozen=True)
class Totals:
    """Sums over the strata. `known` is whether every stratum has an estimate.

    `interval` is the wider of the profiles, with what errors of matching and unknown sizes leave open, and the
    bootstrap. `unmatched` is U from the lower end of that to the upper end where as few matches are found as is
    plausible, and `unmatched_bound` the least U then; null where a review tells, or nothing was missed.
    """

    registered: int
    known: bool
    unknown: tuple[str, ...]
    drawn_from: Unregistered
    n: float
    interval: Interval | None
    bootstrap: Interval | None
    replicates: int
    low: float
    high: float
    best: float
    main: float | None
    bound: float
    unmatched: Interval | None
    unmatched_bound: float | None

    @property
    def least(self) -> float:
        """The least U, whatever matches were missed."""
        return self.bound if self.unmatched_bound is None else min(self.bound, self.unmatched_bound)

    @classmethod
    def of(
        cls, models: Sequence[StratumModel], replicates: Sequence[Sequence[float | None]], settings: Settings
    ) -> "Totals":
        active = settings.active
        registered = sum(each.registered for each in models)
        unknown = tuple(each.stratum.name for each in models if each.u.n is None)
        known = [each for each in models if each.u.n is not None]
        free = [each for each in known if each.method != WITH_REGISTER]
        scaled = [each for each in known if each.method == WITH_REGISTER]
        redrawn, count = summed(models, replicates, active)
        bootstrap = None
        if redrawn is not None:
            tail = 50 * (1 - settings.level)
            low, high = np.percentile(redrawn, [tail, 100 - tail])
            bootstrap = Interval(float(low), float(high), "bootstrap", settings.level)
        by = [active if each.method == WITH_REGISTER else 1.0 for each in known]

        def total(values: Iterable[float | None]) -> float:
            return float(sum((value or 0.0) * scale for value, scale in zip(values, by, strict=True)))

        profile = spread(known, by, settings.level)
        interval = wider(profile, bootstrap)
        free_profile = spread(free, [1.0] * len(free), settings.level)
        scaled_profile = spread(scaled, [1.0] * len(scaled), settings.level)
        mains = [each.main for each in known]
        return cls(
            registered=registered,
            known=not unknown,
            unknown=unknown,
            drawn_from=Unregistered(
                sum(each.u.n or 0.0 for each in free),
                interval if not scaled else free_profile,
                sum(each.u.n or 0.0 for each in scaled),
                scaled_profile,
            ),
            n=total(each.u.n for each in known),
            interval=interval,
            bootstrap=bootstrap,
            replicates=count,
            low=total(each.low for each in known),
            high=total(each.high for each in known),
            best=total(best_of(each) for each in known),
            main=None if None in mains else total(mains),
            bound=sum(each.bound for each in models),
            unmatched=_unmatched(known, by, interval),
            unmatched_bound=_unmatched_bound(models),
        )


def spread(models: Sequence[StratumModel], by: Sequence[float], level: float) -> Interval | None:
    """The interval of ΣU from the strata's, with the error of matching and of unknown sizes, which all of them share.

    `by` are factors of the strata. Null where a stratum has no interval.
    """
    parts = [((each.u.n or 0.0) * scale, times(each.u.interval, scale)) for each, scale in zip(models, by, strict=True)]
    n = sum(value for value, _ in parts)
    if any(each.counts is not None for each in models):
        ends = [
            sum(
                scale * (end if end is not None else each.u.n or 0.0)
                for each, scale, end in zip(models, by, found, strict=True)
            )
            for found in zip(*[_ends(each) for each in models], strict=True)
        ]
        parts.append((0.0, Interval(min(0.0, ends[0] - n), max(0.0, ends[1] - n), "matching", level)))
    draws = max((len(each.allotting) for each in models), default=0)
    if draws:
        sums = [sum(scale * _at(each, at) for each, scale in zip(models, by, strict=True)) for at in range(draws)]
        reach = quantile(level) * float(np.std(sums, ddof=1))
        parts.append((0.0, Interval(-reach, reach, "unknown sizes", level)))
    return mover(parts)


def _ends(model: StratumModel) -> tuple[float | None, float | None]:
    """U with as many matches found as is plausible, and as few."""
    return (None, None) if model.matched is None else (model.matched.best.n, model.matched.worst.n)


def _at(model: StratumModel, draw: int) -> float:
    """U with the unknown sizes allotted as in this draw."""
    value = model.allotting[draw % len(model.allotting)] if model.allotting else None
    return (model.u.n or 0.0) if value is None else value


def _unmatched(models: Sequence[StratumModel], by: Sequence[float], interval: Interval | None) -> Interval | None:
    told = [each.matched for each in models if each.matched is not None and each.counts is None]
    if interval is None or not told:
        return None
    worst = spread(
        [each if each.matched is None else replace(each, u=each.matched.worst) for each in models], by, interval.level
    )
    if worst is None:
        return None
    return Interval(min(interval.low, worst.low), max(interval.high, worst.high), "error of matching", interval.level)


def _unmatched_bound(models: Sequence[StratumModel]) -> float | None:
    if not any(each.matched is not None and each.counts is None for each in models):
        return None
    return sum(min(each.bound, each.matched.bound) if each.matched is not None else each.bound for each in models)


def best_of(model: StratumModel) -> float | None:
    best = model.analysis.best if model.analysis is not None else None
    return best.n if best is not None else model.u.n


def times(interval: Interval | None, by: float) -> Interval | None:
    return None if interval is None else replace(interval, low=interval.low * by, high=interval.high * by)


def summed(
    models: Sequence[StratumModel], replicates: Sequence[Sequence[float | None]], active: float
) -> tuple[NDArray[np.float64] | None, int]:
    """Replicate-wise sums over the strata that have an estimate, and of how many; null where most have none."""
    columns = [
        [math.nan if value is None else value * (active if model.method == WITH_REGISTER else 1.0) for value in values]
        for model, values in zip(models, replicates, strict=False)
        if model.u.n is not None
    ]
    if not columns or len({len(column) for column in columns}) != 1 or not columns[0]:
        return None, 0
    sums = np.sum(np.array(columns), axis=0)
    sound = sums[np.isfinite(sums)]
    if len(sound) < max(2, ENOUGH_REPLICATES * len(sums)):
        return None, len(sound)
    return sound, len(sound)


def mover(parts: Sequence[tuple[float, Interval | None]]) -> Interval | None:
    """The interval of a sum of independent estimates from those of its parts: n − √Σ(nᵢ − lᵢ)² to n + √Σ(hᵢ − nᵢ)².

    Null where a part has none (Zou and Donner 2008).
    """
    intervals = [interval for _, interval in parts if interval is not None]
    if not parts or len(intervals) < len(parts):
        return None
    n = sum(value for value, _ in parts)
    down = math.sqrt(sum((value - each.low) ** 2 for (value, _), each in zip(parts, intervals, strict=True)))
    up = math.sqrt(sum((each.high - value) ** 2 for (value, _), each in zip(parts, intervals, strict=True)))
    how = intervals[0].how if len(parts) == 1 else "profiles of the strata, added by MOVER"
    return Interval(n - down, n + up, how, intervals[0].level)


def wider(one: Interval | None, other: Interval | None) -> Interval | None:
    """The wider of two intervals; the one there is, where there is one."""
    if one is None or other is None:
        return one or other
    return one if one.high - one.low >= other.high - other.low else other
