"""Miners in the admin, with their identifiers, owners and sites on one page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminSelectWidget

from registry.admin.accounts import AccountForm
from registry.admin.base import NounAdmin, NounInline
from registry.admin.filters import OnDayFilter, WithinTerritoryFilter
from registry.admin.refusals import refusals_at
from registry.admin.search import miners_found
from registry.admin.words import period_words
from registry.models import Account, Identifier, Impediment, Miner, Ownership, Registration, Site
from registry.services.identifiers import SCHEMES, identifier_clean, kind_mismatch, scheme_titles


class IdentifierForm(forms.ModelForm):
    class Meta:
        model = Identifier
        fields = ("scheme", "value")
        widgets = {"scheme": UnfoldAdminSelectWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.scheme
        others = [(stored, stored)] if stored and stored not in SCHEMES else []
        scheme: Any = self.fields["scheme"]
        scheme.widget.choices = [("", "Which number?"), *scheme_titles(), *others]
        scheme.help_text = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        scheme, value = cleaned.get("scheme"), cleaned.get("value")
        if scheme and value:
            with refusals_at(self):
                cleaned["value"] = identifier_clean(scheme, value)
        return cleaned


class IdentifierFormSet(PaginationInlineFormSet):
    """Also holds each number against the kind of miner on the same page: a person's INN is no company's."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            cleaned = getattr(form, "cleaned_data", {})
            scheme, value = cleaned.get("scheme"), cleaned.get("value")
            if scheme and value and not cleaned.get("DELETE"):
                sentence = kind_mismatch(self.instance.kind, scheme, value)
                if sentence:
                    form.add_error("value", sentence)


class IdentifierInline(NounInline):
    model = Identifier
    form = IdentifierForm
    formset = IdentifierFormSet
    tab = False
    verbose_name = "identifier"
    hide_title = True
    show_change_link = False

    def get_extra(self, request: HttpRequest, obj: Miner | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1


class OwnershipInline(NounInline):
    model = Ownership
    fk_name = "miner"
    autocomplete_fields = ("owner", "owner_country")
    fields = ("owner", "owner_name", "owner_country", "share_percent", "period")
    verbose_name = "owner"
    verbose_name_plural = "owners"
    show_change_link = False


class SiteInline(NounInline):
    model = Site
    fk_name = "miner"
    autocomplete_fields = ("territory", "host")
    known_days = ("period",)
    fields = ("name", "territory", "metering_point", "capacity_kw", "off_grid", "host", "period")


class RegistrationInline(NounInline):
    model = Registration
    autocomplete_fields = ("register",)
    known_days = ("applied_on", "period")
    fields = ("register", "status", "number", "applied_on", "period")


class AccountInline(NounInline):
    model = Account
    form = AccountForm
    fields = ("year", "turnover", "gain", "damage", "currency", "source")


class ImpedimentInline(NounInline):
    """Left out, as every inline is, for those without the permission to see its noun."""

    model = Impediment
    past_days = ("period",)
    fields = ("kind", "source", "period")


@admin.register(Miner)
class MinerAdmin(NounAdmin):
    list_display = ("name", "kind", "territory", "numbers", "operating_from")
    list_select_related = ("territory",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("territory", WithinTerritoryFilter),
        ("operating", OnDayFilter),
    )
    search_fields = ("name",)
    search_help_text = "A number in full (7707083893 or ru.inn=7707083893), or words of the name."
    autocomplete_fields = ("territory", "country")
    known_days = ("operating",)
    fieldsets = ((None, {"fields": ("name", "kind", "territory", "operating", "country", "note")}),)
    inlines = (IdentifierInline, RegistrationInline, SiteInline, OwnershipInline, AccountInline, ImpedimentInline)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("identifiers")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        if not search_term.strip():
            return queryset, False
        return queryset & miners_found(search_term), False

    @display(description="identifiers")
    def numbers(self, miner: Miner) -> str:
        return ", ".join(str(identifier) for identifier in miner.identifiers.all())

    @display(description="operating")
    def operating_from(self, miner: Miner) -> str:
        return period_words(miner.operating)
