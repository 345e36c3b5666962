"""What is said of a table without a register: how many operations there are, or why that cannot be told."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compliance.estimates.diagnostics import Notice
from compliance.estimates.documents import interval_json, number
from compliance.estimates.results import Interval

UNEQUAL = "some are much easier to find than others"
MORE = "so there are more than the lists tell"


@dataclass(frozen=True)
class TableHeadline:
    """What may be published of a table, and in which words.

    `status` is `estimate` (N with its interval), `range` (no point; `published` holds it), `at_least` (N is a minimum:
    `at_least` is the lower end of its interval, or its bound if that is lower), `at_most` (of a rate) or `none`.
    `at_least` bounds N from below. `rate`, `rate_interval` and `at_most` are of the registered share, where a register
    was named.
    """

    status: str
    method: str
    n: float | None
    interval: Interval | None
    published: Interval | None
    by_models: Interval | None
    at_least: float | None
    second: float | None
    rate: float | None
    rate_interval: Interval | None
    at_most: float | None
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "method": self.method,
            "N": number(self.n),
            "interval": interval_json(self.interval),
            "published": interval_json(self.published),
            "by_models": interval_json(self.by_models),
            "at_least": number(self.at_least),
            "second_opinion": number(self.second),
            "rate": number(self.rate),
            "rate_interval": interval_json(self.rate_interval),
            "at_most": number(self.at_most),
            "sentence": self.sentence,
        }


def headline_of(
    method: str,
    n: float | None,
    interval: Interval | None,
    by_models: Interval | None,
    at_least: float | None,
    second: float | None,
    notices: Sequence[Notice],
    why_none: str = "",
    *,
    minimum: bool = False,
) -> TableHeadline:
    """By the warnings: a point, a range, or neither. Where N is a `minimum` beyond chance (W09), “at least”."""

    least = at_least if n is None or at_least is None else min(at_least, n)

    def told(status: str, sentence: str, published: Interval | None, shown: float | None = None) -> TableHeadline:
        return TableHeadline(
            status, method, shown, interval, published, by_models, least, second, None, None, None, sentence
        )

    serious = {each.code: each for each in notices if each.serious}
    at = f" At least {whole(least)}." if least else ""
    unequal = _has(notices, "W09")
    if n is not None and not serious and unequal and minimum:
        lowest = n if interval is None else min(n, interval.low)
        least = lowest if at_least is None else min(lowest, at_least)
        return told("at_least", f"At least {whole(least)} operations; {UNEQUAL}, {MORE}.", None)
    if n is not None and not serious:
        advice = f" It may be that {UNEQUAL}; read it as a minimum." if unequal else ""
        plausible = f"; plausible range {words(interval)}" if interval is not None else ""
        return told("estimate", f"About {whole(n)} operations{plausible}.{advice}", interval, n)
    if n is not None and set(serious) <= {"W07", "W08"}:
        published = by_models if "W07" in serious else interval
        if published is not None:
            reason = "it depends on the model" if "W07" in serious else "it is too imprecise"
            advice = f" As {UNEQUAL}, there can be more." if unequal and minimum else ""
            return told("range", f"{between(published)}; no single figure, because {reason}.{advice}", published)
    reason = next((each.message for each in serious.values()), why_none or "no estimator gives a figure.")
    return told("none", f"Cannot be told: {reason[:1].lower() + reason[1:]}{at}", None)


def whole(value: float) -> str:
    return f"{value:,.0f}"


def words(interval: Interval) -> str:
    if math.isinf(interval.high):
        return f"{whole(interval.low)} or more"
    return f"{whole(interval.low)} to {whole(interval.high)}"


def between(interval: Interval) -> str:
    if math.isinf(interval.high):
        return f"{whole(interval.low)} operations or more"
    return f"Between {whole(interval.low)} and {whole(interval.high)} operations"


def _has(notices: Sequence[Notice], code: str) -> bool:
    return any(each.code == code for each in notices)
