"""Claimed shares in the chart of rates: bars at their days, and labels where nothing is covered."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from compliance.reports.svg import INK

CLAIM_LEGEND, CLAIM_COLOUR = "claimed by others (denominator not defined)", "#b04fc9"
LETTER_WIDTH, LINE_HEIGHT = 5.6, 13


class Statement(Protocol):
    """A claim; only a claimed share of registered miners can stand in the chart of rates."""

    @property
    def said_on(self) -> dt.date: ...
    @property
    def said_by(self) -> str: ...
    @property
    def bounds(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def low(self) -> Decimal | None: ...
    @property
    def high(self) -> Decimal | None: ...


def claimed(claims: Sequence[Statement]) -> list[dict[str, Any]]:
    rows = []
    for claim in claims:
        if claim.bounds != "registration_rate" or claim.unit != "share" or claim.low is None:
            continue
        low, high = claim.low, claim.low if claim.high is None else claim.high
        figure = f"{low:.0%}" if low == high else f"{low:.0%}–{high:.0%}"
        said_by = claim.said_by if len(claim.said_by) <= 34 else claim.said_by[:33].rstrip() + "…"
        rows.append(
            {
                "day": claim.said_on.isoformat(),
                "denominator": CLAIM_LEGEND,
                "low": float(low),
                "high": float(high),
                "share": float(high),
                "label": f"{figure} {said_by}",
            }
        )
    return sorted(rows, key=lambda row: (row["day"], row["share"]))


def claim_layers(
    said: Sequence[dict[str, Any]], time: dict[str, Any], share: dict[str, Any], colour: dict[str, Any], *, named: bool
) -> list[dict[str, Any]]:
    """A bar for a range, a diamond for a single share, and, where `named`, the label with a line to it."""
    if not said:
        return []
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": said},
            "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.45},
            "encoding": {"x": time, "y": {**share, "field": "low"}, "y2": {"field": "high"}, "color": colour},
        },
        {
            "data": {"values": [row for row in said if row["low"] == row["high"]]},
            "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 80, "opacity": 1},
            "encoding": {"x": time, "y": share, "color": colour},
        },
    ]
    if not named:
        return layers
    # From a claim to its label, where the label had to stand elsewhere.
    layers.append(
        {
            "data": {"values": said},
            "mark": {"type": "rule", "strokeWidth": 0.7, "opacity": 0.5, "color": INK},
            "encoding": {"x": time, "y": share, "y2": {"field": "label_at"}},
        }
    )
    for align, dx in (("left", 8), ("right", -8)):
        layers.append(
            {
                "data": {"values": [row for row in said if row["align"] == align]},
                "mark": {"type": "text", "align": align, "dx": dx, "fontSize": 10.5, "color": INK},
                "encoding": {
                    "x": time,
                    "y": {**share, "field": "label_at"},
                    "text": {"field": "label", "type": "nominal"},
                },
            }
        )
    return layers


def place_labels(
    said: list[dict[str, Any]],
    shares: list[dict[str, Any]],
    first: dt.date,
    last: dt.date,
    width: int,
    height: int,
) -> None:
    """Give each claim's label a side on which it fits and a height at which it covers no line, bar or label."""
    span = (last - first).days or 1

    def across(row: dict[str, Any]) -> float:
        return (dt.date.fromisoformat(row["day"]) - first).days / span * width

    # The points of a line stand a month apart.
    half_a_month = 16 / span * width
    taken = [(across(row) - half_a_month, across(row) + half_a_month, (1 - row["share"]) * height) for row in shares]
    for row in said:
        at = across(row)
        bar = range(int((1 - row["high"]) * height), int((1 - row["low"]) * height) + 1, LINE_HEIGHT)
        taken += [(at - 6, at + 6, y) for y in bar]
    for row in said:
        at = across(row)
        length = len(row["label"]) * LETTER_WIDTH + 10
        top = (1 - row["share"]) * height
        sides = [("left", at + 7, at + length), ("right", at - length, at - 7)]
        fitting = [side for side in sides if side[1] >= 0 and side[2] <= width] or sides[:1]
        places = [
            (align, left, right, top + sign * n * LINE_HEIGHT)
            for n in range(height // LINE_HEIGHT + 1)
            for align, left, right in fitting
            for sign in (-1, 1)
        ]
        free = [
            (align, left, right, y)
            for align, left, right, y in places
            if LINE_HEIGHT <= y <= height - LINE_HEIGHT
            and not any(left < end and start < right and abs(y - t) < LINE_HEIGHT for start, end, t in taken)
        ]
        row["align"], left, right, y = (free or places)[0]
        taken.append((left, right, y))
        row["label_at"] = 1 - y / height
