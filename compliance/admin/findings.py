"""Findings: computed breaches, each with the facts, the norm and the penalties that explain it."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from compliance.models import Finding
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

    @display(description="lasts")
    def lasts(self, finding: Finding) -> str:
        return period_words(finding.valid)
