"""Registers and registrations in the admin."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.filters import OnDayFilter
from registry.admin.words import period_words
from registry.choices import RegistrationStatus
from registry.models import Register, Registration

COLOURS = {
    RegistrationStatus.APPLIED.label: "info",
    RegistrationStatus.ACTIVE.label: "success",
    RegistrationStatus.SUSPENDED.label: "warning",
    RegistrationStatus.REFUSED.label: "danger",
    RegistrationStatus.EXCLUDED.label: "danger",
}


@admin.register(Register)
class RegisterAdmin(NounAdmin):
    list_display = ("code", "name", "kind", "territory", "keeper")
    list_select_related = ("territory",)
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("=code", "code", "name")
    search_help_text = "Part of the code or words of the name."
    ordering = ("code",)
    sortable_by = None
    autocomplete_fields = ("territory",)
    fields = ("code", "name", "kind", "territory", "keeper")

    def has_delete_permission(self, request: HttpRequest, obj: Register | None = None) -> bool:
        """Never: every registration hangs on its register."""
        return False


@admin.register(Registration)
class RegistrationAdmin(NounAdmin):
    list_display = ("label", "miner", "register", "state", "lasts", "applied_on")
    list_select_related = ("miner", "register")
    list_filter = (
        ("register", AutocompleteSelectFilter),
        ("status", ChoicesDropdownFilter),
        ("period", OnDayFilter),
        ("applied_on", RangeDateFilter),
    )
    search_fields = ("=number",)
    search_miner = "miner"
    search_help_text = "The registration's number in full, or the miner's number or name."
    autocomplete_fields = ("register", "miner")
    known_days = ("applied_on", "period")
    fieldsets = ((None, {"fields": (("register", "miner"), ("status", "number"), ("applied_on", "period"), "reason")}),)

    @display(description="number")
    def label(self, registration: Registration) -> str:
        return registration.number or "no number yet"

    @display(description="status", label=COLOURS)
    def state(self, registration: Registration) -> str:
        return registration.get_status_display()

    @display(description="in the register")
    def lasts(self, registration: Registration) -> str:
        return period_words(registration.period)
