"""Every estimator on counts of repeats: how many operations were seen once, twice, … on one list."""

from collections.abc import Mapping
from dataclasses import replace

from compliance.estimates import input_notices, model_notices
from compliance.estimates.closed_repeats import closed_lower_bound, closed_m0, closed_mh
from compliance.estimates.diagnostics import DEFAULT, Notice, Thresholds, figure, in_order, notice
from compliance.estimates.heterogeneity import FORMS
from compliance.estimates.one_inflation import one_inflated_geometric
from compliance.estimates.repeats import (
    Repeats,
    chao,
    one_inflation,
    truncated_geometric,
    truncated_poisson,
    turing,
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
    Where the interval of Chao's bound begins above the Poisson's figure, rates differ beyond chance: “at least”.
    """
    repeats = Repeats(dict(counts))
    poisson = truncated_poisson(repeats)
    profile = truncated_poisson(repeats, interval="profile").interval
    bound, corrected = chao(repeats), chao(repeats, corrected=True)
    m0, moving = closed_m0(repeats), one_inflated_geometric(repeats)
    rows = [
        Row(poisson, "repeats", () if profile is None else (profile,)),
        Row(bound, "bound"),
        Row(replace(corrected, method="Chao, bias-corrected"), "bound"),
        Row(zelterman(repeats), "repeats"),
        Row(turing(repeats), "repeats"),
        Row(truncated_geometric(repeats), "repeats"),
        Row(m0, "repeats"),
        Row(closed_lower_bound(repeats), "bound"),
        *(Row(closed_mh(repeats, form), "repeats") for form in FORMS),
        Row(moving, "repeats"),
    ]
    notices: list[Notice | None] = [input_notices.repeated_rows(repeated_rows)]
    if not repeats.n:
        notices.append(notice("B01", "Nobody was seen, so there is nothing to estimate from."))
    else:
        notices.append(input_notices.too_few(repeats.n, {}, limits))
        notices.append(_one_count(repeats.counts))
        notices.append(input_notices.large_counts(repeats.counts.values(), limits))
    inflation = one_inflation(repeats)
    if inflation.excess is not None and inflation.deviations is not None:
        notices.append(model_notices.one_inflation(inflation.excess, inflation.deviations, limits))
    apart, unequal = None, False
    if poisson.n is not None:
        notices.append(model_notices.imprecise(poisson.n, poisson.se, poisson.interval, limits))
        unequal = bound.interval is not None and bound.interval.low > poisson.n
        excess = 0.0 if unequal else limits.w09_excess
        notices.append(model_notices.heterogeneous(bound.n, poisson.n, None, replace(limits, w09_excess=excess)))
        if m0.deviance is not None and m0.df is not None:
            notices.append(model_notices.poor_fit(poisson.method, m0.deviance, m0.df, limits, of="counts"))
        figures = [each.n for each in (poisson, bound, moving) if each.n is not None]
        apart = Interval(min(figures), max(figures), "truncated Poisson, Chao, one-inflated geometric")
        notices.append(model_notices.unstable(apart.low, apart.high, len(figures), poisson.n, poisson.n, limits))
    found = in_order(notices)
    # With too many seen once, or nobody seen twice, Chao's bound is no bound.
    least = float(repeats.n) if inflation.fires or bound.n is None or not repeats.f(2) else bound.n
    unequal = unequal and not any(each.code == "W07" for each in found)
    told = headline_of(
        poisson.method, poisson.n, poisson.interval, apart, least or None, None, found, poisson.why_none,
        minimum=unequal,
    )  # fmt: skip
    return TableReport(repeats.n, (), (), tuple(sorted(repeats.counts.items())), tuple(rows), told, (), None, found)


def _one_count(counts: Mapping[int, int]) -> Notice | None:
    """B04 for counts of repeats of which there is one only."""
    if len(counts) != 1:
        return None
    ((times, n),) = counts.items()
    often = "once" if times == 1 else "twice" if times == 2 else f"{figure(times)} times"
    return notice(
        "B04",
        f"All {figure(n)} operations were seen exactly {often}; from one number nothing can be told about those who"
        " were never seen.",
        n=n,
    )
