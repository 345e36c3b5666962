"""Impediments in the admin; only those see them who hold the permission on this very noun."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.filters import OnDayFilter
from registry.admin.words import period_words
from registry.models import Impediment


@admin.register(Impediment)
class ImpedimentAdmin(NounAdmin):
    list_display = ("miner", "kind", "source", "lasts")
    list_select_related = ("miner",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("miner", AutocompleteSelectFilter),
        ("period", OnDayFilter),
    )
    search_fields = ("=source",)
    search_miner = "miner"
    search_help_text = "The document's name in full, or the miner's number or name."
    autocomplete_fields = ("miner",)
    past_days = ("period",)
    fieldsets = ((None, {"fields": (("miner", "kind"), "source", "period")}),)

    @display(description="in effect")
    def lasts(self, impediment: Impediment) -> str:
        return period_words(impediment.period)
