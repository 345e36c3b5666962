"""Declarations of mined currency in the admin."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.periods import MonthField, began_already
from registry.models import Declaration


@admin.register(Declaration)
class DeclarationAdmin(NounAdmin):
    list_display = ("miner", "for_month", "amount", "currency", "declared_on")
    list_select_related = ("miner",)
    list_filter = (("month", RangeDateFilter), ("declared_on", RangeDateFilter))
    search_fields = ()
    search_miner = "miner"
    search_help_text = "The miner's number or name."
    autocomplete_fields = ("miner",)
    known_days = ("declared_on",)
    fieldsets = ((None, {"fields": (("miner", "month"), ("currency", "amount"), "declared_on")}),)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("miner__name",)  # so that the search box is there; the search goes by `search_miner`

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "month":
            return MonthField(label="Month", validators=[began_already])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="month")
    def for_month(self, declaration: Declaration) -> str:
        return f"{declaration.month:%Y-%m}"
