"""Meter readings in the admin."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.periods import MonthField, began_already
from registry.models import Reading


@admin.register(Reading)
class ReadingAdmin(NounAdmin):
    list_display = ("metering_point", "for_month", "energy_kwh")
    list_filter = (("month", RangeDateFilter), ("energy_kwh", RangeNumericFilter))
    search_fields = ("=metering_point",)
    search_help_text = "A metering point in full."
    fields = ("metering_point", "month", "energy_kwh")

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "month":
            return MonthField(label="Month", validators=[began_already])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="month")
    def for_month(self, reading: Reading) -> str:
        return f"{reading.month:%Y-%m}"
