"""Sightings in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.filters import WithinTerritoryFilter
from registry.admin.refusals import refusals_at
from registry.models import Sighting
from registry.services.lists import list_of_sighting


class SightingForm(forms.ModelForm):
    class Meta:
        model = Sighting
        fields = ("kind", "list")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "list" in self.fields:
            self.fields["list"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") and "list" not in self.errors and "list" in self.fields:
            with refusals_at(self):
                cleaned["list"] = list_of_sighting(kind=cleaned["kind"], given=cleaned.get("list"))
        return cleaned


@admin.register(Sighting)
class SightingAdmin(NounAdmin):
    form = SightingForm
    list_display = ("label", "list", "seen_on", "territory", "who", "power_kw")
    list_select_related = ("list", "territory", "miner")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("list", AutocompleteSelectFilter),
        ("territory", WithinTerritoryFilter),
        ("seen_on", RangeDateFilter),
    )
    search_fields = ("=reference", "=metering_point")
    search_miner = "miner"
    search_help_text = "A report's number or a metering point in full, or the miner's number or name."
    autocomplete_fields = ("list", "territory", "miner")
    known_days = ("seen_on",)
    fieldsets = (
        (None, {"fields": (("kind", "list"), ("seen_on", "territory"), ("source", "reference"), "miner")}),
        (
            "What was seen",
            {"fields": (("name", "address"), ("metering_point", "power_kw"), ("device_count", "url"), "note")},
        ),
    )

    @display(description="report")
    def label(self, sighting: Sighting) -> str:
        return str(sighting)

    @display(description="miner")
    def who(self, sighting: Sighting) -> str:
        return str(sighting.miner) if sighting.miner else sighting.name or "nobody known"
