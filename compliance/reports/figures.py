"""The compliance report's figures, computed once as plain JSON values; every format shows these and no others."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings

from compliance.choices import BookKind
from compliance.models import Book, Claim, LawPack
from compliance.reports.decimals import decimal_text
from compliance.reports.estimates import claim_figures, estimate_figures
from compliance.reports.fines import fine_figures
from compliance.reports.law import act_sources, bans_in_force
from compliance.reports.quality import has_synthetic_data, quality_checks, undetermined_figures
from compliance.selectors.public_estimate import public_estimate
from compliance.selectors.totals import (
    BookTotal,
    ExposureRow,
    Headline,
    Rate,
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
    "sighted": "operations sighted in 365 days",
}
COUNTS = ("on_file", "registered", "obliged", "obliged_registered", "sighted", "sighted_registered")

Figures = dict[str, Any]


def compliance_figures(as_of: dt.date) -> Figures:
    """Everything that the report says about one day.

    Days are ISO dates, amounts and shares are decimal strings; a share whose denominator is zero, and an amount that
    nobody knows, is null.
    """
    totals = headline(as_of)
    claims = list(Claim.objects.filter(said_on__lte=as_of).select_related("territory"))
    told = public_estimate(as_of, claims)
    books = sorted(Book.objects.select_related("pack"), key=lambda book: (BOOK_ORDER.index(book.kind), book.code))
    exposure_books = [
        _book_total(total)
        for total in sorted(totals.exposure, key=lambda total: BOOK_ORDER.index(BookKind(total.book_kind)))
    ]
    return {
        "schema": SCHEMA,
        "kind": "compliance",
        "as_of": as_of.isoformat(),
        "computed_on": None if totals.computed_on is None else totals.computed_on.isoformat(),
        "synthetic": has_synthetic_data(),
        "headline": headline_figures(totals) | {"exposure_sentence": exposure_sentence(exposure_books)},
        "rates_by_territory": sorted(
            (_rates(row) for row in rates_by(as_of, "territory")), key=lambda row: (row["name"], row["code"])
        ),
        "rates_by_kind": sorted(
            # Operations of nobody known, whose kind is empty, come last.
            (_rates(row) for row in rates_by(as_of, "kind")),
            key=lambda row: (row["code"] == "", row["name"]),
        ),
        "rate_series": [{"day": row.as_of.isoformat(), **_counts(row)} for row in rate_series() if row.as_of <= as_of],
        "exposure": {
            "books": exposure_books,
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
        "estimate": estimate_figures(told),
        "claims": claim_figures(told),
        "sources": act_sources(as_of),
        "law_packs": [
            {"code": pack.code, "title": pack.title, "version": pack.version, "sha256": pack.sha256}
            for pack in LawPack.objects.order_by("code")
        ],
        "software": {"name": "Headframe", "version": settings.SPECTACULAR_SETTINGS["VERSION"]},
    }


def headline_figures(totals: Headline) -> Figures:
    """The first page: the three counted rates, each with its own pair of counts, and one sentence that says them."""
    rates = [
        {
            "denominator": rate.denominator,
            "title": DENOMINATOR_TITLES[rate.denominator],
            "registered": rate.registered,
            "total": rate.total,
            "share": share_text(rate.registered, rate.total),
        }
        for rate in totals.rates
    ]
    return {
        "sentence": headline_sentence(totals),
        "rates": rates,
        "undetermined": totals.undetermined,
        "undetermined_miners": totals.undetermined_miners,
        "stale": totals.stale,
    }


def headline_sentence(totals: Headline) -> str:
    shares = {rate.denominator: rate for rate in totals.rates if rate.total}
    if not shares:
        return "No registration rate can be given: nothing is on file for this day."
    parts = []
    if rate := shares.get("on_file"):
        parts.append(f"{percent(rate)} of the miners on file are registered ({rate.registered:,} of {rate.total:,})")
    if rate := shares.get("obliged"):
        parts.append(f"{percent(rate)} of those obliged to be")
    if rate := shares.get("sighted"):
        parts.append(f"{percent(rate)} of the operations sighted")
    return "; ".join(parts) + "."


def exposure_sentence(books: list[Figures]) -> str:
    """What the law in force makes of the open findings, in words; without a law pack or findings, nothing."""
    law = [row for row in books if row["book_kind"] == BookKind.LAW]
    findings, unpriced = (sum(row[name] for row in law) for name in ("findings", "unpriced"))
    if not findings:
        return ""
    amounts = [
        f"{Decimal(row['amount_low']):,.0f} to {Decimal(row['amount_high']):,.0f} {row['currency']}"
        for row in law
        if row["currency"]
    ]
    if not amounts:
        return f"The law in force names no known amount for any of the {findings:,} breaches now open."
    rest = f"; for {unpriced:,} of them no amount is known" if unpriced else ""
    return f"The {findings:,} breaches now open could cost {' and '.join(amounts)} under the law in force{rest}."


def percent(rate: Rate) -> str:
    share = Decimal(share_text(rate.registered, rate.total) or 0) * 100
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def _counts(row: RateRow) -> Figures:
    return {name: getattr(row, name) for name in COUNTS}


def _rates(row: RateRow) -> Figures:
    return {
        "code": row.key_code,
        "name": row.key_name,
        **_counts(row),
        "share_on_file": share_text(row.registered, row.on_file),
        "share_obliged": share_text(row.obliged_registered, row.obliged),
        "share_sighted": share_text(row.sighted_registered, row.sighted),
    }


def share_text(part: int, whole: int) -> str | None:
    return f"{Decimal(part) / Decimal(whole):.6f}" if whole else None


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
