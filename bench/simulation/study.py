"""The study: many populations by each mechanism, and how often and how far the headline misses the truth."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from bench.simulation.populations import CONDITIONAL, REGISTER, Mechanism, population
from compliance.estimates.partition import (
    Context,
    ListTraits,
    Review,
    Settings,
    Stratum,
    headline,
    pooled,
    stratum_model,
)

NUMBER = 10_000
ALL_ACTIVE = Settings(active_alpha=1.0, active_beta=0.0, bootstrap=0, draws=1_000, second_opinion=False)


REVIEWED = 400
"""Pairs that a clerk has reviewed, half of them the same operation."""


@dataclass(frozen=True)
class Trial:
    """One population: its true rate, and what was said of it. `comparisons` holds the rates of the naive estimators."""

    truth: float
    rate: float | None
    status: str
    interval: tuple[float, float] | None
    published: tuple[float, float] | None
    at_most: float | None
    comparisons: dict[str, float | None]
    codes: tuple[str, ...]


def trial(mechanism: Mechanism, seed: Sequence[int], number: int = NUMBER) -> Trial:
    """One population drawn from the seed, and its headline from profile intervals, without bootstrap."""
    made = population(mechanism, number, np.random.default_rng(np.random.SeedSequence(list(seed))))
    traits = [
        ListTraits(name, register=name == REGISTER, conditional_on_unregistered=name in CONDITIONAL)
        for name in (REGISTER, *mechanism.seen)
    ]
    strata = pooled([Stratum(name, table) for name, table in made.tables.items()], traits, ALL_ACTIVE)
    models = [stratum_model(stratum, traits, ALL_ACTIVE) for stratum in strata]
    context = Context(review=review_of(mechanism) if mechanism.reviewed else None)
    told = headline(models, [[] for _ in models], ALL_ACTIVE, traits=traits, seed=seed, context=context)
    return Trial(
        truth=made.rate,
        rate=told.rate,
        status=told.status,
        interval=None if told.interval is None else (told.interval.low, told.interval.high),
        published=None if told.published is None else (told.published.low, told.published.high),
        at_most=told.at_most,
        comparisons={each.method: each.rate for each in told.comparisons},
        codes=tuple(sorted({each.code for each in told.notices})),
    )


def review_of(mechanism: Mechanism) -> Review:
    """What a review of so many pairs finds on average: the part linked², as both sightings of a pair must be found."""
    same = REVIEWED / 2
    found = same * mechanism.linked**2
    return Review(found=found, missed=same - found, false_links=0, different=REVIEWED - same)


def trials(mechanism: Mechanism, count: int, seed: int, workers: int) -> Iterator[Trial]:
    """`count` trials; the i-th depends on the seed, the mechanism's name and i alone."""
    own = int.from_bytes(mechanism.name.encode()[:8].ljust(8, b"\0"), "big")
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(trial, [mechanism] * count, [(seed, own, at) for at in range(count)], chunksize=5)
