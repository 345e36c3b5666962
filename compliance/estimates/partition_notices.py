"""The warnings of a headline: those of its size classes, with their names, and those of the whole."""

from collections.abc import Sequence
from dataclasses import replace

from compliance.estimates import headline_notices, model_notices
from compliance.estimates.context import Context
from compliance.estimates.diagnostics import Notice, in_order, notice, spoken
from compliance.estimates.input_notices import sizes_allotted, sizes_unknown, too_few
from compliance.estimates.minimum import evidence, minimum
from compliance.estimates.rates import SourceRate
from compliance.estimates.results import Interval
from compliance.estimates.strata import ListTraits, Settings, others, register_of
from compliance.estimates.stratum_models import AMONG_UNREGISTERED, StratumModel
from compliance.estimates.tables import Table
from compliance.estimates.totals import Totals


def notices_of(
    models: Sequence[StratumModel],
    total: Totals,
    settings: Settings,
    traits: Sequence[ListTraits],
    context: Context,
    whole: Table,
    sources: Sequence[SourceRate],
    unmatched: Interval | None,
) -> tuple[Notice, ...]:
    limits, register = settings.thresholds, settings.active * total.registered
    found: list[Notice | None] = []
    least = minimum(evidence(_among(models, traits)), limits)
    for model in models:
        for each in model.notices:
            if each.code == "W09" and least is not None and len(models) == 1:
                continue
            if each.code in ("W04", "B09") or (len(models) == 1 and each.code not in ("W01", "W07", "W08", "W09")):
                found.append(each)
            else:
                facts = {**each.facts, "stratum": model.stratum.name}
                message = f"{model.stratum.name}: {each.message}" if len(models) > 1 else each.message
                found.append(replace(each, message=message, facts=facts, serious=False))
    found.append(least)
    lists = others(traits)
    seen = whole.outside(register_of(traits)).only(lists) if lists else None
    if seen is not None and seen.n:
        sizes = {name: int(size) for name, size in zip(seen.lists, seen.sizes, strict=True) if size}
        among = any(model.method == AMONG_UNREGISTERED for model in models)
        used = {name for model in models for name in model.lists}
        if among:
            found.append(too_few(seen.n, {name: size for name, size in sizes.items() if name in used}, limits))
    shares = {each.list: (each.found, each.of) for each in sources if each.rate is not None}
    found.append(model_notices.dependent_by_rates(shares, limits))
    if total.known and register + total.n > 0:
        operations = None
        if total.interval is not None:
            operations = Interval(register + total.interval.low, register + total.interval.high, total.interval.how)
        found += [
            model_notices.unstable(
                register + total.low,
                register + total.high,
                sum(each.analysis.models for each in models if each.analysis is not None),
                register + total.best,
                None if total.main is None else register + total.main,
                limits,
            ),
            model_notices.imprecise(register + total.n, None, operations, limits),
        ]
        if context.energy is not None and operations is not None:
            found.append(headline_notices.sources_disagree(operations, context.energy))
    found.append(headline_notices.linkage(context.matching(limits, settings.level), context, unmatched, limits))
    if context.last is not None and context.known is not None:
        found.append(headline_notices.provisional(context.last, context.known, limits))
    found.append(headline_notices.illustrative(context.inspected, context.last, limits))
    found.append(sizes_allotted(sum(each.stratum.allotted for each in models)))
    unsized = sum(each.stratum.unsized for each in models)
    found.append(sizes_unknown(unsized, sum(each.seen for each in models), limits))
    if context.pooled:
        names = [f"“{name}”" for name in context.pooled]
        found.append(
            notice(
                "B10",
                f"Too few were seen in some size classes; pooled were {spoken(names)}.",
                strata=list(context.pooled),
            )
        )
    return in_order(found)


def _among(models: Sequence[StratumModel], traits: Sequence[ListTraits]) -> list[tuple[Table, float | None]]:
    """The tables of the unregistered that the models were made from, with the BIC of the best one."""
    register = register_of(traits)
    found: list[tuple[Table, float | None]] = []
    for model in models:
        if model.method == AMONG_UNREGISTERED:
            best = None if model.analysis is None else model.analysis.best
            table = model.table.outside(register).only(model.lists)
            found.append((table, None if best is None else best.bic))
    return found
