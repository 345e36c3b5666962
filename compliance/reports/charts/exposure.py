"""The chart of the exposure, book by book, and amounts in short words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from compliance.reports.svg import INK, sentence_svg, svg

# d3 writes 500M, 2G and 1T; a reader says 500 M, 2 bn and 1 tn.
SHORT_AMOUNT = "replace(replace(replace(format(datum.value, '~s'), 'M', ' M'), 'G', ' bn'), 'T', ' tn')"


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
