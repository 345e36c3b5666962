"""Findings: computed breaches, each with the facts, the norm and the penalties that explain it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from compliance.admin.links import SEES_IMPEDIMENTS, explanation_for_page
from compliance.models import Finding
from compliance.selectors.explanations import explain
from registry.admin.base import ReadOnlyAdmin
from registry.admin.filters import OnDayFilter, WithinTerritoryFilter
from registry.admin.words import period_words


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ("miner", "norm", "lasts", "territory", "kind")
    list_select_related = ("miner", "norm", "territory")
    list_filter = (
        ("norm", AutocompleteSelectFilter),
        ("territory", WithinTerritoryFilter),
        ("kind", ChoicesDropdownFilter),
        ("valid", OnDayFilter),
    )
    search_fields = ("=norm__code",)
    search_miner = "miner"
    search_help_text = "The miner's number or name, or a norm's code in full."
    fields = (("miner", "norm"), ("lasts", "site"), ("territory", "kind"), "recorded_at")
    readonly_fields = ("lasts",)
    change_form_outer_before_template = "compliance/finding.html"

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        finding = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if finding is not None:
            start = {"miner": finding.miner_id, "norm": finding.norm_id, "finding": finding.pk}
            context |= {
                "breach": explanation_for_page(
                    explain(finding.pk, timezone.localdate(), impediments=request.user.has_perm(SEES_IMPEDIMENTS))
                ),
                "open_case_url": f"{reverse('admin:compliance_case_add')}?{urlencode(start)}",
            }
        return super().change_view(request, object_id, form_url, context)

    @display(description="lasts")
    def lasts(self, finding: Finding) -> str:
        return period_words(finding.valid)
