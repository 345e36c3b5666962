"""The law as it was loaded from packs: to be read here, to be changed in the packs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from compliance.choices import Basis, SanctionRole
from compliance.models import Act, ActStatus, BannedArea, Book, LawPack, Norm, Penalty
from registry.admin.base import ReadOnlyAdmin
from registry.admin.filters import OnDayFilter, WithinTerritoryFilter
from registry.admin.words import money_words, period_words

STATUS_COLOURS = {
    "Draft": "info",
    "Tabled": "info",
    "Adopted": "warning",
    "In force": "success",
    "Suspended": "warning",
    "Repealed": "danger",
    "Superseded": "danger",
}


def link(url: str, text: str = "") -> SafeString | str:
    if not url:
        return text or "—"
    return format_html('<a class="hf-link" href="{}" rel="noopener" target="_blank">{}</a>', url, text or url)


def source_links(sources: list[dict[str, Any]]) -> SafeString:
    """The sources of a row of the law, one a line, each with how far it is trusted."""
    lines = [(link(source.get("url", ""), source.get("note", "")), source.get("confidence", "")) for source in sources]
    return format_html_join("", "<div>{} <span class='hf-muted'>{}</span></div>", lines) or SafeString("—")


class LawAdmin(ReadOnlyAdmin):
    sortable_by = None

    @display(description="sources")
    def source_list(self, row: Any) -> SafeString:
        return source_links(row.sources)

    @display(description="in force")
    def force(self, row: Any) -> str:
        return "; ".join(map(period_words, row.in_force)) if row.in_force else "not law"


class LawInline(TabularInline):
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LawPack)
class LawPackAdmin(LawAdmin):
    list_display = ("code", "title", "territory", "version", "loaded_at")
    list_select_related = ("territory",)
    search_fields = ("code", "title")
    ordering = ("code",)


class ActStatusInline(LawInline):
    model = ActStatus
    fields = ("state", "lasts", "confidence", "source_list")
    readonly_fields = fields
    verbose_name_plural = "status over time"

    @display(description="status", label=STATUS_COLOURS)
    def state(self, row: ActStatus) -> str:
        return row.get_status_display()

    @display(description="period")
    def lasts(self, row: ActStatus) -> str:
        return period_words(row.period)

    @display(description="sources")
    def source_list(self, row: ActStatus) -> SafeString:
        return source_links(row.sources)


class NormInline(LawInline):
    model = Norm
    fields = ("norm", "article", "kind", "force")
    readonly_fields = fields

    @display(description="norm")
    def norm(self, row: Norm) -> SafeString | str:
        return format_html(
            '<a class="hf-link" href="{}">{}</a>', reverse("admin:compliance_norm_change", args=[row.pk]), row.title
        )

    @display(description="in force")
    def force(self, row: Norm) -> str:
        return "; ".join(map(period_words, row.in_force)) if row.in_force else "not law"


@admin.register(Act)
class ActAdmin(LawAdmin):
    list_display = ("title", "citation", "pack", "now")
    list_filter = (("pack", AutocompleteSelectFilter),)
    list_select_related = ("pack",)
    search_fields = ("code", "title", "citation")
    search_help_text = "Words of the title, the citation or the code."
    ordering = ("code",)
    fields = ("title", "citation", "code", "pack", "source_list")
    readonly_fields = fields
    inlines = (ActStatusInline, NormInline)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("statuses")

    @display(description="latest status", label=STATUS_COLOURS)
    def now(self, act: Act) -> str:
        latest = max(act.statuses.all(), key=lambda status: status.period.lower, default=None)
        return latest.get_status_display() if latest else "Draft"


class PenaltyInline(LawInline):
    model = Penalty
    fields = ("book", "offender", "occurrence", "band", "article", "confidence")
    readonly_fields = fields
    show_change_link = True

    @display(description="amount")
    def band(self, penalty: Penalty) -> str:
        return band_words(penalty)


def band_words(penalty: Penalty) -> str:
    if penalty.amount_high is None or penalty.amount_low is None:
        return "amount not known"
    measure = penalty.currency or penalty.unit or "%"
    words = money_words(penalty.amount_high, measure)
    if penalty.amount_low != penalty.amount_high:
        words = f"{money_words(penalty.amount_low, '').strip()} to {words}"
    if penalty.basis != Basis.FIXED:
        words += f", {penalty.get_basis_display().lower()}"
    return words if penalty.cap is None else f"{words}, at most {money_words(penalty.cap, measure)}"


@admin.register(Norm)
class NormAdmin(LawAdmin):
    list_display = ("title", "kind", "article", "territory", "force", "confidence")
    list_select_related = ("act", "territory")
    list_filter = (
        ("pack", AutocompleteSelectFilter),
        ("kind", ChoicesDropdownFilter),
        ("territory", WithinTerritoryFilter),
        ("confidence", ChoicesDropdownFilter),
        ("in_force", OnDayFilter),
    )
    search_fields = ("title", "code", "article", "sentence")
    search_help_text = "Words of the title, the article or the sentence."
    ordering = ("code",)
    fieldsets = (
        (None, {"fields": ("title", "sentence", ("act", "article"), ("kind", "force"), ("territory", "page"))}),
        ("Reads from", {"fields": (("register", "miner_kinds"), "parameters", ("confidence", "source_list"), "code")}),
    )
    inlines = (PenaltyInline,)

    @display(description="text of the law")
    def page(self, norm: Norm) -> SafeString | str:
        return link(norm.url)


@admin.register(BannedArea)
class BannedAreaAdmin(LawAdmin):
    list_display = ("territory", "lasts", "extent", "norm", "confidence")
    list_select_related = ("territory", "norm")
    list_filter = (("territory", WithinTerritoryFilter), ("period", OnDayFilter), ("norm", AutocompleteSelectFilter))
    search_fields = ("=territory__code", "territory__name", "note")
    search_help_text = "A territory's code in full, or words of its name."
    fields = ("territory", "lasts", "extent", "norm", "note", "confidence", "source_list")
    readonly_fields = fields

    @display(description="banned")
    def lasts(self, area: BannedArea) -> str:
        return period_words(area.period)

    @display(description="extent", label={"all of it": "danger", "an unnamed part": "warning"})
    def extent(self, area: BannedArea) -> str:
        return "an unnamed part" if area.partial else "all of it"


@admin.register(Book)
class BookAdmin(LawAdmin):
    list_display = ("title", "kind", "pack", "note")
    list_filter = (("kind", ChoicesDropdownFilter), ("pack", AutocompleteSelectFilter))
    list_select_related = ("pack",)
    search_fields = ("title", "code")
    ordering = ("kind", "code")
    fields = ("title", "kind", "pack", "act", "note", "code")


@admin.register(Penalty)
class PenaltyAdmin(LawAdmin):
    list_display = ("norm", "book", "offender", "occurrence", "band", "force", "confidence")
    list_select_related = ("norm", "book")
    list_filter = (
        ("book", AutocompleteSelectFilter),
        ("offender", ChoicesDropdownFilter),
        ("occurrence", ChoicesDropdownFilter),
        ("confidence", ChoicesDropdownFilter),
    )
    search_fields = ("article", "norm__title")
    search_help_text = "Words of the article or of the norm."
    ordering = ("book", "norm", "offender", "occurrence")
    fieldsets = (
        (
            None,
            {"fields": (("norm", "book"), ("offender", "occurrence"), ("band", "article"), ("others", "condition"))},
        ),
        (None, {"fields": (("act", "force"), ("lookback_days", "confidence"), "source_list")}),
    )

    @display(description="besides or instead")
    def others(self, penalty: Penalty) -> str:
        return "; ".join(f"{SanctionRole(each['role']).value}: {each['words']}" for each in penalty.sanctions) or "—"

    @display(description="amount")
    def band(self, penalty: Penalty) -> str:
        return band_words(penalty)
