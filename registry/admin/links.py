"""Links in the admin: the doubtful pairs first, both sides beside each other, and a clerk's verdict."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeNumericFilter
from unfold.decorators import display

from registry.admin.base import NounAdmin, ReadOnlyAdmin
from registry.choices import LinkStatus, Verdict
from registry.errors import Refusal
from registry.models import Link, Linkage, Miner, Sighting
from registry.services.links import HOLDS, link_review


def side_of_sighting(sighting: Sighting) -> dict[str, Any]:
    return {
        "title": f"Sighting {sighting.pk}",
        "url": reverse("admin:registry_sighting_change", args=[sighting.pk]),
        "kind": f"{sighting.list}, {sighting}",
        "name": [sighting.name] if sighting.name else [],
        "address": [sighting.address] if sighting.address else [],
        "place": [str(sighting.territory)],
        "power": [f"{sighting.power_kw.normalize():f} kW"] if sighting.power_kw is not None else [],
        "devices": [str(sighting.device_count)] if sighting.device_count else [],
        "days": [str(sighting.seen_on)],
        "meters": [sighting.metering_point] if sighting.metering_point else [],
        "note": sighting.note,
    }


def side_of_miner(miner: Miner) -> dict[str, Any]:
    sites = list(miner.sites.select_related("territory").order_by("pk")[:5])
    return {
        "title": f"Miner {miner.pk}",
        "url": reverse("admin:registry_miner_change", args=[miner.pk]),
        "kind": f"{miner.get_kind_display()} on file",
        "name": [miner.name],
        "address": [site.address for site in sites if site.address],
        "place": [str(miner.territory), *(str(s.territory) for s in sites if s.territory_id != miner.territory_id)],
        "power": [f"{site.capacity_kw.normalize():f} kW" for site in sites if site.capacity_kw is not None],
        "devices": [],
        "days": [],
        "meters": [site.metering_point for site in sites if site.metering_point],
        "note": miner.note,
    }


ROWS = (
    ("name", "Name"),
    ("address", "Address"),
    ("place", "Place"),
    ("power", "Power"),
    ("devices", "Devices"),
    ("days", "Seen on"),
    ("meters", "Metering point"),
)


def compared(link: Link) -> dict[str, Any]:
    """Both sides of a pair, fact by fact, each with what the model makes of it."""
    left = side_of_sighting(link.sighting)
    right = side_of_miner(link.miner) if link.miner else side_of_sighting(link.other) if link.other else {}
    rows = []
    for name, title in ROWS:
        found = (link.comparison or {}).get(name) or {}
        weight = found.get("weight")
        rows.append(
            {
                "title": title,
                "left": left[name],
                "right": right.get(name, []),
                "level": found.get("level", ""),
                "weight": None if weight is None else f"{weight:+.1f}",
                "speaks": "" if not weight else "for" if weight > 0 else "against",
            }
        )
    return {
        "left": left,
        "right": right,
        "rows": rows,
        "via": (link.comparison or {}).get("via"),
        "likely": likely_words(link),
        "rival": rival(link),
    }


def likely_words(link: Link) -> str:
    """The probability with one decimal, and never a certainty that nobody has."""
    if link.probability is None:
        return "—"
    return "over 99.9 %" if link.probability > 0.9995 else f"{link.probability:.1%}".replace("%", " %")


def rival(link: Link) -> Link | None:
    """The other link of the same sighting that holds, because of which this one cannot: a sighting has one."""
    return Link.objects.filter(HOLDS, sighting=link.sighting).exclude(pk=link.pk).order_by("pk").first()


# A pair shows the names, addresses and notes of both.
SHOWN = ("registry.view_sighting", "registry.view_miner")


class LinkForm(forms.ModelForm):
    class Meta:
        model = Link
        fields = ("note",)


@admin.register(Link)
class LinkAdmin(NounAdmin):
    computed = True  # by the linkage; a clerk adds the verdict
    form = LinkForm
    list_display = ("pair", "what_it_may_be", "likely", "state", "said", "drawn")
    list_select_related = ("sighting__list", "sighting__territory", "miner", "other", "reviewed_by")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("verdict", ChoicesDropdownFilter),
        "sampled",
        ("probability", RangeNumericFilter),
    )
    search_fields = ("=sighting__reference",)
    search_miner = "miner"
    search_help_text = "The number of the sighting's report in full, or the miner's number or name."
    readonly_fields = ("sighting", "miner", "other", "state", "likely", "said", "sampled", "linkage")
    fieldsets = (
        (None, {"fields": (("state", "said"), "note")}),
        ("Where it comes from", {"fields": (("sighting", "miner"), ("other", "linkage"), "sampled")}),
    )
    change_form_outer_before_template = "registry/link_compared.html"
    actions: Any = ("say_same", "say_different", "say_unsure")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_view_permission(request, obj) and request.user.has_perms(SHOWN))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_change_permission(request, obj) and request.user.has_perms(SHOWN))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Link]:
        """First what waits for a clerk: drawn or doubtful pairs without a verdict, the likeliest of them first."""
        waits = Case(
            When(verdict="", status=LinkStatus.DOUBTFUL, then=Value(0)),
            When(verdict="", sampled=True, then=Value(1)),
            When(verdict="", then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        return Link.objects.annotate(waits=waits).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("waits", "-probability", "id")

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        link = self.get_object(request, object_id)
        context = {"show_save_and_add_another": False, "show_save_and_continue": False, **(extra_context or {})}
        if link is not None:
            context["compared"] = compared(link)
            context["link"] = link
            context["verdicts"] = Verdict.choices
        return super().change_view(request, object_id, form_url, context)

    @display(description="sighting")
    def pair(self, link: Link) -> str:
        sighting = link.sighting
        told = ", ".join(filter(None, (sighting.name, sighting.address))) or str(sighting)
        return f"{told} ({sighting.list}, {sighting.seen_on})"

    @display(description="may be")
    def what_it_may_be(self, link: Link) -> str:
        if link.miner:
            return str(link.miner)
        other = link.other
        told = ", ".join(filter(None, (other.name, other.address))) if other else ""
        return f"{told or other} (sighting of {other.seen_on if other else ''})"

    @display(description="probability")
    def likely(self, link: Link) -> str:
        return likely_words(link)

    @display(description="by the model", label={"Linked": "success", "Doubtful": "warning", "Separate": "info"})
    def state(self, link: Link) -> str:
        return link.get_status_display()

    @display(description="verdict")
    def said(self, link: Link) -> str:
        if not link.verdict:
            return "not reviewed"
        return f"{link.get_verdict_display()}, {link.reviewed_by or 'somebody'}"

    @display(description="for the review")
    def drawn(self, link: Link) -> str:
        return "drawn at random" if link.sampled else "—"

    def _say(self, request: HttpRequest, links: list[Link], verdict: str) -> int:
        done = 0
        for link in links:
            try:
                link_review(link=link, verdict=verdict, user=request.user, now=timezone.now())  # type: ignore[arg-type]
                done += 1
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
        return done

    def _say_of_many(self, request: HttpRequest, queryset: QuerySet[Link], verdict: Verdict) -> None:
        done = self._say(request, list(queryset), verdict)
        if done:
            messages.success(request, f"{verdict.label}: said of {done} pair{'' if done == 1 else 's'}.")

    @admin.action(description="Both are the same operation", permissions=["change"])
    def say_same(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        self._say_of_many(request, queryset, Verdict.SAME)

    @admin.action(description="They are different operations", permissions=["change"])
    def say_different(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        self._say_of_many(request, queryset, Verdict.DIFFERENT)

    @admin.action(description="It cannot be told", permissions=["change"])
    def say_unsure(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        self._say_of_many(request, queryset, Verdict.UNSURE)

    def get_custom_urls(self) -> Any:
        return (("<int:link_id>/review", "registry_link_review", self.review_view),)

    def review_view(self, request: HttpRequest, link_id: int, **_: Any) -> HttpResponse:
        """Stores a verdict and goes on to the next pair that waits for one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        link = get_object_or_404(Link, pk=link_id)
        here = reverse("admin:registry_link_change", args=[link_id])
        if request.method != "POST" or not self._say(request, [link], request.POST.get("verdict", "")):
            return HttpResponseRedirect(here)
        messages.success(request, f"{Verdict(request.POST['verdict']).label}: {link}.")
        # The first of the list, if it waits.
        following = (
            self.get_queryset(request).filter(Q(status=LinkStatus.DOUBTFUL) | Q(sampled=True), verdict="").first()
        )
        if following is None:
            messages.info(request, "No pair waits for a verdict any more.")
            return HttpResponseRedirect(reverse("admin:registry_link_changelist"))
        return HttpResponseRedirect(reverse("admin:registry_link_change", args=[following.pk]))


@admin.register(Linkage)
class LinkageAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "status", "sightings", "pairs", "linked", "doubtful", "started_at", "finished_at")
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("failure",)
    search_help_text = "Part of the reason why a run failed."
