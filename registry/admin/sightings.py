"""Sightings in the admin."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.filters import WithinTerritoryFilter
from registry.models import Sighting


@admin.register(Sighting)
class SightingAdmin(NounAdmin):
    list_display = ("label", "kind", "seen_on", "territory", "who", "power_kw")
    list_select_related = ("territory", "miner")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("territory", WithinTerritoryFilter),
        ("seen_on", RangeDateFilter),
    )
    search_fields = ("=reference", "=metering_point")
    search_miner = "miner"
    search_help_text = "A report's number or a metering point in full, or the miner's number or name."
    autocomplete_fields = ("territory", "miner")
    known_days = ("seen_on",)
    fieldsets = (
        (None, {"fields": (("kind", "seen_on"), ("source", "reference"), ("territory", "miner"))}),
        ("What was seen", {"fields": (("metering_point", "power_kw"), ("device_count", "url"), "note")}),
    )

    @display(description="report")
    def label(self, sighting: Sighting) -> str:
        return str(sighting)

    @display(description="miner")
    def who(self, sighting: Sighting) -> str:
        return str(sighting.miner) if sighting.miner else "nobody known"
