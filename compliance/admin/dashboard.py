"""The front page: the headline with its denominators, the chart, the exposure, what is stale and what failed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from compliance.admin.estimate_tile import estimate_tile, said_tile
from compliance.choices import BookKind, RunStatus
from compliance.models import Book, Claim, Estimate, Recomputation, Report, StaleMark
from compliance.reports.charts.rates import rate_chart_svg
from compliance.reports.quality import SAMPLE_SOURCE, SAMPLE_SUFFIX
from compliance.selectors.public_estimate import PublicEstimate, RatePoint, public_estimate
from compliance.selectors.totals import BookTotal, Headline, Rate, headline, rate_series, sanctions_of, stored_day
from registry.admin.words import money_words
from registry.choices import ImportStatus
from registry.models import Import, Linkage, Miner, Sighting

FEW = 5
WIDE, NARROW = 900, 240
# The words of each denominator: what the share is of, and what that means.
DENOMINATORS = {
    "on_file": (
        "Registered of all on file",
        "miners on file",
        "Everyone in our files who operates, whoever found them.",
    ),
    "obliged": ("Registered of those obliged", "obliged miners", "Those whom the law tells to register."),
    "sighted": ("Registered of operations sighted", "operations", "Distinct operations that any list saw in a year."),
}
BOOK_KINDS = {str(value): str(label) for value, label in BookKind.choices}
BOOK_ORDER = list(BOOK_KINDS)


@dataclass(frozen=True)
class Share:
    """One rate as a tile: the percentage, and always the two counts that it comes from."""

    title: str
    percent: str
    width: int
    counts: str
    meaning: str


@dataclass(frozen=True)
class BookTile:
    """One book: a line per currency, the findings that it cannot price, and what it threatens besides money."""

    title: str
    kind: str
    amounts: list[str]
    findings: int
    unpriced: int
    sanctions: int


@dataclass(frozen=True)
class Said:
    """A claim with hashable content, so that the chart is drawn again only when something changed."""

    said_on: dt.date
    said_by: str
    bounds: str
    unit: str
    low: Decimal | None
    high: Decimal | None


def share_tile(rate: Rate) -> Share:
    title, noun, meaning = DENOMINATORS[rate.denominator]
    if rate.share is None:
        return Share(title, "—", 0, f"no {noun} counted", meaning)
    percent = rate.share * 100
    return Share(title, f"{percent:.1f} %", int(percent), f"{rate.registered:,} of {rate.total:,} {noun}", meaning)


def book_tiles(totals: Iterable[BookTotal], as_of: dt.date) -> list[BookTile]:
    lines: dict[str, list[BookTotal]] = {}
    for total in totals:
        lines.setdefault(total.book_code, []).append(total)
    books = Book.objects.filter(code__in=lines).select_related("pack").in_bulk(field_name="code")
    return [
        BookTile(
            title=rows[0].book_title,
            kind=BOOK_KINDS[rows[0].book_kind],
            amounts=[
                f"{row.amount_low:,.0f} – {money_words(row.amount_high, row.currency)}"
                for row in rows
                if row.amount_low is not None
            ],
            findings=sum(row.findings for row in rows),
            unpriced=sum(row.unpriced for row in rows),
            sanctions=sum(findings for _, _, findings in sanctions_of(as_of, books[code])),
        )
        for code, rows in sorted(lines.items(), key=lambda line: BOOK_ORDER.index(line[1][0].book_kind))
    ]


@lru_cache(maxsize=16)
def drawn(
    series: tuple[Any, ...], claims: tuple[Said, ...], estimates: tuple[RatePoint, ...], width: int
) -> SafeString:
    # Drawn here; the chart escapes the words that it takes from the claims.
    return mark_safe(rate_chart_svg(series, claims, estimates=estimates, width=width))


def charts(claims: Iterable[Claim], told: PublicEstimate) -> dict[str, SafeString]:
    series = tuple(rate_series())
    said = tuple(
        Said(claim.said_on, claim.said_by, claim.bounds, claim.unit, claim.low, claim.high) for claim in claims
    )
    return {
        "chart_wide": drawn(series, said, told.series, WIDE),
        "chart_narrow": drawn(series, said, told.series, NARROW),
    }


def has_sample() -> bool:
    """Whether rows of the sample register are among the figures; asked by index, as every visit asks."""
    return (
        Sighting.objects.filter(source=SAMPLE_SOURCE).exists()
        or Miner.objects.filter(name__iendswith=SAMPLE_SUFFIX).exists()
    )


def failures() -> list[dict[str, str]]:
    """The latest things that went wrong, each with where to look."""
    imports = Import.objects.filter(Q(status=ImportStatus.FAILED) | Q(refused__gt=0))[:FEW]
    runs = Recomputation.objects.filter(status=RunStatus.FAILED)[:FEW]
    # A failed estimate stays on file for ever: it is news until a later one of its kind is done.
    later = Estimate.objects.filter(
        kind=OuterRef("kind"), territory=OuterRef("territory"), status=RunStatus.DONE, pk__gt=OuterRef("pk")
    )
    estimates = Estimate.objects.filter(~Exists(later), status=RunStatus.FAILED).only("failure")[:FEW]
    linkages = [run for run in Linkage.objects.only("status", "failure")[:1] if run.status == RunStatus.FAILED]
    computed: list[Estimate | Linkage] = [*estimates, *linkages]
    unsent = Report.objects.filter(sent_at=None).exclude(send_failure="")[:FEW]
    return [
        *(
            {
                "what": f"Import {run}",
                "why": run.failure or f"{run.refused:,} of {run.rows:,} rows refused",
                "url": reverse("admin:registry_import_change", args=[run.pk]),
            }
            for run in imports
        ),
        *(
            {
                "what": f"{run.get_kind_display()}, as of {run.as_of}",
                "why": run.failure or "failed",
                "url": reverse("admin:compliance_recomputation_change", args=[run.pk]),
            }
            for run in runs
        ),
        *(
            {
                "what": str(run),
                "why": run.failure or "failed",
                "url": reverse(f"admin:{run._meta.label_lower.replace('.', '_')}_change", args=[run.pk]),
            }
            for run in computed
        ),
        *(
            {
                "what": f"Report {report.number}",
                "why": report.send_failure,
                "url": reverse("admin:compliance_report_change", args=[report.pk]),
            }
            for report in unsent
        ),
    ]


def totals_context(stored: Headline) -> dict[str, Any]:
    told = public_estimate(stored.as_of, stored.claims)
    return {
        "estimate": estimate_tile(told),
        "headline": stored,
        "undetermined_percent": _percent(stored.undetermined_share) if stored else "",
        "shares": [share_tile(rate) for rate in stored.rates],
        "claims": [said_tile(found) for found in told.claims],
        "books": book_tiles(stored.exposure, stored.as_of),
        **charts(stored.claims, told),
    }


def dashboard_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the front page shows; the totals are the stored ones, never counted while somebody waits."""
    context["title"] = "Front page"
    context["may_see_totals"] = request.user.has_perm("compliance.view_registrationrate")
    if not context["may_see_totals"]:
        return context
    day = stored_day()
    oldest = StaleMark.objects.order_by("id").first()
    return {
        **context,
        **(totals_context(headline(day)) if day else {}),
        "has_sample": has_sample(),
        "anybody": Miner.objects.exists(),
        "oldest_mark": oldest and oldest.marked_at,
        "running": [
            {"run": run, "percent": run.done * 100 // run.total if run.total else 0}
            for run in Recomputation.objects.filter(status=RunStatus.RUNNING)
        ],
        "failures": failures(),
        "last_report": Report.objects.first(),
        "may_recompute": request.user.has_perm("compliance.add_recomputation"),
        "may_issue": request.user.has_perm("compliance.add_report"),
    }


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{share * 100:.1f} %"
