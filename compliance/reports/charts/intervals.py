"""Charts of runs of the estimate: an interval per size class or region, and the months of a place with their band."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compliance.reports.svg import INK, sentence_svg, svg

COLOUR, OTHER = "#2f80ed", "#e07b00"
STEP = 26
NARROW = 420
SMOOTHED, EACH = "smoothed over time", "each window by itself"


@dataclass(frozen=True)
class Span:
    """One row: a name, a rate from 0 to 1 where there is one, and its interval; `faint` for one mostly borrowed."""

    name: str
    rate: float | None
    low: float | None
    high: float | None
    faint: bool = False


@dataclass(frozen=True)
class Month:
    """One month as ISO day, its own rate with interval, and the smoothed one with its band; null where none is."""

    month: str
    rate: float | None
    low: float | None
    high: float | None
    smoothed: float | None
    smoothed_low: float | None
    smoothed_high: float | None
    provisional: bool


def intervals_svg(spans: Sequence[Span], *, width: int = 720) -> str:
    """A bar from low to high for each row, with a mark at its rate; the axis runs from 0 to 100 %."""
    drawn = [span for span in spans if span.low is not None and span.high is not None]
    if not drawn:
        return sentence_svg("None of these has an interval.", width, 80)
    rows = [
        {
            "name": span.name,
            "low": span.low,
            "high": span.high,
            "rate": span.rate,
            "opacity": 0.25 if span.faint else 0.55,
            "label": f"{100 * (span.low or 0):.0f} to {100 * (span.high or 0):.0f}",
        }
        for span in drawn
    ]
    name = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "sort": None,
        "axis": {"labelLimit": 230 if width >= NARROW else 130},
    }
    share = {
        "field": "low",
        "type": "quantitative",
        "title": "registered, of 100 operations",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 5 if width >= NARROW else 3},
    }
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "height": 9, "color": COLOUR},
            "encoding": {
                "x": share,
                "x2": {"field": "high"},
                "opacity": {"field": "opacity", "scale": None, "legend": None},
            },
        },
        {
            "transform": [{"filter": "isValid(datum.rate)"}],
            "mark": {"type": "tick", "thickness": 3, "size": 17, "color": COLOUR},
            "encoding": {"x": {**share, "field": "rate"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 10.5, "color": INK},
            "encoding": {"x": {**share, "field": "high"}, "text": {"field": "label"}},
        },
    ]
    labels = 250 if width >= NARROW else 150
    return svg(
        {
            "data": {"values": rows},
            "width": width - labels,
            "height": {"step": STEP},
            "encoding": {"y": name},
            "layer": layers,
        },
        "Registered share with its interval",
    )


def months_svg(months: Sequence[Month], *, width: int = 720, height: int = 240) -> str:
    """The smoothed rate with its band, and each window's own rate beside it; provisional months are hollow."""
    known = [month for month in months if month.smoothed is not None or month.rate is not None]
    if not known:
        return sentence_svg("No month of this run has a figure.", width, 120)
    rows = [
        {
            "month": month.month,
            "rate": month.rate,
            "low": month.low,
            "high": month.high,
            "smoothed": month.smoothed,
            "smoothed_low": month.smoothed_low,
            "smoothed_high": month.smoothed_high,
            "filled": "later to be revised" if month.provisional else "settled",
        }
        for month in known
    ]
    time = {
        "field": "month",
        "type": "temporal",
        "title": None,
        "scale": {"type": "utc"},
        "axis": {"format": "%b %Y", "labelOverlap": True, "values": _ticks(known, width), "grid": False},
    }
    share = {
        "field": "smoothed",
        "type": "quantitative",
        "title": "registered",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 5},
    }
    legend = {
        "type": "nominal",
        "title": None,
        "scale": {"domain": [SMOOTHED, EACH], "range": [COLOUR, OTHER]},
        "legend": {"orient": "top", "columns": 2 if width >= NARROW else 1, "labelLimit": 300},
    }
    own = [row for row in rows if row["rate"] is not None]
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [row for row in rows if row["smoothed"] is not None]},
            "mark": {"type": "area", "opacity": 0.18, "color": COLOUR},
            "encoding": {"x": time, "y": {**share, "field": "smoothed_low"}, "y2": {"field": "smoothed_high"}},
        },
        {
            "data": {"values": [{**row, "what": SMOOTHED} for row in rows if row["smoothed"] is not None]},
            "mark": {"type": "line", "strokeWidth": 2.2},
            "encoding": {"x": time, "y": share, "color": {"field": "what", **legend}},
        },
        {
            "data": {"values": [row for row in own if row["low"] is not None]},
            "mark": {"type": "rule", "opacity": 0.6, "color": OTHER},
            "encoding": {"x": time, "y": {**share, "field": "low"}, "y2": {"field": "high"}},
        },
    ]
    for filled, hollow in (("settled", False), ("later to be revised", True)):
        points = [{**row, "what": EACH} for row in own if row["filled"] == filled]
        if points:
            layers.append(
                {
                    "data": {"values": points},
                    "mark": {"type": "point", "size": 34, "filled": not hollow, "opacity": 1},
                    "encoding": {"x": time, "y": {**share, "field": "rate"}, "color": {"field": "what", **legend}},
                }
            )
    return svg(
        {"layer": layers, "width": width - 60, "height": height}, "Registered share month by month with its band"
    )


def _ticks(months: Sequence[Month], width: int) -> list[dict[str, Any]]:
    """Every so many months, the last among them: a tick between two of them would repeat a label."""
    step = -(-len(months) // max(2, width // 110))
    days = [dt.date.fromisoformat(month.month) for month in months[::-1][::step]]
    return [{"year": day.year, "month": day.month, "date": day.day, "utc": True} for day in reversed(days)]
