"""The study: many populations by each mechanism, and how often and how far the headline misses the truth."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from bench.simulation.populations import CONDITIONAL, REGISTER, SIZES, Mechanism, population
from compliance.estimates.partition import (
    Context,
    Headline,
    ListTraits,
    Review,
    Settings,
    Stratum,
    StratumModel,
    headline,
    pooled,
    stratum_model,
    stratum_replicates,
)
from compliance.estimates.sizes import allotted
from compliance.estimates.totals import mover

NUMBER = 10_000
ALL_ACTIVE = Settings(active_alpha=1.0, active_beta=0.0, bootstrap=0, draws=1_000, second_opinion=False)

REVIEWED = 400
"""Pairs that a clerk has reviewed, half of them the same operation."""


REDRAWN_POPULATIONS = 10
REPLICATES = 100
"""The bootstrap is as dear as all else together, so that it is studied on fewer populations, with fewer replicates."""


@dataclass(frozen=True)
class Trial:
    """One population: its true rate, and what was said of it. `comparisons` holds the rates of the naive estimators.

    `by_best` is the interval that the best model of each class alone would give; null where some class has none.
    `redrawn` is what was published where the tables were redrawn too; null where they were not.
    """

    truth: float
    rate: float | None
    status: str
    published: tuple[float, float] | None
    at_most: float | None
    by_best: tuple[float, float] | None
    redrawn: tuple[float, float] | None
    comparisons: dict[str, float | None]
    codes: tuple[str, ...]


def trial(mechanism: Mechanism, seed: Sequence[int], replicates: int = 0, number: int = NUMBER) -> Trial:
    """One population drawn from the seed, and its headline from profile intervals; again with so many replicates."""
    made = population(mechanism, number, np.random.default_rng(np.random.SeedSequence(list(seed))))
    traits = [
        ListTraits(name, register=name == REGISTER, conditional_on_unregistered=name in CONDITIONAL)
        for name in (REGISTER, *mechanism.seen)
    ]
    classes = [Stratum(name, table, size_known=name in SIZES) for name, table in made.tables.items()]
    strata = pooled(allotted(classes, traits, ALL_ACTIVE), traits, ALL_ACTIVE)
    context = Context(review=review_of(mechanism) if mechanism.reviewed else None, by_model=mechanism.by_model)
    matching = context.matching()
    models = [stratum_model(stratum, traits, ALL_ACTIVE, matching) for stratum in strata]
    told = headline(models, [[] for _ in models], ALL_ACTIVE, traits=traits, seed=seed, context=context)
    again = None
    if replicates:
        drawn = [
            stratum_replicates(each, traits, ALL_ACTIVE, seed=[*seed, at], first=0, count=replicates, matching=matching)
            for at, each in enumerate(strata)
        ]
        again = headline(models, drawn, ALL_ACTIVE, traits=traits, seed=seed, context=context)
    return Trial(
        truth=made.rate,
        rate=told.rate,
        status=told.status,
        published=ends(told),
        at_most=told.at_most,
        by_best=by_best(models, made.registered),
        redrawn=None if again is None else ends(again),
        comparisons={each.method: each.rate for each in told.comparisons},
        codes=tuple(sorted({each.code for each in told.notices})),
    )


def by_best(models: Sequence[StratumModel], registered: int) -> tuple[float, float] | None:
    parts = []
    for each in models:
        best = each.analysis.best if each.analysis is not None else None
        if best is None or best.interval is None or each.u.n is None:
            return None
        inside = replace(best.interval, low=min(best.interval.low, each.u.n), high=max(best.interval.high, each.u.n))
        parts.append((each.u.n, inside))
    found = mover(parts)
    return None if found is None else (registered / (registered + found.high), registered / (registered + found.low))


def ends(told: Headline) -> tuple[float, float] | None:
    return None if told.published is None else (told.published.low, told.published.high)


def review_of(mechanism: Mechanism) -> Review:
    """What a review of so many pairs finds on average."""
    same = REVIEWED / 2
    found = same * mechanism.linked
    return Review(found=found, missed=same - found, false_links=0, different=REVIEWED - same)


def trials(mechanism: Mechanism, count: int, seed: int, workers: int) -> Iterator[Trial]:
    """`count` trials; the i-th depends on the seed, the mechanism's name and i alone."""
    own = int.from_bytes(mechanism.name.encode()[:8].ljust(8, b"\0"), "big")
    redrawn = REDRAWN_POPULATIONS if mechanism.redrawn else 0
    replicates = [REPLICATES if at < redrawn else 0 for at in range(count)]
    seeds = [(seed, own, at) for at in range(count)]
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(trial, [mechanism] * count, seeds, replicates, chunksize=2)
