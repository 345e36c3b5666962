"""One table by the rules of the method: which estimator leads, what stands beside it, and the warnings that hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from compliance.estimates import graphs, input_notices, model_notices
from compliance.estimates.averaged import HOW, tail_area
from compliance.estimates.bounds import chao2, convexity, mth_lower_bound
from compliance.estimates.coverage import sample_coverage
from compliance.estimates.diagnostics import DEFAULT, Notice, Thresholds, in_order, no_point
from compliance.estimates.documents import estimate_json, estimate_of, number
from compliance.estimates.loglinear import Fit, NoEstimate, fit
from compliance.estimates.profile import multinomial_interval
from compliance.estimates.results import Estimate, Interval
from compliance.estimates.selection import MOST_LISTS, Search, search
from compliance.estimates.stepwise import stepwise
from compliance.estimates.tables import Table
from compliance.estimates.two_lists import chapman

LISTS_OF_STEPWISE = 6
FEWEST_WITHOUT = 4
"""W12 is about tables of so many lists: of three, two remain without one, and those are the pairs."""


@dataclass(frozen=True)
class Analysis:
    """What the rules make of one table.

    `leading` is Chapman for two lists, the BIC average with the profile interval of the best model for three to five,
    stepwise for six and more. `best` and `main` are the best model and that of independence; `low` and `high` the least
    and the largest N of the 95 % model set of so many `models`. `bound` is “at least”; `second` the average over
    decomposable graphs; `without` holds the estimate with each list left out. `lists` are those that were used.
    """

    lists: tuple[str, ...]
    n: int
    leading: Estimate
    best: Estimate | None
    main: Estimate | None
    low: float | None
    high: float | None
    models: int
    bound: Estimate
    second: Estimate | None
    without: Mapping[str, Estimate]
    refused: Mapping[str, str]
    coverage: float | None
    notices: tuple[Notice, ...]

    @property
    def sound(self) -> bool:
        """Whether a point may be given."""
        return self.leading.n is not None and not no_point(self.notices)

    def range(self) -> Interval | None:
        """The N between which the plausible models lie, with that of independence where W07 is about it."""
        if self.low is None or self.high is None:
            return None
        for each in self.notices:
            if each.code == "W07":
                return Interval(each.facts["low"], each.facts["high"], "models")
        return Interval(self.low, self.high, "95 % model set")

    def to_json(self) -> dict[str, Any]:
        return {
            "lists": list(self.lists),
            "n": self.n,
            "leading": estimate_json(self.leading),
            "best": None if self.best is None else estimate_json(self.best),
            "main": None if self.main is None else estimate_json(self.main),
            "low": number(self.low),
            "high": number(self.high),
            "models": self.models,
            "bound": estimate_json(self.bound),
            "second": None if self.second is None else estimate_json(self.second),
            "without": {name: estimate_json(each) for name, each in self.without.items()},
            "refused": dict(self.refused),
            "coverage": number(self.coverage),
            "warnings": [each.to_json() for each in self.notices],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Analysis":
        def one(found: Mapping[str, Any] | None) -> Estimate | None:
            return None if found is None else estimate_of(found)

        return cls(
            lists=tuple(kept["lists"]),
            n=kept["n"],
            leading=estimate_of(kept["leading"]),
            best=one(kept["best"]),
            main=one(kept["main"]),
            low=kept["low"],
            high=kept["high"],
            models=kept["models"],
            bound=estimate_of(kept["bound"]),
            second=one(kept["second"]),
            without={name: estimate_of(each) for name, each in kept["without"].items()},
            refused=dict(kept["refused"]),
            coverage=kept["coverage"],
            notices=tuple(Notice.from_json(each) for each in kept["warnings"]),
        )


def used(table: Table) -> Table | None:
    """The table without lists on which nobody is; null where nobody is on any."""
    lists = [name for name, size in zip(table.lists, table.sizes, strict=True) if size]
    if not lists:
        return None
    return table if len(lists) == table.k else table.only(lists)


def analyse(
    table: Table, limits: Thresholds = DEFAULT, *, second_opinion: bool = True, found: Search | None = None
) -> Analysis:
    """The table by the rules. `found` is its search, where it has been made already. Never raises for a `Table`."""
    notices: list[Notice | None] = list(input_notices.of_table(table, limits))
    core = used(table)
    if core is None or core.k == 1:
        why = notices[-1].message if notices and notices[-1] is not None else ""
        return _nothing(table if core is None else core, why, notices)
    if (core.counts > 0).sum() == 1:
        return _nothing(core, "All operations have the same history.", notices)
    if core.k == 2:
        return _two(core, notices, limits)
    return _many(core, notices, limits, second_opinion=second_opinion, found=found)


def _nothing(table: Table, why: str, notices: list[Notice | None]) -> Analysis:
    none = Estimate("none", None, why_none=why)
    bound = Estimate("seen", float(table.n), bound=True)
    return Analysis(table.lists, table.n, none, None, None, None, None, 0, bound, None, {}, {}, None, in_order(notices))


def _two(table: Table, notices: list[Notice | None], limits: Thresholds) -> Analysis:
    n1, n2 = (int(size) for size in table.sizes)
    overlap = int(table.overlaps[0, 1])
    leading = chapman(n1, n2, overlap)
    notices.append(model_notices.small_overlap(overlap, limits))
    if leading.n is not None:
        notices.append(model_notices.imprecise(leading.n, leading.se, leading.interval, limits))
    coverage = sample_coverage(table).coverage
    return Analysis(
        table.lists, table.n, leading, None, None, leading.n, leading.n, 1, _bound(table), None, {}, {}, coverage,
        in_order(notices),
    )  # fmt: skip


def _many(
    table: Table, notices: list[Notice | None], limits: Thresholds, *, second_opinion: bool, found: Search | None
) -> Analysis:
    searched = found
    best: Fit | None = None
    refused: dict[str, str] = {}
    try:
        if table.k <= MOST_LISTS:
            searched = searched or search(table)
            best = searched.best
            refused = {one.name: one.reason for one in searched.refused}
        else:
            best = stepwise(table).best
    except NoEstimate as none:
        refused = {none.model: none.reason}
    main = searched.main if searched is not None else _main(table)
    tried = len(refused) + (len(searched.models) if searched is not None else int(best is not None))
    notices.append(model_notices.no_estimate(refused, tried, table.lists))
    bound = _bound(table)
    coverage = sample_coverage(table).coverage
    notices.append(model_notices.heterogeneous(bound.n, main.n if main is not None else None, convexity(table), limits))
    if coverage is not None:
        notices.append(model_notices.low_coverage(coverage, limits))
    if best is None:
        why = "No model has an estimate on this table."
        return Analysis(
            table.lists, table.n, Estimate("none", None, why_none=why), None, None, None, None, 0, bound, None, {},
            refused, coverage, in_order(notices),
        )  # fmt: skip
    interval = interval_of_model(table, best)
    top = estimate_of_fit("best BIC" if searched is not None else "stepwise", best, interval)
    if searched is not None:
        average = searched.average
        leading = Estimate("BIC average", average.n, average.se, around(average.n, interval, searched, table.n))
        low, high, models = searched.low, searched.high, len(searched.model_set)
    else:
        leading, low, high, models = top, best.n, best.n, 1
    without = left_out(table)
    z = {
        " and ".join(table.lists[place] for place in sorted(term)): value
        for term, value in best.z.items()
        if len(term) == 2
    }
    notices += [
        model_notices.dependent_by_terms(z, limits),
        model_notices.unstable(low, high, models, best.n, main.n if main is not None else None, limits),
        # Of the best model: what the choice of the model adds is W07's.
        model_notices.imprecise(leading.n or best.n, leading.se, top.interval, limits),
        model_notices.poor_fit(best.model, best.deviance, best.df, limits, lists=table.lists),
    ]
    if table.k >= FEWEST_WITHOUT:
        figures = {name: each.n for name, each in without.items() if each.n is not None}
        notices.append(model_notices.list_influence(best.n, figures, limits))
    return Analysis(
        lists=table.lists,
        n=table.n,
        leading=leading,
        best=top,
        main=None if main is None else estimate_of_fit("independence", main, interval_of_model(table, main)),
        low=low,
        high=high,
        models=models,
        bound=bound,
        second=second(table) if second_opinion else None,
        without=without,
        refused=refused,
        coverage=coverage,
        notices=in_order(notices),
    )


def _main(table: Table) -> Fit | None:
    try:
        return fit(table)
    except NoEstimate:
        return None


def _bound(table: Table) -> Estimate:
    """M_th for three lists and more, Chao's for two; what was seen where neither gives more."""
    bound = mth_lower_bound(table) if table.k > 2 else chao2(table)
    if bound.n is not None and bound.n >= table.n:
        return bound
    return Estimate("seen", float(table.n), bound=True)


