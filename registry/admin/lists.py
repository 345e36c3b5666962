"""Lists in the admin: who sees mining, where and when, and what being on the list depends on."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.words import period_words
from registry.models import SightingList


@admin.register(SightingList)
class SightingListAdmin(NounAdmin):
    list_display = ("name", "code", "kind", "conditional_on_unregistered", "random_sample", "everywhere", "kept")
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("=code", "name")
    search_help_text = "A list's code in full, or part of its name."
    autocomplete_fields = ("territories",)
    ordering = ("code",)
    fieldsets = (
        (None, {"fields": (("code", "kind"), "name", "window", "note")}),
        ("What being on it depends on", {"fields": ("conditional_on_unregistered", "random_sample")}),
        ("Where it sees", {"fields": ("everywhere", "territories")}),
    )

    @display(description="window")
    def kept(self, row: SightingList) -> str:
        return period_words(row.window)
