"""The chart of the rates over time: one line per denominator, the estimate with its range, and what others claimed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol

from compliance.reports.charts.claims import CLAIM_COLOUR, CLAIM_LEGEND, Statement, claim_layers, claimed, place_labels
from compliance.reports.charts.estimates import (
    ESTIMATE_COLOUR,
    ESTIMATE_LEGEND,
    EstimatedRate,
    estimate_layers,
    estimated_rows,
)
from compliance.reports.svg import sentence_svg, svg

# Each holds on white and on near-black, and they differ in lightness for those who see no colours.
DENOMINATORS = {
    "on_file": ("of all on file", "#2f80ed"),
    "obliged": ("of those obliged to register", "#0f9d8a"),
    "sighted": ("of operations sighted", "#e07b00"),
}
REGISTERED = {"on_file": "registered", "obliged": "obliged_registered", "sighted": "sighted_registered"}
WIDE_ENOUGH = 400


class DayCounts(Protocol):
    """The counts of one day, as `RegistrationRate` defines them."""

    @property
    def as_of(self) -> dt.date: ...
    @property
    def on_file(self) -> int: ...
    @property
    def registered(self) -> int: ...
    @property
    def obliged(self) -> int: ...
    @property
    def obliged_registered(self) -> int: ...
    @property
    def sighted(self) -> int: ...
    @property
    def sighted_registered(self) -> int: ...


def rate_chart_svg(
    series: Sequence[DayCounts],
    claims: Sequence[Statement],
    *,
    estimates: Sequence[EstimatedRate] = (),
    width: int = 720,
    height: int = 260,
) -> str:
    """The registered share over time, one line per denominator, with estimates and claimed shares beside them.

    The axis always runs from 0 to 100 %. A day on which a denominator is zero has no share and draws nothing; neither
    does an estimate without a range. The lines begin with the last day before anybody was registered. A chart too
    narrow for words beside the claims (a phone's) has none: the page lists who said what.
    """
    shares = _shares(_from_first_entry(series))
    said = claimed(claims)
    found = estimated_rows(estimates)
    if not shares and not said and not found:
        return sentence_svg("No registration rates have been computed yet, and no claims are on file.", width, height)
    days = [dt.date.fromisoformat(row["day"]) for row in [*shares, *said, *found]]
    first, last = min(days) - dt.timedelta(days=20), max(days) + dt.timedelta(days=20)
    place_labels(said, [*shares, *found], first, last, width, height)
    time = {
        "field": "day",
        "type": "temporal",
        "title": None,
        "scale": {"domain": [first.isoformat(), last.isoformat()]},
        "axis": {"format": "%b %Y", "labelOverlap": True, "tickCount": max(2, width // 110), "grid": False},
    }
    share = {
        "field": "share",
        "type": "quantitative",
        "title": "registered",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 5},
    }
    colour = _colour(shares, width=width, claims=bool(said), estimates=bool(found))
    layers: list[dict[str, Any]] = []
    if shares:
        layers.append(
            {
                "data": {"values": shares},
                "mark": {"type": "line", "strokeWidth": 2.2, "point": {"size": 26, "filled": True}},
                "encoding": {"x": time, "y": share, "color": colour},
            }
        )
    layers += estimate_layers(found, time, share, colour)
    layers += claim_layers(said, time, share, colour, named=width >= WIDE_ENOUGH)
    return svg(
        {"layer": layers, "width": width, "height": height},
        "Registered share over time beside claimed shares",
    )


def _from_first_entry(series: Sequence[DayCounts]) -> Sequence[DayCounts]:
    """The series without its years of zeros before there was a register; all of it where nobody ever registered."""
    first = next((place for place, day in enumerate(series) if day.registered), 0)
    return series[max(0, first - 1) :]


def _colour(shares: Sequence[dict[str, Any]], *, width: int, claims: bool, estimates: bool) -> dict[str, Any]:
    used = [DENOMINATORS[key] for key in DENOMINATORS if any(row["key"] == key for row in shares)]
    used += [(ESTIMATE_LEGEND, ESTIMATE_COLOUR)] * estimates + [(CLAIM_LEGEND, CLAIM_COLOUR)] * claims
    return {
        "field": "denominator",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [title for title, _ in used], "range": [colour for _, colour in used]},
        "legend": {
            "orient": "top",
            "symbolType": "circle",
            "symbolStrokeWidth": 0,
            "columns": 2 if width >= WIDE_ENOUGH else 1,
            "labelLimit": 400,
        },
    }


def _shares(series: Sequence[DayCounts]) -> list[dict[str, Any]]:
    rows = []
    for counts in series:
        for key, (title, _) in DENOMINATORS.items():
            total = getattr(counts, key)
            if total:
                rows.append(
                    {
                        "day": counts.as_of.isoformat(),
                        "key": key,
                        "denominator": title,
                        "share": round(getattr(counts, REGISTERED[key]) / total, 6),
                    }
                )
    return rows