def interval_of_model(table: Table, model: Fit) -> Interval:
    """The multinomial profile of a fitted model; Wald on log f0 where the profile has no end."""
    try:
        return multinomial_interval(table, model.terms)
    except NoEstimate:
        return model.wald()


def around(n: float, interval: Interval, found: Search, observed: int) -> Interval:
    """The best model's interval, made to hold the average and all but the tails of all models by their weights.

    The best model alone holds the truth less often than it says, for the lists do not tell which model is right.
    """
    over = tail_area(found.models, observed, interval.level)
    low, high = min(n, interval.low), max(n, interval.high)
    if over is not None:
        low, high = min(low, over.low), max(high, over.high)
    if (low, high) == (interval.low, interval.high):
        return interval
    return replace(interval, low=low, high=high, how=f"{interval.how}, with {HOW}")


def estimate_of_fit(method: str, model: Fit, interval: Interval | None) -> Estimate:
    return Estimate(
        method=method,
        n=model.n,
        se=model.se,
        interval=interval,
        model=model.model,
        log_likelihood=model.log_likelihood,
        deviance=model.deviance,
        df=model.df,
        aic=model.aic,
        bic=model.bic,
    )


def left_out(table: Table) -> dict[str, Estimate]:
    """The estimate without each list: stepwise, or Chapman where two lists remain."""
    answers: dict[str, Estimate] = {}
    for name in table.lists:
        rest = used(table.without(name))
        method = f"without {name}"
        if rest is None or rest.k < 2:
            answers[name] = Estimate(method, None, why_none="Fewer than two lists remain.")
        elif rest.k == 2:
            found = chapman(int(rest.sizes[0]), int(rest.sizes[1]), int(rest.overlaps[0, 1]))
            answers[name] = replace(found, method=method)
        else:
            try:
                chosen = stepwise(rest).best
                answers[name] = estimate_of_fit(method, chosen, chosen.wald())
            except NoEstimate as none:
                answers[name] = Estimate(method, None, why_none=str(none))
    return answers


def second(table: Table) -> Estimate | None:
    """The average over decomposable graphs; null for two lists, or six and more."""
    try:
        return graphs.average(table).estimate()
    except graphs.NoPosterior:
        return None
