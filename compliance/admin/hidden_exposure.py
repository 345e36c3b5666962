"""The page of the exposure of what nobody has seen: how many, at what price in each book, and what may come in."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from compliance.admin.asked import asked_of, boxes
from compliance.models import Book
from compliance.reports.charts.waterfall import words
from compliance.selectors.hidden_exposure import NOTHING, Expected, Hidden, Question, hidden_exposure
from compliance.selectors.hidden_rows import KINDS, SPLIT, HiddenRow
from registry.admin.words import money_words

NEEDED = (
    "compliance.view_finding",
    "compliance.view_exposure",
    "compliance.view_book",
    "compliance.view_estimate",
    "compliance.view_case",
    "compliance.view_fine",
    "compliance.view_payment",
    "registry.view_sighting",
)
MOST_MONTHS, MOST_HAZARD, MOST_CV = 120, 10, 2
SHOWN_LEVELS = (0.05, 0.5, 0.95)


def hidden_page(request: HttpRequest, **_: Any) -> HttpResponse:
    """Computed when it is asked for; refused to those who may not read all that it is counted from."""
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied
    asked = asked_of(request)
    question = Question(
        day=asked.day,
        territory=asked.territory,
        months=int(asked.number("months", 1, MOST_MONTHS, 12) or 12),
        hazard=asked.number("hazard", 0, MOST_HAZARD, None),
        common_cv=asked.number("cv", 0, MOST_CV, 0.0) or 0.0,
    )
    books = [asked.book] if asked.book else list(Book.objects.select_related("pack").order_by("kind", "code"))
    found = hidden_exposure(question, asked.estimate, books)
    context = {
        **admin.site.each_context(request),
        "title": "Exposure of what nobody has seen",
        **boxes(asked),
        "months": question.months,
        "cv": question.common_cv,
        "unregistered": words(found.unregistered),
        "on_file": found.on_file,
        "unseen": words(found.unseen),
        "why": found.unseen.why,
        "hazard": found.hazard,
        "per_month": "" if found.hazard.per_month is None else f"{1000 * found.hazard.per_month:.3g}",
        "chance": "" if found.hazard.probability is None else f"{100 * found.hazard.probability:.2g} %",
        **_sentences(found),
        "rows": [_row(row, found.books) for row in found.rows if row.currency],
        "expected": [_expected(each, found.books) for each in found.expected],
        "known": [
            {
                "book": found.books[each.book].title,
                "findings": each.findings,
                "amount": _span(each.low, each.high, each.currency) if each.currency else "no known amount",
            }
            for each in found.known
        ],
        "in_fact": [
            {
                "fines": each.fines,
                "assessed": money_words(each.assessed, each.currency),
                "collected": money_words(each.collected, each.currency),
            }
            for each in found.in_fact
        ],
    }
    return TemplateResponse(request, "compliance/hidden_exposure.html", context)


def _sentences(found: Hidden) -> dict[str, Any]:
    """What each book says; those that price no duty here, as the books of other countries do not, stand apart."""
    told = [
        {"kind": book.get_kind_display(), "sentence": sentence, "pack": book.pack.title, "silent": NOTHING in sentence}
        for book, sentence in zip(found.books.values(), found.sentences, strict=True)
    ]
    return {
        "sentences": [each for each in told if not each["silent"]],
        "silent": [each for each in told if each["silent"]],
    }


def _row(row: HiddenRow, books: dict[str, Book]) -> dict[str, Any]:
    name = "All of them" if row.name == "all" else KINDS.get(row.name) or size_words(row.name)
    figures = row.figures
    return {
        "book": books[row.book].title,
        "name": f"{name}, split as those sighted" if row.how == SPLIT else name,
        "operations": words(row.operations),
        "each": _span(row.each_low, row.each_high, row.currency),
        "amount": "not known" if figures is None else _span(figures.low, figures.high, row.currency),
        "best": ""
        if figures is None or figures.best_low is None
        else _span(figures.best_low, figures.best_high, row.currency),
        "grade": row.grade,
        "words": row.words,
    }


def size_words(name: str) -> str:
    """A size class or kinds of miner as people say it: “under 15 kW”, “1000 kW and more”, “kind unknown”."""
    parts = []
    for each in name.split(" + "):
        if each in KINDS:
            parts.append(KINDS[each])
        elif each.endswith(" unknown") or each[-2:] == "kW" or "kW " in each:
            parts.append(each)
        elif each == "unknown":
            parts.append("size not known")
        elif each.endswith("_up"):
            parts.append(f"{each.removesuffix('_up')} kW and more")
        else:
            parts.append(f"{each.replace('_', ' ')} kW")
    return " and ".join(parts)


def _expected(each: Expected, books: dict[str, Book]) -> dict[str, Any]:
    figures = each.figures
    levels = {at.level: at.amount for at in figures.quantiles}
    return {
        "of": "Known breaches" if each.of == "known" else "What nobody has seen",
        "book": books[each.book].title,
        "units": figures.units,
        "mean": f"{figures.mean:,.0f} {each.currency}",
        "sd": f"{figures.sd:,.0f}",
        "levels": [f"{levels[level]:,.0f}" for level in SHOWN_LEVELS],
        "how": figures.how,
        "grade": each.grade,
    }


def _span(low: Decimal | None, high: Decimal | None, currency: str) -> str:
    if low is None or high is None:
        return "not known"
    return f"{high:,.0f} {currency}" if low == high else f"{low:,.0f} – {high:,.0f} {currency}"
