"""Claims: what others said about the size of mining, loaded from the packs with their sources."""

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from compliance.admin.norms import LawAdmin, link
from compliance.models import Claim
from registry.admin.filters import WithinTerritoryFilter


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


@admin.register(Claim)
class ClaimAdmin(LawAdmin):
    list_display = ("said_on", "said_by", "bounds", "figure", "territory", "confidence")
    list_display_links = ("said_on", "said_by")
    list_select_related = ("territory",)
    list_filter = (
        ("territory", WithinTerritoryFilter),
        ("said_on", RangeDateFilter),
        ("confidence", ChoicesDropdownFilter),
    )
    search_fields = ("said_by", "statement", "code")
    search_help_text = "Words of who said it or of what was said."
    ordering = ("-said_on",)
    fields = (("said_by", "said_on"), "statement", ("figure", "bounds"), ("territory", "confidence"), "source", "code")
    readonly_fields = ("figure", "source")

    @display(description="figure")
    def figure(self, claim: Claim) -> str:
        return figure_words(claim)

    @display(description="source")
    def source(self, claim: Claim) -> SafeString | str:
        return link(claim.url)
