"""The page of the waterfall: a chart and a table for each of its three wholes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe

from compliance.admin.asked import asked_of, boxes
from compliance.estimates.waterfall import Quantity, Step
from compliance.models import Norm
from compliance.reports.charts.waterfall import waterfall_chart_svg, words
from compliance.selectors.waterfall import waterfall_of
from registry.admin.words import money_words

WIDE, NARROW = 900, 330
NORM = "norm "
NEEDED = (
    "compliance.view_registrationrate",
    "compliance.view_exposure",
    "compliance.view_estimate",
    "compliance.view_case",
    "compliance.view_fine",
    "compliance.view_payment",
    "registry.view_declaration",
    "registry.view_reading",
)


def waterfall_page(request: HttpRequest, **_: Any) -> HttpResponse:
    """Computed when it is asked for; refused to those who may not read all that it is counted from."""
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied
    asked = asked_of(request)
    found = waterfall_of(asked.day, territory=asked.territory, estimate=asked.estimate, book=asked.book)
    norms = norm_names(found.steps)
    groups = [
        {
            "whole": step_words(step, norms),
            # Drawn here; the chart takes no words that anybody entered.
            "wide": mark_safe(waterfall_chart_svg(step, found.parts(step.code), width=WIDE)),
            "narrow": mark_safe(waterfall_chart_svg(step, found.parts(step.code), width=NARROW)),
            "parts": [step_words(part, norms) for part in found.parts(step.code)],
        }
        for step in found.steps
        if not step.of
    ]
    context = {**admin.site.each_context(request), "title": "Waterfall", **boxes(asked), "groups": groups}
    return TemplateResponse(request, "compliance/waterfall.html", context)


def norm_names(steps: Iterable[Step]) -> dict[str, str]:
    """The norms among what the steps rest on, which names them by code, with their titles."""
    codes = {source.removeprefix(NORM) for step in steps for source in step.sources if source.startswith(NORM)}
    named = Norm.objects.filter(code__in=codes).values_list("code", "title")
    return {f"{NORM}{code}": f"{NORM}“{title}”" for code, title in named}


def step_words(step: Step, norms: Mapping[str, str]) -> dict[str, Any]:
    lacking = step.lacking_kwh
    return {
        "code": step.code,
        "title": step.title,
        "operations": words(step.operations),
        "why": step.operations.why,
        "energy": f"{words(step.energy_kwh)} kWh" if step.energy_kwh.low is not None else "not known",
        "energy_why": step.energy_kwh.why,
        "lacking": "" if lacking is None or not _any(lacking) else f"{words(lacking)} kWh not declared",
        "money": [
            money_words(each.high, each.currency)
            if each.low == each.high
            else f"{each.low:,.0f} – {money_words(each.high, each.currency)}"
            for each in step.money
        ],
        "unpriced": step.unpriced,
        "no_money": step.no_money,
        "grade": step.grade,
        "note": step.note,
        "sources": ", ".join(norms.get(source, source) for source in step.sources),
    }


def _any(quantity: Quantity) -> bool:
    return quantity.low is None or quantity.low > 0
