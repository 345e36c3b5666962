"""Lists in the admin: who sees mining, where and when, and what being on the list depends on."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin
from registry.admin.refusals import refusals_at
from registry.admin.words import period_words
from registry.models import SightingList
from registry.services.lists import list_check


class SightingListForm(forms.ModelForm):
    class Meta:
        model = SightingList
        fields = ("kind", "everywhere", "territories")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and {"kind", "everywhere"} <= cleaned.keys():
            # The form has put the new values into its row already.
            row = SightingList.objects.filter(pk=self.instance.pk).first()
            with refusals_at(self):
                list_check(
                    kind=cleaned["kind"],
                    everywhere=cleaned["everywhere"],
                    territories=list(cleaned.get("territories") or ()),
                    row=row,
                )
        return cleaned


@admin.register(SightingList)
class SightingListAdmin(NounAdmin):
    form = SightingListForm
    list_display = ("name", "code", "kind", "conditional_on_unregistered", "random_sample", "everywhere", "kept")
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("=code", "name")
    search_help_text = "A list's code in full, or part of its name."
    autocomplete_fields = ("territories",)
    ordering = ("code",)
    fieldsets = (
        (None, {"fields": (("code", "kind"), "name", "window", "note")}),
        ("What being on it depends on", {"fields": ("conditional_on_unregistered", "random_sample")}),
        ("Where it sees", {"fields": ("everywhere", "territories")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The list of the register stays: every rate is measured against it."""
        return super().has_delete_permission(request, obj) and not (obj and obj.is_register)

    @display(description="window")
    def kept(self, row: SightingList) -> str:
        return period_words(row.window)
