"""Every estimator on counts of repeats: how many operations were seen once, twice, … on one list."""

from collections.abc import Mapping
from dataclasses import replace

from compliance.estimates import input_notices, model_notices
from compliance.estimates.diagnostics import DEFAULT, Notice, Thresholds, in_order, notice
from compliance.estimates.one_inflation import one_inflated_geometric
from compliance.estimates.repeats import (
    Repeats,
    chao,
    closed_lower_bound,
    closed_m0,
    one_inflation,
    truncated_poisson,
    zelterman,
)
from compliance.estimates.report_rows import Row
from compliance.estimates.results import Interval
from compliance.estimates.table_document import TableReport
from compliance.estimates.table_headline import headline_of


def repeats_report(counts: Mapping[int, int], limits: Thresholds = DEFAULT, *, repeated_rows: int = 0) -> TableReport:
    """`counts` maps k to how many were seen exactly k times. Raises `RepeatsRefused` where they cannot be such counts.

    The truncated Poisson leads. Where rates differ it is low, so Chao bounds it; where operations move away
    once seen both are high, so the one-inflated geometric does. Too far apart, they are a range and no point (W07).
    """
    repeats = Repeats(dict(counts))
    poisson = truncated_poisson(repeats)
    profile = truncated_poisson(repeats, interval="profile").interval
    bound, corrected = chao(repeats), chao(repeats, corrected=True)
    moving = one_inflated_geometric(repeats)
    rows = [
        Row(poisson, "repeats", () if profile is None else (profile,)),
        Row(bound, "bound"),
        Row(replace(corrected, method="Chao, bias-corrected"), "bound"),
        Row(zelterman(repeats), "repeats"),
        Row(closed_m0(repeats), "repeats"),
        Row(closed_lower_bound(repeats), "bound"),
        Row(moving, "repeats", note="For operations that move away once seen."),
    ]
    notices: list[Notice | None] = [input_notices.repeated_rows(repeated_rows)]
    if not repeats.n:
        notices.append(notice("B01", "Nobody was seen, so there is nothing to estimate from."))
    else:
        notices.append(input_notices.too_few(repeats.n, {}, limits))
        notices.append(input_notices.large_counts(repeats.counts.values(), limits))
    inflation = one_inflation(repeats)
    if inflation.excess is not None and inflation.deviations is not None:
        notices.append(model_notices.one_inflation(inflation.excess, inflation.deviations, limits))
    apart = None
    if poisson.n is not None:
        notices.append(model_notices.imprecise(poisson.n, poisson.se, poisson.interval, limits))
        notices.append(model_notices.heterogeneous(bound.n, poisson.n, None, limits))
        figures = [each.n for each in (poisson, bound, moving) if each.n is not None]
        apart = Interval(min(figures), max(figures), "truncated Poisson, Chao, one-inflated geometric")
        notices.append(model_notices.unstable(apart.low, apart.high, len(figures), poisson.n, poisson.n, limits))
    found = in_order(notices)
    # With too many seen once, or nobody seen twice, Chao's bound is no bound.
    least = float(repeats.n) if inflation.fires or bound.n is None or not repeats.f(2) else bound.n
    told = headline_of(poisson.method, poisson.n, poisson.interval, apart, least or None, None, found, poisson.why_none)
    return TableReport(repeats.n, (), (), tuple(sorted(repeats.counts.items())), tuple(rows), told, (), None, found)
