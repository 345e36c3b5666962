"""Sums over the size classes: the unregistered with their interval, and what the models make of them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.rates import Unregistered
from compliance.estimates.results import Interval
from compliance.estimates.strata import Settings
from compliance.estimates.unregistered import WITH_REGISTER, StratumModel

ENOUGH_REPLICATES = 0.5
"""With fewer of the replicates that have an estimate, the bootstrap says nothing of the rest."""


@dataclass(frozen=True)
class Totals:
    """Sums over the strata. `known` is whether every stratum has an estimate."""

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

        profile = mover(
            [((each.u.n or 0.0) * scale, times(each.u.interval, scale)) for each, scale in zip(known, by, strict=True)]
        )
        interval = wider(profile, bootstrap)
        free_profile = mover([(each.u.n or 0.0, each.u.interval) for each in free])
        scaled_profile = mover([(each.u.n or 0.0, each.u.interval) for each in scaled])
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
        )


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
