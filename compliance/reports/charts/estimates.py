"""Estimates in the chart of rates: the plausible range of each run as a bar, its best figure as a point."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol

ESTIMATE_LEGEND, ESTIMATE_COLOUR = "of all mining, estimated (plausible range)", "#d6455d"


class EstimatedRate(Protocol):
    """One estimate: the last day of its window, its range, and its best figure where it gives one."""

    @property
    def as_of(self) -> dt.date: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def point(self) -> float | None: ...
    @property
    def provisional(self) -> bool: ...


def estimated_rows(estimates: Sequence[EstimatedRate]) -> list[dict[str, Any]]:
    """One row per estimate that gives a range; what gives none draws nothing."""
    rows = []
    for each in estimates:
        if each.low is None or each.high is None:
            continue
        rows.append(
            {
                "day": each.as_of.isoformat(),
                "denominator": ESTIMATE_LEGEND,
                "low": round(each.low, 6),
                "high": round(each.high, 6),
                "share": round((each.low + each.high) / 2 if each.point is None else each.point, 6),
                "pointed": each.point is not None,
                "provisional": each.provisional,
            }
        )
    return rows


def estimate_layers(
    rows: Sequence[dict[str, Any]], time: dict[str, Any], share: dict[str, Any], colour: dict[str, Any]
) -> list[dict[str, Any]]:
    """A bar over each range; a point where there is one, hollow while it is provisional."""
    if not rows:
        return []
    pointed = [row for row in rows if row["pointed"]]
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": list(rows)},
            "mark": {"type": "errorbar", "ticks": {"width": 9}, "thickness": 2, "opacity": 0.9},
            "encoding": {"x": time, "y": {**share, "field": "low"}, "y2": {"field": "high"}, "color": colour},
        }
    ]
    for provisional in (False, True):
        of = [row for row in pointed if row["provisional"] is provisional]
        if of:
            mark = {"type": "point", "size": 60, "filled": not provisional, "opacity": 1, "strokeWidth": 2}
            layers.append({"data": {"values": of}, "mark": mark, "encoding": {"x": time, "y": share, "color": colour}})
    return layers
