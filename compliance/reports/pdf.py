"""The report as a PDF, set by typst with its own fonts; texts go in as data, so none of them can become markup."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst

from compliance.reports.charts.exposure import exposure_chart_svg
from compliance.reports.charts.rates import rate_chart_svg
from compliance.reports.layout import bans_by_rule, by_book, claim_figure, joined_amounts, sanctions_by_book
from compliance.reports.svg import FONT

TEMPLATE = Path(__file__).with_name("compliance.typ")
BODY_FONT = "Libertinus Serif"


@dataclass(frozen=True)
class DayCounts:
    as_of: dt.date
    on_file: int
    registered: int
    obliged: int
    obliged_registered: int
    sighted: int
    sighted_registered: int


@dataclass(frozen=True)
class EstimatePoint:
    as_of: dt.date
    low: float | None
    high: float | None
    point: float | None
    provisional: bool


@dataclass(frozen=True)
class Statement:
    said_on: dt.date
    said_by: str
    bounds: str
    unit: str
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class BookAmounts:
    book_title: str
    currency: str
    findings: int
    amount_low: Decimal | None
    amount_high: Decimal | None


def compliance_pdf(figures: dict[str, Any], *, number: str, issued_on: dt.date) -> bytes:
    """The PDF's bytes; the same figures, number and day give the same bytes."""
    as_of = dt.date.fromisoformat(figures["as_of"])
    references = References()
    report = {
        "number": number,
        "figures": figures,
        "as_of_words": words(as_of),
        "issued_words": words(issued_on),
        "computed_words": words(dt.date.fromisoformat(figures["computed_on"])) if figures["computed_on"] else "",
        "month_words": f"{as_of:%B %Y}",
        "books": joined_amounts(figures["exposure"]["books"], lambda row: row["book_code"]),
        "by_norm": by_book(figures["exposure"]["by_norm"]),
        "by_kind": by_book(figures["exposure"]["by_kind"]),
        "sanctions": sanctions_by_book(figures["exposure"]["sanctions"]),
        "bans": bans_by_rule(row | {"cited": references.cite(row["urls"])} for row in figures["bans"]),
        "claims": [
            row | {"cited": references.cite([row["url"]]), "figure": claim_figure(row)} for row in figures["claims"]
        ],
        "sources": [
            row | {"cited": references.cite(source["url"] for source in row["sources"])} for row in figures["sources"]
        ],
        "references": references.urls,
    }
    pdf: bytes = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        sys_inputs={
            "report": json.dumps(report, ensure_ascii=False),
            "rates": _with_body_font(rates_chart(figures)),
            "exposure": _with_body_font(exposure_chart(figures)),
        },
        timestamp=int(dt.datetime.combine(issued_on, dt.time(), dt.UTC).timestamp()),
    )
    return pdf


class References:
    """The numbered list of sources at the end: each address once, in the order of its first mention."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def cite(self, urls: Iterable[str]) -> list[int]:
        numbers = []
        for url in urls:
            if not url:
                continue
            if url not in self.urls:
                self.urls.append(url)
            numbers.append(self.urls.index(url) + 1)
        return numbers


def rates_chart(figures: dict[str, Any]) -> str:
    series = [
        DayCounts(as_of=dt.date.fromisoformat(row["day"]), **{key: row[key] for key in row if key != "day"})
        for row in figures["rate_series"]
    ]
    claims = [
        Statement(
            said_on=dt.date.fromisoformat(row["said_on"]),
            said_by=row["said_by"],
            bounds=row["bounds"],
            unit=row["unit"],
            low=_decimal(row["low"]),
            high=_decimal(row["high"]),
        )
        for row in figures["claims"]
    ]
    estimates = [
        EstimatePoint(
            as_of=dt.date.fromisoformat(row["as_of"]),
            low=_float(row["low"]),
            high=_float(row["high"]),
            point=_float(row["rate"]),
            provisional=row["provisional"],
        )
        for row in figures["estimate"]["series"]
    ]
    return rate_chart_svg(series, claims, estimates=estimates, width=640, height=180)


def exposure_chart(figures: dict[str, Any]) -> str:
    books = [
        BookAmounts(
            book_title=row["book"],
            currency=row["currency"],
            findings=row["findings"],
            amount_low=_decimal(row["amount_low"]),
            amount_high=_decimal(row["amount_high"]),
        )
        for row in figures["exposure"]["books"]
    ]
    return exposure_chart_svg(books, width=640, bar_height=32)


def words(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _float(text: str | None) -> float | None:
    return None if text is None else float(text)


def _with_body_font(svg: str) -> str:
    return svg.replace(FONT, BODY_FONT)
