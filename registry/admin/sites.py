"""Sites in the admin, with the devices that stand there."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter, BooleanRadioFilter, ChoicesDropdownFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin, NounInline
from registry.admin.filters import OnDayFilter, WithinTerritoryFilter
from registry.admin.words import period_words
from registry.models import Device, Site


class DeviceInline(NounInline):
    model = Device
    autocomplete_fields = ("model",)
    known_days = ("period",)
    fields = ("model", "serial_number", "quantity", "period")
    tab = False
    hide_title = True


@admin.register(Site)
class SiteAdmin(NounAdmin):
    list_display = ("name", "miner", "territory", "metering_point", "capacity_kw", "lasts")
    list_select_related = ("miner", "territory")
    list_filter = (
        ("territory", WithinTerritoryFilter),
        ("off_grid", BooleanRadioFilter),
        ("data_centre", BooleanRadioFilter),
        ("land_use", ChoicesDropdownFilter),
        ("host", AutocompleteSelectFilter),
        ("period", OnDayFilter),
    )
    search_fields = ("=metering_point",)
    search_miner = "miner"
    search_help_text = "A metering point in full, or the miner's number or name."
    autocomplete_fields = ("miner", "territory", "host")
    known_days = ("period", "disclosed_on")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("miner", "name"),
                    ("territory", "address"),
                    ("metering_point", "capacity_kw"),
                    ("off_grid", "period"),
                )
            },
        ),
        (
            "What some laws ask",
            {"fields": (("interruptible_percent", "land_use"), "data_centre", ("host", "disclosed_on"))},
        ),
    )
    inlines = (DeviceInline,)

    @display(description="period")
    def lasts(self, site: Site) -> str:
        return period_words(site.period)
