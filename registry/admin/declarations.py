"""Declarations of mined currency in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from registry.admin.base import NounAdmin
from registry.admin.periods import MonthField, began_already
from registry.models import Declaration
from registry.services.words import CONTENT

COVERED = [(1, "1 month"), (3, "3 months (a quarter)"), (12, "12 months (a year)")]


class ContentsField(forms.Field):
    """A list of words, typed with spaces between; `none` is a list without any, empty is not known."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = UnfoldAdminTextInputWidget(attrs={"placeholder": "addresses"})
        kwargs["help_text"] = "Words with spaces between, such as addresses; none for nothing; empty where not known."
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) or "none" if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str] | None:
        words = str(value or "").lower().replace(",", " ").split()
        wrong = [word for word in words if not CONTENT.fullmatch(word)]
        if wrong:
            raise ValidationError(f"“{wrong[0]}” is not a word such as addresses.", code="not_a_word")
        return ([] if words == ["none"] else sorted(set(words))) if words else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


@admin.register(Declaration)
class DeclarationAdmin(NounAdmin):
    list_display = ("miner", "for_month", "amount", "currency", "energy_kwh", "declared_on")
    list_select_related = ("miner",)
    list_filter = (("month", RangeDateFilter), ("declared_on", RangeDateFilter))
    search_fields = ()
    search_miner = "miner"
    search_help_text = "The miner's number or name."
    autocomplete_fields = ("miner",)
    known_days = ("declared_on",)
    fieldsets = (
        (None, {"fields": (("miner", "declared_on"), ("month", "months"), ("currency", "amount"))}),
        ("What else it held", {"fields": (("energy_kwh", "contents"),)}),
    )

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("miner__name",)  # so that the search box is there; the search goes by `search_miner`

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "month":
            return MonthField(label="Month", validators=[began_already])
        if db_field.name == "months":
            return forms.TypedChoiceField(
                label="Covers", choices=COVERED, coerce=int, initial=1, widget=UnfoldAdminSelectWidget()
            )
        if db_field.name == "contents":
            return ContentsField(label="Contents", required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="month")
    def for_month(self, declaration: Declaration) -> str:
        return f"{declaration.month:%Y-%m}" + ("" if declaration.months == 1 else f", {declaration.months} months")
