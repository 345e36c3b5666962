"""Accounts, what is known in money of a miner's year, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeNumericFilter

from registry.admin.base import NounAdmin
from registry.admin.periods import begun_year
from registry.models import Account
from registry.services.words import CURRENCY


class AccountForm(forms.ModelForm):
    class Meta:
        model = Account
        fields = ("miner", "year", "turnover", "gain", "damage", "currency", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "year" in self.fields:
            self.fields["year"].validators.append(begun_year)

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if not CURRENCY.fullmatch(currency):
            raise forms.ValidationError("Give the currency by its three letters, such as RUB.", code="not_a_currency")
        return currency


@admin.register(Account)
class AccountAdmin(NounAdmin):
    form = AccountForm
    list_display = ("miner", "year", "turnover", "gain", "damage", "currency", "source")
    list_select_related = ("miner",)
    list_filter = (("year", RangeNumericFilter), ("miner", AutocompleteSelectFilter))
    search_fields = ()
    search_miner = "miner"
    search_help_text = "The miner's number or name."
    autocomplete_fields = ("miner",)
    fieldsets = ((None, {"fields": (("miner", "year"), ("turnover", "gain"), ("damage", "currency"), "source")}),)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("miner__name",)  # so that the search box is there; the search goes by `search_miner`
