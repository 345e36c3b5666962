"""Repeating an estimate on tables drawn from the observed one: how much of it is luck, the choice of model included."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.loglinear import Fit, NoEstimate, fit
from compliance.estimates.many import Tables, fit_many
from compliance.estimates.results import Interval
from compliance.estimates.selection import MOST_LISTS, search_many
from compliance.estimates.stepwise import stepwise
from compliance.estimates.tables import Table
from compliance.estimates.terms import Floats, Terms, canonical, masks, pairwise_models

Seed = int | Sequence[int]


def drawn(table: Table, *, seed: Seed, first: int, count: int) -> NDArray[np.int64]:
    """Tables `first` … `first + count − 1` of the endless row that the seed stands for, shape (count, 2^K − 1).

    Each holds as many operations as the observed one, drawn with replacement: multinomial (n, y / n). The i-th has a
    generator of its own, so that it is the same however the row is cut.
    """
    if not table.n:
        return np.zeros((count, len(table.counts)), dtype=np.int64)
    shares = table.counts / table.n
    rows = [
        np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(place,))).multinomial(table.n, shares)
        for place in range(first, first + count)
    ]
    return np.array(rows, dtype=np.int64).reshape(count, len(table.counts))


def replicates(
    table: Table, *, seed: Seed, first: int, count: int, selection: bool = True, terms: Terms = ()
) -> Floats:
    """The population by replicate, shape (count,); nan where a drawn table has no estimate.

    With `selection` each replicate chooses anew: the BIC average over all pairwise models for up to five lists, the
    stepwise choice beyond. Without it each refits the model of these terms.
    """
    tables = drawn(table, seed=seed, first=first, count=count)
    if not selection:
        return refitted(table, tables, canonical(terms))
    return chosen_anew(table, tables)


def chosen_anew(table: Table, rows: NDArray[np.int64]) -> Floats:
    """The population by each of these tables, which are like `table`, with the model chosen anew for each."""
    if table.k > MOST_LISTS:
        return np.array([_stepwise(Table(table.lists, row)) for row in rows])
    return search_many(rows, starts(table, pairwise_models(table.k))).average


def starts(table: Table, models: Iterable[Terms]) -> dict[Terms, Floats]:
    """Coefficients of the models on the observed table, where they have an estimate."""
    found: dict[Terms, Floats] = {}
    for terms in models:
        fitted = _fit_or_none(table, terms)
        if fitted is not None:
            found[terms] = fitted.coefficients
    return found


def percentile(values: Floats, level: float = 0.95) -> Interval:
    """The interval between the quantiles of the replicates that have an estimate; nan where none has."""
    kept = values[np.isfinite(values)]
    if not len(kept):
        return Interval(math.nan, math.nan, "bootstrap", level)
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), "bootstrap", level)


def refitted(table: Table, rows: NDArray[np.int64], terms: Terms) -> Floats:
    """The population by each of these tables, which are like `table`, with the model of these terms."""
    start = starts(table, [terms]).get(terms)
    parameters = masks(table.k, terms)
    found = [block.totals[0] + fit_many(block, parameters, start).f0 for block in Tables.of(table.k, rows).blocks()]
    return np.concatenate(found) if found else np.zeros(0)


def _stepwise(table: Table) -> float:
    try:
        return stepwise(table).best.n
    except NoEstimate:
        return math.nan


def _fit_or_none(table: Table, terms: Terms) -> Fit | None:
    try:
        return fit(table, terms)
    except NoEstimate:
        return None
