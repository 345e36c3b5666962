"""Filters for big lists: each is answered by an index or a short list of words, none by reading the table."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminTextInputWidget


class WithinTerritoryFilter(AutocompleteSelectFilter):
    """A territory with everything below it: picking a region finds what is filed under its municipalities."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        try:
            return queryset.filter(**{f"{self.field_path}__above__ancestor": self.value()})
        except (ValueError, ValidationError) as error:
            raise IncorrectLookupParameters(error) from error


class DayInput(forms.DateInput):
    """The browser's own calendar: the panel of filters has no other."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs=UnfoldAdminTextInputWidget().attrs, format="%Y-%m-%d")


class OnDayForm(forms.Form):
    def __init__(self, *, name: str, label: str, data: dict[str, Any]) -> None:
        super().__init__(data)
        self.fields[name] = forms.DateField(label=label, required=False, widget=DayInput())


class OnDayFilter(admin.FieldListFilter):
    """What a period covers on one day."""

    template = "unfold/filters/filters_field.html"
    form_class = OnDayForm

    def __init__(self, field: Any, *args: Any, **kwargs: Any) -> None:
        self.parameter = f"{field.name}_on"
        super().__init__(field, *args, **kwargs)

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter]

    def value(self) -> str:
        given = self.used_parameters.get(self.parameter) or ""
        return str(given[-1] if isinstance(given, list) else given)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        try:
            day = dt.date.fromisoformat(self.value())
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error
        return queryset.filter(**{f"{self.field_path}__contains": day})

    def choices(self, changelist: Any) -> Iterator[Any]:
        form = self.form_class(
            name=self.parameter, label=f"{str(self.title).capitalize()} on the day", data={self.parameter: self.value()}
        )
        yield {"form": form}
