"""The charts of the front page and of the report: registered shares over time, and exposure book by book."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from compliance.reports.svg import INK, sentence_svg, svg

# Each holds on white and on near-black, and they differ in lightness for those who see no colours.
DENOMINATORS = {
    "on_file": ("of all on file", "#2f80ed"),
    "obliged": ("of those obliged to register", "#0f9d8a"),
    "sighted": ("of operations sighted", "#e07b00"),
}
REGISTERED = {"on_file": "registered", "obliged": "obliged_registered", "sighted": "sighted_registered"}
CLAIM_LEGEND, CLAIM_COLOUR = "claimed by others (denominator not defined)", "#b04fc9"
# d3 writes 500M, 2G and 1T; a reader says 500 M, 2 bn and 1 tn.
SHORT_AMOUNT = "replace(replace(replace(format(datum.value, '~s'), 'M', ' M'), 'G', ' bn'), 'T', ' tn')"
LETTER_WIDTH, LINE_HEIGHT = 5.6, 13
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


class BookAmounts(Protocol):
    """What one book makes of the open findings, in one currency."""

    @property
    def book_title(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def findings(self) -> int: ...
    @property
    def amount_low(self) -> Decimal | None: ...
    @property
    def amount_high(self) -> Decimal | None: ...


def rate_chart_svg(
    series: Sequence[DayCounts], claims: Sequence[Statement], *, width: int = 720, height: int = 260
) -> str:
    """The registered share over time, one line per denominator, with claimed shares beside them.

    The axis always runs from 0 to 100 %. A day on which a denominator is zero has no share and draws nothing.
    A chart too narrow for words beside the claims (a phone's) has none: the page lists who said what.
    """
    shares = _shares(series)
    said = _claimed(claims)
    if not shares and not said:
        return sentence_svg("No registration rates have been computed yet, and no claims are on file.", width, height)
    days = [dt.date.fromisoformat(row["day"]) for row in [*shares, *said]]
    first, last = min(days) - dt.timedelta(days=20), max(days) + dt.timedelta(days=20)
    _place_labels(said, shares, first, last, width, height)
    named = said if width >= WIDE_ENOUGH else []
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
    used = [key for key in DENOMINATORS if any(row["key"] == key for row in shares)]
    colour = {
        "field": "denominator",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": [DENOMINATORS[key][0] for key in used] + ([CLAIM_LEGEND] if said else []),
            "range": [DENOMINATORS[key][1] for key in used] + ([CLAIM_COLOUR] if said else []),
        },
        "legend": {
            "orient": "top",
            "symbolType": "circle",
            "symbolStrokeWidth": 0,
            "columns": 2 if width >= WIDE_ENOUGH else 1,
            "labelLimit": 400,
        },
    }
    layers: list[dict[str, Any]] = []
    if shares:
        layers.append(
            {
                "data": {"values": shares},
                "mark": {"type": "line", "strokeWidth": 2.2, "point": {"size": 26, "filled": True}},
                "encoding": {"x": time, "y": share, "color": colour},
            }
        )
    if said:
        layers += [
            {
                "data": {"values": said},
                "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.45},
                "encoding": {
                    "x": time,
                    "y": {**share, "field": "low"},
                    "y2": {"field": "high"},
                    "color": colour,
                },
            },
            {
                "data": {"values": [row for row in said if row["low"] == row["high"]]},
                "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 80, "opacity": 1},
                "encoding": {"x": time, "y": share, "color": colour},
            },
            # From a claim to its label, where the label had to stand elsewhere.
            {
                "data": {"values": named},
                "mark": {"type": "rule", "strokeWidth": 0.7, "opacity": 0.5, "color": INK},
                "encoding": {"x": time, "y": share, "y2": {"field": "label_at"}},
            },
            *(
                {
                    "data": {"values": [row for row in named if row["align"] == align]},
                    "mark": {"type": "text", "align": align, "dx": dx, "fontSize": 10.5, "color": INK},
                    "encoding": {
                        "x": time,
                        "y": {**share, "field": "label_at"},
                        "text": {"field": "label", "type": "nominal"},
                    },
                }
                for align, dx in (("left", 8), ("right", -8))
            ),
        ]
    return svg(
        {"layer": layers, "width": width, "height": height},
        "Registered share over time beside claimed shares",
    )


def exposure_chart_svg(
    books: Sequence[BookAmounts], *, width: int = 720, bar_height: int = 34, currency: str | None = None
) -> str:
    """One bar per book from the lowest to the highest amount, in the given currency or else the commonest."""
    priced = [book for book in books if book.amount_low is not None and book.amount_high is not None]
    if not priced:
        return sentence_svg("No open finding has a price in any book yet.", width, 120)
    if currency is None:
        currency = max(priced, key=lambda book: book.findings).currency
    drawn = [book for book in priced if book.currency == currency]
    # Floats for the drawing only: amounts are never computed in them.
    rows = [
        {
            "book": book.book_title,
            "low": float(book.amount_low or 0),
            "high": float(book.amount_high or 0),
            "label": f"{money(book.amount_low)} – {money(book.amount_high)}",
        }
        for book in drawn
    ]
    limit = float(max(book.amount_high or 0 for book in drawn)) * 1.02 or 1.0
    book = {"field": "book", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 290}}
    amount = {
        "field": "low",
        "type": "quantitative",
        "title": f"{currency}, lowest to highest",
        "scale": {"domain": [0, limit]},
        "axis": {
            "tickCount": 6,
            "labelExpr": SHORT_AMOUNT,
        },
    }
    return svg(
        {
            "data": {"values": rows},
            "width": width - 310,
            "height": {"step": bar_height},
            "encoding": {"y": book},
            "layer": [
                {
                    "mark": {
                        "type": "bar",
                        "height": bar_height * 0.42,
                        "yOffset": 6,
                        "opacity": 0.85,
                        # A book that is small beside the others stays visible.
                        "stroke": "#2f80ed",
                        "strokeWidth": 2,
                    },
                    "encoding": {"x": amount, "x2": {"field": "high"}, "color": {"value": "#2f80ed"}},
                },
                {
                    "mark": {"type": "text", "align": "left", "dy": -9, "fontSize": 10.5, "color": INK},
                    "encoding": {"x": {"value": 2}, "text": {"field": "label"}},
                },
            ],
        },
        f"Penalty exposure by book in {currency}, lowest to highest",
    )


def money(amount: Decimal | None) -> str:
    """An amount in words for a label: 1.2 bn, 340 M, 12,000; exact figures stand in the tables."""
    if amount is None:
        return "unknown"
    for size, word in ((Decimal(10) ** 12, "tn"), (Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M")):
        if amount >= size:
            scaled = amount / size
            return f"{scaled:,.2f} {word}" if scaled < 10 else f"{scaled:,.1f} {word}"
    return f"{amount:,.0f}"


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


def _claimed(claims: Sequence[Statement]) -> list[dict[str, Any]]:
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


def _place_labels(
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
