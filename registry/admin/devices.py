"""Device models and devices in the admin."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeNumericFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.filters import OnDayFilter
from registry.admin.words import period_words
from registry.models import Device, DeviceModel


@admin.register(DeviceModel)
class DeviceModelAdmin(NounAdmin):
    list_display = ("maker", "name", "algorithm", "hashrate", "hashrate_unit", "power_w", "released_month")
    list_display_links = ("maker", "name")
    list_filter = (("power_w", RangeNumericFilter),)
    search_fields = ("maker", "name", "algorithm")
    search_help_text = "Words of the maker, the model or the algorithm."
    ordering = ("maker", "name")
    sortable_by = None

    def has_delete_permission(self, request: HttpRequest, obj: DeviceModel | None = None) -> bool:
        """Never: looking for the devices of a model would read all devices."""
        return False


@admin.register(Device)
class DeviceAdmin(NounAdmin):
    list_display = ("label", "model", "quantity", "site", "lasts")
    list_select_related = ("model", "site")
    list_filter = (("model", AutocompleteSelectFilter), ("period", OnDayFilter))
    search_fields = ("=serial_number", "=site__metering_point")
    search_miner = "site__miner"
    search_help_text = "A serial number or metering point in full, or the miner's number or name."
    autocomplete_fields = ("site", "model")
    known_days = ("period",)
    fieldsets = ((None, {"fields": (("site", "model"), ("serial_number", "quantity"), "period")}),)

    @display(description="device")
    def label(self, device: Device) -> str:
        return str(device)

    @display(description="at the site")
    def lasts(self, device: Device) -> str:
        return period_words(device.period)
