"""The compliance report's figures, computed once as plain JSON values; every format shows these and no others."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings

from compliance.choices import BookKind
from compliance.models import Book, Claim, LawPack
from compliance.reports.fines import fine_figures
from compliance.reports.law import act_sources, bans_in_force
from compliance.reports.quality import has_synthetic_data, quality_checks, undetermined_figures
from compliance.selectors.totals import (
    BookTotal,
    ExposureRow,
    Headline,
    RateRow,
    exposure_by,
    headline,
    rate_series,
    rates_by,
    sanctions_of,
)

SCHEMA = 1
BOOK_ORDER = (BookKind.LAW, BookKind.BILL, BookKind.WHAT_IF)
DENOMINATOR_TITLES = {
    "on_file": "miners on file",
    "obliged": "miners obliged to register",
    "sighted": "operations sighted in the last 365 days",
}
COUNTS = ("on_file", "registered", "obliged", "obliged_registered", "sighted", "sighted_registered")

Figures = dict[str, Any]


def compliance_figures(as_of: dt.date) -> Figures:
    """Everything that the report says about one day.

    Days are ISO dates, amounts and shares are decimal strings; a share whose denominator is zero, and an amount that
    nobody knows, is null.
    """
    totals = headline(as_of)
    books = sorted(Book.objects.select_related("pack"), key=lambda book: (BOOK_ORDER.index(book.kind), book.code))
    return {
        "schema": SCHEMA,
        "kind": "compliance",
        "as_of": as_of.isoformat(),
        "computed_on": None if totals.computed_on is None else totals.computed_on.isoformat(),
        "synthetic": has_synthetic_data(),
        "headline": headline_figures(totals),
        "rates_by_territory": [_rates(row) for row in rates_by(as_of, "territory")],
        "rates_by_kind": [_rates(row) for row in rates_by(as_of, "kind")],
        "rate_series": [{"day": row.as_of.isoformat(), **_counts(row)} for row in rate_series() if row.as_of <= as_of],
        "exposure": {
            "books": [
                _book_total(total)
                for total in sorted(totals.exposure, key=lambda total: BOOK_ORDER.index(BookKind(total.book_kind)))
            ],
            "by_norm": [_exposure(book, row) for book in books for row in exposure_by(as_of, book=book, group="norm")],
            "by_kind": [_exposure(book, row) for book in books for row in exposure_by(as_of, book=book, group="kind")],
            "sanctions": [
                {"book_code": book.code, "book": book.title, "norm": norm, "sanction": sanction, "findings": findings}
                for book in books
                for norm, sanction, findings in sanctions_of(as_of, book)
            ],
        },
        "bans": bans_in_force(as_of),
        "fines": fine_figures(as_of),
        "data_quality": {
            "undetermined": undetermined_figures(),
            "checks": quality_checks(stale=totals.stale),
        },
        "claims": [
            {
                "code": claim.code,
                "territory": claim.territory.name,
                "said_by": claim.said_by,
                "said_on": claim.said_on.isoformat(),
                "statement": claim.statement,
                "bounds": claim.bounds,
                "low": decimal_text(claim.low),
                "high": decimal_text(claim.high),
                "unit": claim.unit,
                "confidence": claim.confidence,
                "url": claim.url,
            }
            for claim in Claim.objects.filter(said_on__lte=as_of).select_related("territory")
        ],
        "sources": act_sources(as_of),
        "law_packs": [
            {"code": pack.code, "title": pack.title, "version": pack.version, "sha256": pack.sha256}
            for pack in LawPack.objects.order_by("code")
        ],
        "software": {"name": "Headframe", "version": settings.SPECTACULAR_SETTINGS["VERSION"]},
    }


def headline_figures(totals: Headline) -> Figures:
    """The first page: the three rates, each with its own pair of counts, and one sentence that says them."""
    rates = [
        {
            "denominator": rate.denominator,
            "title": DENOMINATOR_TITLES[rate.denominator],
            "registered": rate.registered,
            "total": rate.total,
            "share": None if rate.share is None else f"{rate.share:.4f}",
        }
        for rate in totals.rates
    ]
    return {
        "sentence": headline_sentence(totals),
        "rates": rates,
        "undetermined": totals.undetermined,
        "stale": totals.stale,
    }


def headline_sentence(totals: Headline) -> str:
    shares = {rate.denominator: rate for rate in totals.rates if rate.share is not None}
    if not shares:
        return "No registration rate can be given: nothing is on file for this day."
    parts = []
    if "on_file" in shares:
        rate = shares["on_file"]
        parts.append(f"{rate.share:.1%} of the miners on file are registered ({rate.registered:,} of {rate.total:,})")
    if "obliged" in shares:
        parts.append(f"{shares['obliged'].share:.1%} of those obliged to be")
    if "sighted" in shares:
        parts.append(f"{shares['sighted'].share:.1%} of the operations sighted")
    return "; ".join(parts) + "."


def decimal_text(value: Decimal | None, places: int | None = None) -> str | None:
    """A decimal as text without an exponent; with `places`, exactly so many decimals."""
    if value is None:
        return None
    if places is not None:
        return f"{value:.{places}f}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _counts(row: RateRow) -> Figures:
    return {name: getattr(row, name) for name in COUNTS}


def _rates(row: RateRow) -> Figures:
    return {
        "code": row.key_code,
        "name": row.key_name,
        **_counts(row),
        "share_on_file": _share(row.registered, row.on_file),
        "share_obliged": _share(row.obliged_registered, row.obliged),
        "share_sighted": _share(row.sighted_registered, row.sighted),
    }


def _share(part: int, whole: int) -> str | None:
    return f"{Decimal(part) / Decimal(whole):.4f}" if whole else None


def _book_total(total: BookTotal) -> Figures:
    return {
        "book_code": total.book_code,
        "book": total.book_title,
        "book_kind": total.book_kind,
        "currency": total.currency,
        "findings": total.findings,
        "unpriced": total.unpriced,
        "amount_low": decimal_text(total.amount_low, 2),
        "amount_high": decimal_text(total.amount_high, 2),
    }


def _exposure(book: Book, row: ExposureRow) -> Figures:
    return {
        "book_code": book.code,
        "book": book.title,
        "code": row.key_code,
        "name": row.key_name,
        "currency": row.currency,
        "findings": row.findings,
        "unpriced": row.unpriced,
        "amount_low": decimal_text(row.amount_low, 2),
        "amount_high": decimal_text(row.amount_high, 2),
    }
