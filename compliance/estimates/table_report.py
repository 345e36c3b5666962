"""Every estimator on one table: its figure or why it has none, the warnings, and what may be said in one sentence."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from compliance.estimates import input_notices
from compliance.estimates.analysis import Analysis, analyse, used
from compliance.estimates.bootstrap import drawn, percentile, replicates
from compliance.estimates.diagnostics import in_order
from compliance.estimates.headline_figures import Headline
from compliance.estimates.loglinear import NoEstimate
from compliance.estimates.minimum import evidence
from compliance.estimates.partition import ListTraits, Settings, Stratum, headline, stratum_model, stratum_replicates
from compliance.estimates.repeats_report import repeats_report
from compliance.estimates.report_rows import Row, rows_of_many, rows_of_two
from compliance.estimates.results import Estimate, Interval
from compliance.estimates.selection import MOST_LISTS, Search, search
from compliance.estimates.table_document import PairRate, TableReport
from compliance.estimates.table_headline import TableHeadline, headline_of
from compliance.estimates.tables import Table
from compliance.estimates.totals import wider
from compliance.estimates.two_lists import share_found
from compliance.estimates.unregistered import chapman_redrawn

__all__ = ["PairRate", "TableReport", "repeats_report", "table_report"]


def table_report(
    table: Table,
    *,
    register: str = "",
    conditional: Sequence[str] = (),
    random: Sequence[str] = (),
    settings: Settings | None = None,
    seed: int = 0,
    bootstrap: int = 0,
    repeated_rows: int = 0,
    repeated_units: int = 0,
) -> TableReport:
    """The report of a table. With a `register`, the headline is the partition by registration, of one stratum.

    Lists `conditional` on being unregistered are left out of the estimators that take all lists alike. `bootstrap`
    replicates repeat the selection of the model. Raises `ValueError` for a name that is not a list of the table.
    """
    settings = settings or Settings(bootstrap=bootstrap)
    _check(table, register, conditional, random)
    alike = table.only([name for name in table.lists if name not in conditional]) if conditional else table
    core = used(alike)
    searched = _search(core)
    analysis = analyse(alike, settings.thresholds, found=searched)
    rows = list(_rows(core, analysis, searched))
    redrawn = _bootstrap(core, analysis, seed, bootstrap, settings.level)
    interval = analysis.leading.interval
    if redrawn is not None:
        rows.append(
            Row(replace(analysis.leading, method="bootstrap of the leading estimate", interval=redrawn), "models")
        )
        interval = wider(interval, redrawn)
    notices = [input_notices.repeated_rows(repeated_rows), input_notices.repeated_units(repeated_units)]
    best_bic = None if analysis.best is None else analysis.best.bic
    told = headline_of(
        analysis.leading.method,
        analysis.leading.n,
        interval,
        analysis.range(),
        analysis.bound.n,
        None if analysis.second is None else analysis.second.n,
        analysis.notices,
        analysis.leading.why_none,
        minimum=core is not None and evidence([(core, best_bic)]).fires(settings.thresholds),
    )
    registration = None
    found = in_order([*analysis.notices, *notices])
    if register:
        registration = _registration(table, register, conditional, random, settings, seed, bootstrap)
        told = _of_registration(registration)
        found = in_order([*registration.notices, *notices])
        rows.insert(0, _partition_row(registration))
    return TableReport(
        n=table.n,
        lists=table.lists,
        sizes=tuple(int(size) for size in table.sizes),
        frequencies=tuple((k, int(count)) for k, count in enumerate(table.frequencies, start=1)),
        rows=tuple(rows),
        headline=told,
        rates=_rates(table),
        registration=registration,
        notices=found,
    )


def _check(table: Table, register: str, conditional: Sequence[str], random: Sequence[str]) -> None:
    there = ", ".join(table.lists)
    for name in [*([register] if register else []), *conditional, *random]:
        if name not in table.lists:
            raise ValueError(f"There is no list {name}; the lists are {there}.")
    if (conditional or random) and not register:
        raise ValueError("Name the register too: lists are conditional, or random, with respect to it.")
    if register in conditional or register in random:
        raise ValueError(f"{register} is the register; it can be neither conditional nor a random sample.")


def _search(core: Table | None) -> Search | None:
    if core is None or not 3 <= core.k <= MOST_LISTS:
        return None
    try:
        return search(core)
    except NoEstimate:
        return None


def _rows(core: Table | None, analysis: Analysis, searched: Search | None) -> Sequence[Row]:
    if core is None or core.k == 1:
        return [Row(Estimate("seen", analysis.bound.n, bound=True), "bound")] if core is not None else []
    return list(rows_of_two(core) if core.k == 2 else rows_of_many(core, analysis, searched))


def _bootstrap(core: Table | None, analysis: Analysis, seed: int, count: int, level: float) -> Interval | None:
    if not count or core is None or analysis.leading.n is None:
        return None
    if core.k == 2:
        values = chapman_redrawn(drawn(core, seed=[seed], first=0, count=count))
    else:
        values = replicates(core, seed=[seed], first=0, count=count, selection=True)
    found = percentile(values, level)
    return found if found.low == found.low else None


def _registration(
    table: Table,
    register: str,
    conditional: Sequence[str],
    random: Sequence[str],
    settings: Settings,
    seed: int,
    bootstrap: int,
) -> Headline:
    traits = [
        ListTraits(
            name,
            register=name == register,
            conditional_on_unregistered=name in conditional,
            random_sample=name in random,
        )
        for name in table.lists
    ]
    stratum = Stratum("all", table)
    model = stratum_model(stratum, traits, settings)
    redrawn = (
        stratum_replicates(stratum, traits, settings, seed=[seed, 1], first=0, count=bootstrap) if bootstrap else []
    )
    return headline([model], [redrawn], settings, traits=traits, seed=[seed, 0])


def _of_registration(found: Headline) -> TableHeadline:
    status = found.status if found.status in ("estimate", "range", "at_most") else "none"
    return TableHeadline(
        status=status,
        method="partition by registration" if found.kind != "inspection" else "random inspection",
        n=found.operations,
        interval=found.operations_interval,
        published=_operations(found) if status == "range" else None,
        by_models=None,
        at_least=found.active * found.registered + found.unregistered_at_least,
        second=None,
        rate=found.rate,
        rate_interval=found.published,
        at_most=found.at_most,
        sentence=found.sentence,
    )


def _operations(found: Headline) -> Interval | None:
    """The published range of the rate as one of all operations, aR / r; open where the rate reaches 0."""
    if found.published is None or found.published.high <= 0:
        return None
    active, rate = found.active * found.registered, found.published
    return replace(rate, low=active / rate.high, high=active / rate.low if rate.low > 0 else math.inf)


def _partition_row(found: Headline) -> Row:
    why = "" if found.operations is not None else found.sentence
    return Row(
        Estimate("partition by registration", found.operations, interval=found.operations_interval, why_none=why),
        "partition",
        note=f"aR + U with a = {found.active:.3g}",
    )


def _rates(table: Table) -> tuple[PairRate, ...]:
    rates = []
    for i, j in permutations(range(table.k), 2):
        found, of = int(table.overlaps[i, j]), int(table.sizes[i])
        share = share_found(found, of)
        low, high = (None, None) if share.interval is None else (share.interval.low, share.interval.high)
        rates.append(PairRate(table.lists[i], table.lists[j], found, of, share.rate, low, high))
    return tuple(rates)
