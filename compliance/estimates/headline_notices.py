"""What the sources of a headline say about each other: matching, energy, neighbours, late data, inspections."""

import datetime as dt
import math

from compliance.estimates.context import Context
from compliance.estimates.diagnostics import DEFAULT, Notice, Thresholds, figure, notice
from compliance.estimates.documents import number
from compliance.estimates.matching import Matching
from compliance.estimates.results import Interval, kept


def linkage(
    matching: Matching,
    context: Context,
    unmatched: Interval | None = None,
    limits: Thresholds = DEFAULT,
) -> Notice | None:
    """W13 for the error of matching, and the rate at both thresholds.

    `unmatched` is the range of the rate over what plausibly was missed where nobody has reviewed.
    """
    rates = context.rates_at_thresholds
    at = f" The rate runs from {_in_100(rates[0])} to {_in_100(rates[1])} in 100 with it." if rates else ""
    known = None if rates is None else [kept(rates[0]), kept(rates[1])]
    if matching.review is None:
        return None if context.by_model == 0 else _unreviewed(matching, context.by_model, unmatched, at, known)
    sensitivity, false_links = matching.sensitivity, matching.false_links
    if sensitivity >= limits.w13_sensitivity and false_links <= limits.w13_false_links:
        return None
    return notice(
        "W13",
        f"Matching error: {_in_100(sensitivity)} in 100 true matches are found, and {figure(1000 * false_links)} in"
        f" 1,000 of the others are taken for one.{at}",
        reviewed=True,
        sensitivity=kept(sensitivity),
        false_links=kept(false_links),
        rates=known,
    )


def _unreviewed(
    matching: Matching, by_model: float | None, unmatched: Interval | None, at: str, known: list[float] | None
) -> Notice:
    plausible = ""
    if unmatched is not None:
        plausible = (
            f" With {_in_100(matching.least)} in 100 of the true matches found, which is plausible, up to all of them,"
            f" the rate runs from {_in_100(unmatched.low)} to {_in_100(unmatched.high)} in 100."
        )
    return notice(
        "W13",
        f"Matching error is unknown: no clerk has reviewed a sample of the matches.{plausible}{at}",
        reviewed=False,
        by_model=number(by_model),
        least=kept(matching.least),
        plausible=None if unmatched is None else [kept(unmatched.low), kept(unmatched.high)],
        rates=known,
    )


def sources_disagree(lists: Interval, energy: Interval) -> Notice | None:
    """W14 where the interval of the lists and that of the energy have nothing in common."""
    if lists.low <= energy.high and energy.low <= lists.high:
        return None
    return notice(
        "W14",
        f"Conflict, no headline: the lists say {_range(lists)} operations, the electricity {_range(energy)}.",
        lists=[number(lists.low), number(lists.high)],
        energy=[number(energy.low), number(energy.high)],
    )


def borrowed(weight: float, limits: Thresholds = DEFAULT) -> Notice | None:
    """W15 for the weight of a region's own records in its estimate."""
    if weight >= limits.w15_weight:
        return None
    return notice(
        "W15",
        f"Mostly the national average: the region's own records weigh {100 * weight:.0f} %.",
        weight=kept(weight),
    )


def provisional(last: dt.date, known: dt.date, limits: Thresholds = DEFAULT) -> Notice | None:
    """W16 where the window's last day lies in one of the last two months, counted from the day of what is known."""
    months = (known.year - last.year) * 12 + known.month - last.month
    if months >= limits.w16_months:
        return None
    return notice(
        "W16",
        f"Provisional: it includes {last:%B %Y}, for which late records still come in. It will be revised.",
        last=last.isoformat(),
        known=known.isoformat(),
    )


def illustrative(inspected: dt.date | None, last: dt.date | None, limits: Thresholds = DEFAULT) -> Notice | None:
    """W18 where no random inspection ended in the twelve months before the window's last day."""
    if inspected is not None and last is not None:
        months = (last.year - inspected.year) * 12 + last.month - inspected.month - (last.day < inspected.day)
        if months < limits.w18_months:
            return None
    words = "there has been none" if inspected is None else f"the last was in {inspected:%B %Y}"
    return notice(
        "W18",
        f"Illustrative: not validated by a random inspection within {limits.w18_months} months; {words}.",
        inspected=None if inspected is None else inspected.isoformat(),
    )


def _range(interval: Interval) -> str:
    if not math.isfinite(interval.high):
        return f"{figure(interval.low)} or more"
    return f"{figure(interval.low)} to {figure(interval.high)}"


def _in_100(share: float) -> str:
    return f"{100 * share:.0f}"
