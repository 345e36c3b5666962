"""Which log-linear model: all pairwise models weighed by BIC, their average, and how far those of weight disagree."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.loglinear import Fit, NoEstimate, Reason, fit, model_name
from compliance.estimates.many import OK, Tables, fit_many
from compliance.estimates.results import kept
from compliance.estimates.tables import Table
from compliance.estimates.terms import Floats, Terms, masks, pairwise_models

MOST_LISTS = 5
"""Six lists have 32,768 pairwise models; from there on the search is stepwise."""
PLAUSIBLE = 0.95


@dataclass(frozen=True)
class Weighed:
    """One model of a search: the population by it, its standard error, its weight in proportion to exp(−BIC / 2)."""

    terms: Terms
    n: float
    se: float
    aic: float
    bic: float
    weight: float

    @property
    def name(self) -> str:
        return model_name(self.terms)


@dataclass(frozen=True)
class Average:
    """Σ wᵢ Nᵢ and the unconditional standard error Σ wᵢ √(seᵢ² + (Nᵢ − N)²) (Buckland and others 1997)."""

    n: float
    se: float


@dataclass(frozen=True)
class Refused:
    """A model without an estimate: `no_mle` or `not_identifiable`."""

    terms: Terms
    reason: Reason

    @property
    def name(self) -> str:
        return model_name(self.terms)


@dataclass(frozen=True, eq=False)
class Search:
    """All models that have an estimate, by BIC, the best first; models of the same BIC by the number of their terms.

    `model_set` holds the fewest models whose weights add up to 0.95; `low` and `high` are the least and the greatest
    population among them. `main` is the fit of independence, null where it has none.
    """

    models: tuple[Weighed, ...]
    best: Fit
    main: Fit | None
    average: Average
    model_set: tuple[Weighed, ...]
    low: float
    high: float
    refused: tuple[Refused, ...]

    @property
    def spread(self) -> float:
        """How many times the greatest population of the model set is the least."""
        return self.high / self.low


def search(table: Table) -> Search:
    """Every pairwise model of 2 to 5 lists. Raises `NoEstimate` where no model has one, `ValueError` beyond 5 lists."""
    if table.k > MOST_LISTS:
        raise ValueError(f"All pairwise models are searched for up to {MOST_LISTS} lists; {table.k} go stepwise.")
    fits: list[Fit] = []
    refused: list[Refused] = []
    for terms in pairwise_models(table.k):
        try:
            fits.append(fit(table, terms))
        except NoEstimate as none:
            refused.append(Refused(terms, none.reason))
    if not fits:
        raise NoEstimate(refused[0].reason, model_name(refused[0].terms))
    main = fits[0] if not fits[0].terms else None
    return _weighed(fits, main, tuple(refused))


@dataclass(frozen=True, eq=False)
class SearchMany:
    """By table, shape (B,): the population averaged over all its models, by its best one, and how many had an estimate;
    nan where none had."""

    average: Floats
    best: Floats
    models: NDArray[np.int64]


def search_many(counts: NDArray[np.int64], starts: Mapping[Terms, Floats] | None = None) -> SearchMany:
    """`search` on B tables at once, counts by history in rows, shape (B, 2^K − 1).

    `starts` are coefficients by model where Newton's method begins, such as those of the table whence all are drawn.
    An answer depends on its own row (and the starts) alone, to the last bit.
    """
    lists = counts.shape[1].bit_length()
    if lists > MOST_LISTS:
        raise ValueError(f"All pairwise models are searched for up to {MOST_LISTS} lists; {lists} go stepwise.")
    found = [_search_block(block, starts or {}) for block in Tables.of(lists, counts).blocks()]
    return SearchMany(
        average=np.concatenate([one.average for one in found]) if found else np.zeros(0),
        best=np.concatenate([one.best for one in found]) if found else np.zeros(0),
        models=np.concatenate([one.models for one in found]) if found else np.zeros(0, dtype=np.int64),
    )


def _search_block(tables: Tables, starts: Mapping[Terms, Floats]) -> SearchMany:
    observed = tables.totals[0]
    with np.errstate(divide="ignore"):
        each = np.log(observed)
    bics, unseen = [], []
    for terms in pairwise_models(tables.lists):
        parameters = masks(tables.lists, terms)
        fitted = fit_many(tables, parameters, starts.get(terms))
        bics.append(np.where(fitted.states == OK, len(parameters) * each - 2 * fitted.log_likelihood, np.inf))
        unseen.append(fitted.f0)
    least, best = bics[0], unseen[0]
    for bic, f0 in zip(bics, unseen, strict=True):
        best = np.where(bic < least, f0, best)
        least = np.minimum(least, bic)
    total, summed, models = (np.zeros(len(observed)) for _ in range(3))
    with np.errstate(invalid="ignore"):
        for bic, f0 in zip(bics, unseen, strict=True):
            weight = np.where(bic < np.inf, np.exp((least - bic) / 2), 0.0)
            total += weight
            summed += np.where(weight > 0, weight * f0, 0.0)
            models += bic < np.inf
        average = observed + summed / total
    return SearchMany(average=average, best=observed + best, models=models.astype(np.int64))


def _weighed(fits: list[Fit], main: Fit | None, refused: tuple[Refused, ...]) -> Search:
    ordered = sorted(fits, key=lambda one: kept(one.bic))
    best = ordered[0]
    raw = [math.exp((best.bic - one.bic) / 2) for one in ordered]
    total = sum(raw)
    models = tuple(
        Weighed(one.terms, one.n, one.se, one.aic, one.bic, weight / total)
        for one, weight in zip(ordered, raw, strict=True)
    )
    average = sum(one.weight * one.n for one in models)
    error = sum(one.weight * math.hypot(one.se, one.n - average) for one in models)
    reached = np.cumsum([one.weight for one in models])
    chosen = models[: int(np.searchsorted(reached, PLAUSIBLE)) + 1]
    return Search(
        models=models,
        best=best,
        main=main,
        average=Average(average, error),
        model_set=chosen,
        low=min(one.n for one in chosen),
        high=max(one.n for one in chosen),
        refused=refused,
    )
