"""Territories in the admin: loaded from ISO 3166; a clerk adds municipalities and own codes below them."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from registry.admin.base import NounAdmin
from registry.admin.filters import WithinTerritoryFilter
from registry.models import Territory


@admin.register(Territory)
class TerritoryAdmin(NounAdmin):
    list_display = ("code", "name", "kind", "parent")
    list_select_related = ("parent",)
    list_filter = (("kind", ChoicesDropdownFilter), ("parent", WithinTerritoryFilter))
    search_fields = ("=code", "code", "name")
    search_help_text = "A code such as RU-IRK, or words of the name."
    ordering = ("code",)
    sortable_by = ("code",)
    autocomplete_fields = ("parent",)
    fields = ("code", "name", "kind", "parent")

    def has_delete_permission(self, request: HttpRequest, obj: Territory | None = None) -> bool:
        """Never: too much of the register hangs on them."""
        return False
