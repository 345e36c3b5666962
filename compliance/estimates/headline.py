"""The registration rate of a territory from the models of its size classes, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from compliance.estimates import rates
from compliance.estimates.context import Context
from compliance.estimates.headline_figures import Headline
from compliance.estimates.naive import comparisons
from compliance.estimates.partition_notices import notices_of
from compliance.estimates.publishing import published
from compliance.estimates.rates import SourceRate
from compliance.estimates.results import Interval
from compliance.estimates.strata import ListTraits, Settings, added
from compliance.estimates.stratum_models import WITH_REGISTER, StratumModel
from compliance.estimates.totals import Totals


def headline(
    models: Sequence[StratumModel],
    replicates: Sequence[Sequence[float | None]],
    settings: Settings,
    *,
    traits: Sequence[ListTraits],
    seed: Sequence[int],
    context: Context | None = None,
) -> Headline:
    """The headline of strata that make up a territory; `replicates[i]` are the redrawn U of `models[i]`, or empty.

    The figures depend on the seed and the input alone. As read back from JSON, rounded to what is kept. Raises
    `ValueError` where there is no stratum, or not exactly one register.
    """
    if not models:
        raise ValueError("A headline needs at least one stratum.")
    found = Totals.of(models, replicates, settings)
    told = _headline(models, found, settings, traits, seed, context or Context())
    return Headline.from_json(told.to_json())


def _headline(
    models: Sequence[StratumModel],
    total: Totals,
    settings: Settings,
    traits: Sequence[ListTraits],
    seed: Sequence[int],
    context: Context,
) -> Headline:
    active = settings.active
    register = active * total.registered
    whole = added("all", [each.stratum for each in models]).table
    sources = rates.by_source(whole, traits, settings, context.review)
    inspection = _inspection(sources, traits, settings)
    has_rate = total.known and register + total.n > 0 and any(each.u.n is not None for each in models)
    rate = rates.rate_of(register, total.n) if has_rate else None
    exact = rates.mapped(register, total.interval) if has_rate and total.interval is not None else None
    drawn, probability = None, None
    if has_rate:
        found = rates.draws(total.registered, total.drawn_from, settings, seed)
        sound = found[np.isfinite(found)]
        if len(sound):
            tail = 50 * (1 - settings.level)
            low, high = np.percentile(sound, [tail, 100 - tail])
            drawn = Interval(float(low), float(high), "draws of a and ln U", settings.level)
            probability = float((sound <= settings.claimed).mean())
    interval = _around(drawn, exact)
    missed = context.matching(settings.thresholds, settings.level).least < settings.thresholds.w13_sensitivity
    unmatched = _unmatched(total, register, interval) if has_rate and missed else None
    notices = notices_of(models, total, settings, traits, context, whole, sources, unmatched)
    by_models = None
    if has_rate:
        low, high = total.low, total.high
        for each in notices:
            if each.code == "W07" and "stratum" not in each.facts:
                low, high = each.facts["low"] - register, each.facts["high"] - register
        by_models = rates.mapped(register, Interval(low, high, "95 % model set"))
    at_most = rates.rate_of(register, total.least) if register > 0 else None
    operations = register + total.n if has_rate else None
    spread = total.interval if has_rate else None
    operations_interval = (
        None if spread is None else replace(spread, low=register + spread.low, high=register + spread.high)
    )
    told = Headline(
        kind="lists" if rate is not None else "none",
        status="none",
        registered=total.registered,
        active=active,
        unregistered=total.n if total.known else None,
        unregistered_interval=spread,
        bootstrap=total.bootstrap,
        replicates=total.replicates,
        unregistered_at_least=total.least,
        operations=operations,
        operations_interval=operations_interval,
        rate=rate,
        lists_rate=None,
        interval=interval,
        exact=exact,
        drawn=drawn,
        by_models=by_models,
        published=None,
        at_most=at_most,
        claimed=settings.claimed,
        probability_claimed=probability,
        without=_without(models, register, active),
        second=_second(models, register, active),
        inspection=inspection,
        sources=sources,
        comparisons=comparisons(whole, models, traits, active),
        energy=context.energy,
        unmatched=unmatched,
        sentence="",
        notices=notices,
    )
    return published(told, models, total)


def _around(one: Interval | None, other: Interval | None) -> Interval | None:
    """The draws, made to hold the exact map, so that the uncertainty of a never makes an interval narrower."""
    if one is None or other is None:
        return one or other
    return replace(one, low=min(one.low, other.low), high=max(one.high, other.high))


def _inspection(sources: Sequence[SourceRate], traits: Sequence[ListTraits], settings: Settings) -> SourceRate | None:
    """The largest random sample with enough in it to lead."""
    random = {each.name for each in traits if each.random_sample and each.covers}
    found = [each for each in sources if each.list in random and each.of >= settings.thresholds.w01_operations]
    return max(found, key=lambda each: (each.of, each.list)) if found else None


def _unmatched(total: Totals, register: float, interval: Interval | None) -> Interval | None:
    """The rate from its lower end with all links found to the upper one with as few found as is plausible."""
    if total.unmatched is None or interval is None:
        return None
    found = rates.mapped(register, total.unmatched)
    return found and replace(found, low=min(found.low, interval.low), high=max(found.high, interval.high))


def _without(models: Sequence[StratumModel], register: float, active: float) -> dict[str, float | None]:
    """The rate with each list left out of every stratum; null where a stratum then has no estimate."""
    names = sorted({name for model in models for name in model.without})
    answers: dict[str, float | None] = {}
    for name in names:
        parts = [model.without.get(name, model.u.n) for model in models]
        if any(part is None for part in parts):
            answers[name] = None
            continue
        hidden = sum(
            (part or 0.0) * (active if model.method == WITH_REGISTER else 1.0)
            for part, model in zip(parts, models, strict=True)
        )
        answers[name] = rates.rate_of(register, hidden)
    return answers


def _second(models: Sequence[StratumModel], register: float, active: float) -> float | None:
    """The rate by decomposable graphs where every stratum has that opinion, or is none of three lists."""
    if not any(model.second is not None for model in models):
        return None
    parts = [model.second if model.second is not None else model.u.n for model in models]
    if any(part is None for part in parts):
        return None
    hidden = sum(
        (part or 0.0) * (active if model.method == WITH_REGISTER else 1.0)
        for part, model in zip(parts, models, strict=True)
    )
    return rates.rate_of(register, hidden)
