"""Registration rates and exposure, cell by cell, as they were last computed."""

from typing import Any

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from compliance.admin.hidden_exposure import hidden_page
from compliance.admin.waterfall import waterfall_page
from compliance.models import Exposure, RegistrationRate, Undetermined
from registry.admin.base import ReadOnlyAdmin
from registry.admin.filters import WithinTerritoryFilter
from registry.admin.words import money_words
from registry.choices import MinerKind

KINDS = dict(MinerKind.choices)


def share_words(part: int, whole: int) -> str:
    """“12.5 % (25 of 200)”: never a share without its two counts."""
    if not whole:
        return "— (none)"
    return f"{part / whole * 100:.1f} % ({part:,} of {whole:,})"


@admin.register(RegistrationRate)
class RegistrationRateAdmin(ReadOnlyAdmin):
    list_display = ("as_of", "territory", "kind_name", "of_file", "of_obliged", "of_sighted")
    list_select_related = ("territory",)
    list_filter = (("territory", WithinTerritoryFilter), ("as_of", RangeDateFilter))
    search_fields = ("=territory__code", "territory__name")
    search_help_text = "A territory's code in full, or words of its name."
    ordering = ("-as_of", "territory", "kind")

    @display(description="kind")
    def kind_name(self, cell: RegistrationRate) -> str:
        return str(KINDS.get(MinerKind(cell.kind), cell.kind)) if cell.kind else "nobody known"

    @display(description="registered of those on file")
    def of_file(self, cell: RegistrationRate) -> str:
        return share_words(cell.registered, cell.on_file)

    @display(description="of those obliged")
    def of_obliged(self, cell: RegistrationRate) -> str:
        return share_words(cell.obliged_registered, cell.obliged)

    @display(description="of operations sighted")
    def of_sighted(self, cell: RegistrationRate) -> str:
        return share_words(cell.sighted_registered, cell.sighted)


@admin.register(Exposure)
class ExposureAdmin(ReadOnlyAdmin):
    list_display = ("norm", "territory", "kind", "occurrence", "findings", "priced", "book")
    list_select_related = ("norm", "territory", "book")
    list_filter = (
        ("book", AutocompleteSelectFilter),
        ("territory", WithinTerritoryFilter),
        ("kind", ChoicesDropdownFilter),
        ("norm", AutocompleteSelectFilter),
    )
    search_fields = ("=territory__code", "territory__name")
    search_help_text = "A territory's code in full, or words of its name."

    def get_custom_urls(self) -> Any:
        return (
            ("waterfall/", "compliance_exposure_waterfall", waterfall_page),
            ("hidden/", "compliance_exposure_hidden", hidden_page),
        )

    @display(description="amount, lowest to highest")
    def priced(self, cell: Exposure) -> str:
        if cell.amount_low is None or cell.amount_high is None:
            return "unpriced"
        return f"{cell.amount_low:,.0f} to {money_words(cell.amount_high, cell.currency)}"


@admin.register(Undetermined)
class UndeterminedAdmin(ReadOnlyAdmin):
    list_display = ("norm", "territory", "kind", "missing_fact", "miners")
    list_select_related = ("norm", "territory")
    list_filter = (
        ("norm", AutocompleteSelectFilter),
        ("territory", WithinTerritoryFilter),
        ("kind", ChoicesDropdownFilter),
    )
    search_fields = ("missing_fact",)
    search_help_text = "Words of the missing fact."
