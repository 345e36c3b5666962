"""The rows of a table's report: every estimator for so many lists, each with its figures or its reason."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from compliance.estimates import graphs
from compliance.estimates.analysis import Analysis
from compliance.estimates.bounds import captures, chao2, mth_lower_bound
from compliance.estimates.coverage import sample_coverage
from compliance.estimates.documents import estimate_json, interval_json
from compliance.estimates.heterogeneity import FORMS, closed_family, columns_of, normal_mixture
from compliance.estimates.loglinear import Fit, NoEstimate, fit
from compliance.estimates.profile import multinomial_interval, poisson_interval
from compliance.estimates.results import Estimate, Interval, kept
from compliance.estimates.row_notes import NOTES
from compliance.estimates.selection import Search
from compliance.estimates.stepwise import stepwise
from compliance.estimates.tables import Table
from compliance.estimates.terms import Floats, Terms, hierarchical_models, model_name, pairwise_models
from compliance.estimates.two_lists import chapman, lincoln_petersen

FORM = "Darroch"
"""The form of unequal chances with which the pairwise models are searched once more."""
HIERARCHICAL_LISTS = 4
"""113 hierarchical models of order 3; five lists would have thousands."""
MOST_LISTS_WITH_FORM = 4
MOST_LISTS_SATURATED = 5


@dataclass(frozen=True)
class Row:
    """One line of the report. `group` sorts the lines: what they are, from models to comparisons of pairs.

    `intervals` holds the other intervals of the same estimate, by other methods; `note` adds to what its name means.
    """

    estimate: Estimate
    group: str
    intervals: tuple[Interval, ...] = ()
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        shown = estimate_json(self.estimate)
        others = [each for each in map(interval_json, self.intervals) if each]
        notes = [NOTES.get(self.estimate.method, ""), self.note]
        return {**shown, "group": self.group, "other_intervals": others, "note": " ".join(filter(None, notes))}


def rows_of_two(table: Table) -> Iterator[Row]:
    """Lincoln–Petersen and Chapman with both intervals, the bound, and the closed family."""
    n1, n2 = (int(size) for size in table.sizes)
    both = int(table.overlaps[0, 1])
    for one in (chapman, lincoln_petersen):
        found = one(n1, n2, both)
        other = one(n1, n2, both, interval="log-normal").interval
        yield Row(found, "two lists", () if other is None else (other,))
    yield from _closed(table)
    yield Row(chao2(table), "bound")


def rows_of_many(table: Table, analysis: Analysis, search: Search | None) -> Iterator[Row]:
    """Three lists and more; `search` is null where the pairwise models are too many, or none has an estimate."""
    if search is None:
        yield from _fitted(table, "independence", lambda: fit(table))
    else:
        yield from _searched(table, analysis, search)
    yield from _fitted(table, "stepwise, p < 0.02", lambda: stepwise(table).best)
    if table.k == HIERARCHICAL_LISTS:
        yield from _hierarchical(table)
    yield from _without_highest(table)
    yield from _closed(table)
    yield Row(_normal(table), "closed population")
    if search is not None and search.best.terms:
        with_pairs = replace(_normal(table, search.best.terms), method="Mth Normal and pairs")
        yield Row(with_pairs, "closed population")
    if table.k <= MOST_LISTS_WITH_FORM:
        yield from _with_form(table)
    bound = mth_lower_bound(table)
    yield Row(replace(bound, method=f"{bound.method}, excesses free"), "bound")
    yield Row(chao2(table), "bound")
    coverage = sample_coverage(table)
    yield from (Row(each, "coverage") for each in (coverage.independent, coverage.low, coverage.high))
    if analysis.second is not None:
        yield Row(analysis.second, "graphs")
    elif table.k > 2:
        yield Row(_second(table), "graphs")
    yield from pairs(table)
    yield from (Row(each, "without a list") for each in analysis.without.values())


def _second(table: Table) -> Estimate:
    try:
        return graphs.average(table).estimate()
    except graphs.NoPosterior as none:
        return Estimate("dga", None, why_none=str(none))


def pairs(table: Table) -> Iterator[Row]:
    """Chapman for each pair of the lists."""
    for i, j in combinations(range(table.k), 2):
        found = chapman(int(table.sizes[i]), int(table.sizes[j]), int(table.overlaps[i, j]))
        yield Row(replace(found, method=f"Chapman: {table.lists[i]} and {table.lists[j]}"), "pair")


def _searched(table: Table, analysis: Analysis, search: Search) -> Iterator[Row]:
    main = search.main
    if main is not None:
        yield row_of_fit(table, "independence", main)
    yield row_of_fit(table, "best BIC", search.best)
    best_aic = min(search.models, key=lambda one: (kept(one.aic), len(one.terms)))
    yield from _fitted(table, "best AIC", lambda: fit(table, best_aic.terms))
    yield Row(analysis.leading, "models", note=f"Over {len(search.models)} models.")
    yield Row(
        Estimate(
            "95 % model set",
            None,
            interval=Interval(search.low, search.high, f"least and largest N of {len(search.model_set)} models"),
            why_none="This is a range: the models whose weights add up to 95 %.",
        ),
        "models",
    )


def _fitted(table: Table, method: str, fitted: Callable[[], Fit]) -> Iterator[Row]:
    try:
        found = fitted()
    except NoEstimate as none:
        yield Row(Estimate(method, None, model=none.model or None, why_none=str(none)), "models")
    else:
        yield row_of_fit(table, method, found)


def row_of_fit(table: Table, method: str, found: Fit, columns: Floats | None = None, form: str = "") -> Row:
    """The fit with its multinomial profile; beside it the Poisson profile and Wald on log f0."""
    intervals = []
    for one in (multinomial_interval, poisson_interval):
        try:
            intervals.append(one(table, found.terms, columns=columns))
        except NoEstimate:
            continue
    wald = found.wald()
    if math.isfinite(wald.low) and not math.isnan(wald.high):
        intervals.append(wald)
    estimate = Estimate(
        method=method,
        n=found.n,
        se=found.se,
        interval=intervals[0] if intervals else None,
        model=f"{found.model}+{form}" if form else found.model,
        log_likelihood=found.log_likelihood,
        deviance=found.deviance,
        df=found.df,
        aic=found.aic,
        bic=found.bic,
    )
    return Row(estimate, "models", tuple(intervals[1:]))


def _best(table: Table, models: Iterable[Terms], columns: Floats | None = None) -> tuple[Fit, Fit] | None:
    """The fits of the least BIC and of the least AIC; the smaller model of two that are level."""
    fits = []
    for terms in models:
        try:
            fits.append(fit(table, terms, columns=columns))
        except NoEstimate:
            continue
    if not fits:
        return None
    return (
        min(fits, key=lambda one: (kept(one.bic), one.parameters)),
        min(fits, key=lambda one: (kept(one.aic), one.parameters)),
    )


def _hierarchical(table: Table) -> Iterator[Row]:
    found = _best(table, hierarchical_models(table.k, 3))
    if found is None:
        return
    yield row_of_fit(table, "best BIC, order 3", found[0])
    yield row_of_fit(table, "best AIC, order 3", found[1])


def _with_form(table: Table) -> Iterator[Row]:
    column = FORMS[FORM](captures(table))[:, None]
    found = _best(table, pairwise_models(table.k), column)
    if found is not None:
        yield row_of_fit(table, f"best BIC with {FORM}", found[0], column, FORM)


def _closed(table: Table) -> Iterator[Row]:
    """The closed family; beside its log-normal intervals the multinomial profile of those that are log-linear fits."""
    for each in closed_family(table):
        columns = columns_of(each.method, table)
        if each.n is None or columns is None:
            yield Row(each, "closed population")
            continue
        try:
            profile = multinomial_interval(table, (), columns=columns.extra, main=columns.main)
        except NoEstimate:
            yield Row(each, "closed population")
        else:
            yield Row(each, "closed population", (profile,))


def _normal(table: Table, terms: Terms = ()) -> Estimate:
    try:
        return normal_mixture(table, terms)
    except np.linalg.LinAlgError:
        why = "Its likelihood is flat, so that it has no standard error."
        return Estimate("Mth Normal", None, model=model_name(terms), why_none=why)


def _without_highest(table: Table) -> Iterator[Row]:
    """The saturated model, in which only the interaction of all lists is nothing: f0 = Π odd cells / Π even cells."""
    method = "no highest interaction"
    terms = tuple(frozenset(term) for size in range(2, table.k) for term in combinations(range(table.k), size))
    if (table.counts == 0).any():
        why = "Some history has nobody, so the closed form is zero or divides by it."
        yield Row(Estimate(method, None, model=model_name(terms), why_none=why), "models")
    elif table.k <= MOST_LISTS_SATURATED:
        yield from _fitted(table, method, lambda: fit(table, terms))
    else:
        yield Row(Estimate(method, table.n + without_highest(table), model=model_name(terms)), "models")


def without_highest(table: Table) -> float:
    """f0 in closed form; infinite where it is too large for a figure. Every history has somebody."""
    odd = table.bits.sum(axis=1) % 2 == 1
    logs = np.log(table.counts.astype(np.float64))
    exponent = float(logs[odd].sum() - logs[~odd].sum())
    return math.exp(exponent) if exponent < 600 else math.inf
