"""Claims: what others said about the size of mining, loaded from the packs or entered by a clerk."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from compliance.admin.norms import link
from compliance.estimates.claims import Reason, Verdict, apart_words
from compliance.models import Claim
from compliance.selectors.claims import Compared, compared
from compliance.services.claims import claim_keep, claim_of_pack
from registry.admin.base import NounAdmin
from registry.admin.filters import WithinTerritoryFilter
from registry.admin.paging import CappedChangeList
from registry.admin.refusals import refusals_at

COLOURS = {
    Verdict.INSIDE: ("inside", "success"),
    Verdict.OVERLAPS: ("overlaps", "info"),
    Verdict.BELOW: ("below ours", "warning"),
    Verdict.ABOVE: ("above ours", "warning"),
    Verdict.NOT_COMPARED: ("not compared", "default"),
}


def verdict_words(found: Compared) -> str:
    """The verdict as a tag; where our nearest estimate is of another time, how far away that is."""
    if found.reason == Reason.FAR:
        return f"not comparable: our nearest month is {apart_words(found.months_apart)}"
    return COLOURS[found.verdict][0]


def figure_words(claim: Claim) -> str:
    """The claimed figure as it was said: a share as a percentage, anything else with its unit."""
    ends = [end for end in (claim.low, claim.high) if end is not None]
    if not ends:
        return "no figure"
    if claim.unit == "share":
        shown = [f"{end * 100:.1f}".rstrip("0").rstrip(".") + " %" for end in ends]
    else:
        shown = [f"{end:,.6f}".rstrip("0").rstrip(".") for end in ends]
    words = shown[0] if len(set(shown)) == 1 else " to ".join(shown)
    return words if claim.unit == "share" else f"{words} {claim.unit}"


class ClaimChangeList(CappedChangeList):
    """The claims of one page are held against our figures at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: Any = list(self.result_list)  # type: ignore[has-type]
        for claim, found in zip(rows, compared(rows), strict=True):
            claim.beside = found
        self.result_list = rows


class ClaimForm(forms.ModelForm):
    """A claim of a code that packs use is refused here as everywhere."""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        with refusals_at(self):
            claim_keep(code=given.get("code", ""))
        return given


@admin.register(Claim)
class ClaimAdmin(NounAdmin):
    form = ClaimForm
    sortable_by = None
    list_display = ("said_on", "said_by", "about", "figure", "beside_ours", "territory", "confidence")
    list_display_links = ("said_on", "said_by")
    list_select_related = ("territory",)
    list_filter = (
        ("territory", WithinTerritoryFilter),
        ("said_on", RangeDateFilter),
        ("confidence", ChoicesDropdownFilter),
    )
    search_fields = ("said_by", "statement", "quote", "code")
    search_help_text = "Words of who said it or of what was said."
    ordering = ("-said_on",)
    autocomplete_fields = ("territory",)
    past_days = ("said_on",)
    fields = (
        ("said_by", "said_on"),
        ("where_said", "about_on"),
        "statement",
        "quote",
        ("low", "high", "unit"),
        ("bounds", "territory", "confidence"),
        "url",
        "code",
    )

    def get_fields(self, request: HttpRequest, obj: Claim | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return (
            ("said_by", "said_on"),
            ("where_said", "about_on"),
            "statement",
            "quote",
            ("figure", "bounds"),
            "comparison",
            ("territory", "confidence"),
            "source",
            "code",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Claim | None = None) -> Any:
        return (
            ("figure", "source", "comparison")
            if obj is not None and not self.has_change_permission(request, obj)
            else ()
        )

    def has_change_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        """A pack's claims are changed in the pack."""
        return super().has_change_permission(request, obj) and not (obj and claim_of_pack(obj.code))

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and claim_of_pack(obj.code))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CappedChangeList]:
        return ClaimChangeList

    @display(description="beside ours", label=dict(COLOURS.values()))
    def beside_ours(self, claim: Any) -> str:
        found = claim.beside
        if found.reason == Reason.FAR:
            return f"not compared: {abs(found.months_apart)} months apart"
        return COLOURS[found.verdict][0]

    @display(description="beside our figures")
    def comparison(self, claim: Claim) -> str:
        (found,) = compared([claim])
        return " ".join([found.sentence, *(each.sentence for each in found.figures)])

    @display(description="about", ordering="bounds")
    def about(self, claim: Claim) -> str:
        return claim.bounds.replace("_", " ")

    @display(description="figure")
    def figure(self, claim: Claim) -> str:
        return figure_words(claim)

    @display(description="source")
    def source(self, claim: Claim) -> SafeString | str:
        return link(claim.url)
