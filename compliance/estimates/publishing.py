"""What of a headline is published, and in which words: a point, a range, “at most”, or that it cannot be told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from compliance.estimates import sentences
from compliance.estimates.diagnostics import Notice, spoken
from compliance.estimates.headline_figures import Headline
from compliance.estimates.minimum import is_minimum
from compliance.estimates.rates import SourceRate
from compliance.estimates.results import Interval
from compliance.estimates.stratum_models import StratumModel
from compliance.estimates.totals import Totals

RANGES = {"W07", "W08"}
"""With these and no other serious warning, a range is published."""

UNREVIEWED = "nobody has reviewed how many matches were missed."
UNSIZED = "the size of too many of the unregistered is unknown."
LOWER_STILL = " Some operations are much easier to find than others, so it can be lower still."


def published(told: Headline, models: Sequence[StratumModel], total: Totals) -> Headline:
    """The headline with its status and its sentence, without the points that may not be given."""
    by_lists = _by_lists(told, models, total)
    if told.inspection is not None and told.inspection.rate is not None:
        return replace(_inspected(told, told.inspection), lists_sentence=by_lists.sentence)
    return by_lists


def _by_lists(told: Headline, models: Sequence[StratumModel], total: Totals) -> Headline:
    serious = {each.code: each for each in told.notices if each.serious}
    least = any(is_minimum(each) for each in told.notices)
    if told.rate is not None and told.interval is not None and not serious and least:
        return _minimum(told, told.interval)
    if told.rate is not None and not serious and told.unmatched is not None:
        return _unreviewed(told, told.unmatched, total)
    if told.rate is not None and told.interval is not None and not serious:
        words = f"{sentences.point(told.rate, told.interval)}."
        return replace(told, status="estimate", published=told.interval, sentence=words)
    shown = replace(told, rate=None, operations=None, unregistered=None)
    if "W14" in serious:
        return replace(shown, status="conflict", sentence=sentences.unknown(_lower(serious["W14"].message)))
    if told.rate is not None and serious and set(serious) <= RANGES:
        unstable = "W07" in serious
        found = _around(told.by_models if unstable and told.by_models is not None else told.interval, told.unmatched)
        if found is not None:
            reason = "it depends on the model." if unstable else "it is too imprecise."
            words = f"{sentences.between(found, reason)}{LOWER_STILL if least else ''}"
            return replace(shown, status="range", published=found, sentence=words)
    reason = _lower(_why(models, total, serious))
    if told.at_most is not None and told.at_most < 1:
        return replace(shown, status="at_most", sentence=sentences.at_most(told.at_most, reason))
    return replace(shown, kind="none", status="none", sentence=sentences.unknown(reason))


def _unreviewed(told: Headline, unmatched: Interval, total: Totals) -> Headline:
    """The range over the matches that were plausibly missed; the rate as linked stands as `lists_rate`."""
    u, whole = total.unmatched, told.operations_interval
    if u is not None and whole is not None:
        register = told.active * told.registered
        whole = replace(whole, low=register + u.low, high=register + u.high)
    return replace(
        told,
        status="range",
        rate=None,
        lists_rate=told.rate,
        operations=None,
        operations_interval=whole,
        unregistered=None,
        unregistered_interval=u,
        published=unmatched,
        probability_claimed=None,
        sentence=sentences.between(unmatched, UNREVIEWED),
    )


def _minimum(told: Headline, interval: Interval) -> Headline:
    """“At most”: U is a minimum. Its bound stands where that is lower, for a model may take visibility for dependence.

    The rate by the lists, which is no figure to publish, stands as `lists_rate`.
    """
    spread, least = told.unregistered_interval, told.unregistered_at_least
    highest = max(interval.high, told.at_most or 0.0, 0.0 if told.unmatched is None else told.unmatched.high)
    sizes = any(each.code == "B14" for each in told.notices)
    return replace(
        told,
        status="at_most",
        rate=None,
        lists_rate=told.rate,
        operations=None,
        unregistered=None,
        unregistered_at_least=least if spread is None else min(least, spread.low),
        at_most=highest,
        probability_claimed=None,
        sentence=sentences.at_most(highest, UNSIZED) if sizes else sentences.minimum(highest),
    )


def _inspected(told: Headline, sample: SourceRate) -> Headline:
    """The random inspection leads. What the lists say stands second, as `lists_rate` where they allow a point."""
    serious = told.unmatched is not None or any(each.serious or is_minimum(each) for each in told.notices)
    interval = Interval(sample.low or 0.0, 1.0 if sample.high is None else sample.high, "Wilson, random inspection")
    rate = sample.rate or 0.0
    operations, spread = None, None
    if rate > 0:
        active = told.active * told.registered
        operations = active / rate
        spread = Interval(active / interval.high, active / interval.low, interval.how) if interval.low > 0 else None
    return replace(
        told,
        kind="inspection",
        status="estimate",
        rate=rate,
        lists_rate=None if serious else told.rate,
        published=interval,
        operations=operations,
        operations_interval=spread,
        unregistered=None if serious else told.unregistered,
        sentence=f"{sentences.point(rate, interval)}, by random inspection of {sample.of:,} operations.",
    )


def _around(one: Interval | None, other: Interval | None) -> Interval | None:
    if one is None or other is None:
        return one or other
    return replace(one, low=min(one.low, other.low), high=max(one.high, other.high))


def _why(models: Sequence[StratumModel], total: Totals, serious: Mapping[str, Notice]) -> str:
    for code in ("B01", "B02", "B04", "W01", "W05"):
        if code in serious:
            return serious[code].message
    if total.unknown and len(total.unknown) == len(models):
        return models[0].u.why_none
    if total.unknown:
        return f"the unregistered of {spoken([f'“{name}”' for name in total.unknown])} cannot be estimated."
    if not total.registered and not total.n:
        return "nobody is registered, and nobody was seen."
    return next((each.message for each in serious.values()), "there is no interval.")


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
