"""The page of a run by region: its months, the regions with a figure of their own, and folded those that borrow one."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compliance.admin.estimate_charts import NARROW, WIDE, drawn, drawn_months
from compliance.admin.estimate_words import number_words, rate_words, span_words
from compliance.reports.charts.intervals import Month, Span

COLUMNS = (
    ("name", "Region"),
    ("registered", "Registered"),
    ("unregistered", "Unregistered"),
    ("rate", "Rate"),
    ("low", "Plausible"),
    ("rate_own", "By its own lists"),
    ("weight", "Own weight"),
)
FIRST = "unregistered"


def regions_context(result: Mapping[str, Any], order: str = "") -> dict[str, Any]:
    """`groups` are the last month's regions in the order asked for: by name, or by a column with the largest first."""
    months = [
        Month(
            each["month"], each["rate"], each["low"], each["high"],
            each["smoothed"], each["smoothed_low"], each["smoothed_high"], each["provisional"],
        )
        for each in result["months"]
    ]  # fmt: skip
    last = next((each for each in reversed(result["months"]) if each["regions"]), None)
    order = order if order in dict(COLUMNS) else FIRST
    rows = sorted(last["regions"], key=_by(order)) if last else []
    own = [each for each in rows if _is_own(each)]
    borrowed = [each for each in rows if not _is_own(each)]
    return {
        "months_wide": drawn_months(months, WIDE),
        "months_narrow": drawn_months(months, NARROW),
        "last_month": last and f"{dt.date.fromisoformat(last['month']):%B %Y}",
        "groups": [_group(own, folded=False), _group(borrowed, folded=True)] if last else [],
        "columns": [{"code": code, "name": name, "chosen": code == order} for code, name in COLUMNS],
        "no_weight": bool(rows) and not any(each["weight"] for each in rows),
        "q_fitted": result.get("q_fitted"),
    }


def _is_own(each: Mapping[str, Any]) -> bool:
    """Whether its own lists give a figure that may be shown."""
    return each["rate_own"] is not None and not each["suppressed"]


def _by(order: str) -> Callable[[Mapping[str, Any]], Any]:
    """Names in their alphabet; figures from the largest to the smallest, the unknown after all."""
    if order == "name":
        return lambda each: each["name"]
    return lambda each: (each[order] is None, -(each[order] or 0), each["name"])


def _group(rows: Sequence[Mapping[str, Any]], *, folded: bool) -> dict[str, Any]:
    spans = [Span(each["name"], each["rate"], each["low"], each["high"], (each["weight"] or 0) < 0.5) for each in rows]
    return {
        "folded": folded,
        "rows": [_region(each) for each in rows],
        "wide": drawn(spans, WIDE),
        "narrow": drawn(spans, NARROW),
    }


def _region(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": each["name"],
        "territory": each["territory"],
        "registered": number_words(each["registered"]),
        "unregistered": number_words(each["unregistered"]),
        "rate": rate_words(each["rate"]),
        "span": span_words(each, share=True),
        "own": "too few to show" if each["suppressed"] else rate_words(each["rate_own"]),
        "weight": "—" if each["weight"] is None else f"{100 * each['weight']:.0f} %",
    }
