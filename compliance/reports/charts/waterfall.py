"""The chart of one whole of the waterfall: its parts as bars that follow each other, unsure ones with their range."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from compliance.estimates.waterfall import Quantity, Step
from compliance.reports.charts.exposure import SHORT_AMOUNT
from compliance.reports.svg import INK, sentence_svg, svg

COLOURS = {"established": "#2f80ed", "illustrative": "#e07b00"}
WIDE_ENOUGH = 500
STEP = 30


def waterfall_chart_svg(whole: Step, parts: Sequence[Step], *, width: int = 900) -> str:
    """Operations of each part, from left to right as they add up to the whole.

    A part of which nothing is known has no bar and says “not known”; one with a range has a thin line over it.
    """
    rows: list[dict[str, Any]] = []
    at = Decimal(0)
    for step in parts:
        best = _best(step.operations)
        rows.append(
            {
                "step": step.title,
                "from": float(at),
                "to": float(at + (best or 0)),
                "least": float(at + (step.operations.low or 0)),
                "most": float(at + (step.operations.high if step.operations.high is not None else best or 0)),
                "grade": step.grade,
                "label": words(step.operations),
            }
        )
        at += best or 0
    if not any(row["to"] or row["most"] for row in rows):
        return sentence_svg(f"{whole.title}: none.", width, 60)
    titles = 250 if width >= WIDE_ENOUGH else 150
    limit = max(max(row["to"], row["most"]) for row in rows) * 1.22
    across = {
        "field": "from",
        "type": "quantitative",
        "title": "operations",
        "scale": {"domain": [0, limit]},
        "axis": {"tickCount": 5 if width >= WIDE_ENOUGH else 3, "labelExpr": SHORT_AMOUNT},
    }
    down = {"field": "step", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": titles}}
    colour = {
        "field": "grade",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
        "legend": {"orient": "top", "symbolType": "square", "symbolStrokeWidth": 0},
    }
    return svg(
        {
            "data": {"values": rows},
            "width": width - titles - 20,
            "height": {"step": STEP},
            "encoding": {"y": down},
            "layer": [
                {
                    "mark": {"type": "bar", "height": STEP * 0.55, "opacity": 0.9},
                    "encoding": {"x": across, "x2": {"field": "to"}, "color": colour},
                },
                {
                    "transform": [{"filter": "datum.least < datum.most"}],
                    "mark": {"type": "rule", "strokeWidth": 1.6, "color": INK, "opacity": 0.75},
                    "encoding": {"x": {**across, "field": "least"}, "x2": {"field": "most"}},
                },
                {
                    "transform": [{"calculate": "max(datum.to, datum.most)", "as": "end"}],
                    "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11, "color": INK},
                    "encoding": {"x": {**across, "field": "end"}, "text": {"field": "label", "type": "nominal"}},
                },
            ],
        },
        f"{whole.title}, part by part",
    )


def words(quantity: Quantity) -> str:
    """“1,234”, “120 (90 to 180)”, “at least 12”, “not known”."""
    low, point, high = (None if end is None else f"{end:,.0f}" for end in (quantity.low, quantity.point, quantity.high))
    if low is None:
        return "not known"
    if high is None:
        return f"at least {low}"
    if low == high:
        return low
    return f"{low} to {high}" if point is None else f"{point} ({low} to {high})"


def _best(quantity: Quantity) -> Decimal | None:
    return quantity.point if quantity.point is not None else quantity.low
