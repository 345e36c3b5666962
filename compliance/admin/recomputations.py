"""Recomputations in the admin: what is stale, what is being recomputed, and the button that starts it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from compliance.choices import RunStatus
from compliance.models import Recomputation, StaleMark
from compliance.services.queue import recomputation_request
from registry.admin.base import ReadOnlyAdmin
from registry.errors import Refusal


def recomputation_send(request: HttpRequest) -> None:
    """Ask the worker for the totals, and say so; a queue that is gone is said in a sentence too."""
    try:
        recomputation_request()
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request, "The worker will recompute rates, findings and exposure; the list shows how far it is."
        )


@admin.register(Recomputation)
class RecomputationAdmin(ReadOnlyAdmin):
    list_display = ("kind", "as_of", "state", "progress", "started_at", "finished_at")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("started_at", RangeDateTimeFilter),
    )
    fields = (("kind", "as_of"), ("state", "progress"), ("started_at", "finished_at"), "failure")
    readonly_fields = ("state", "progress")
    list_before_template = "compliance/recomputations_live.html"
    actions_list = ("recompute_now",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        running = Recomputation.objects.filter(status=RunStatus.RUNNING).exists()
        return super().changelist_view(request, {**(extra_context or {}), "running": running})

    @display(description="status", label={"Running": "info", "Done": "success", "Failed": "danger"})
    def state(self, run: Recomputation) -> str:
        return run.get_status_display()

    @display(description="progress")
    def progress(self, run: Recomputation) -> SafeString:
        percent = 100 if run.status == RunStatus.DONE else (run.done * 100 // run.total if run.total else 0)
        return format_html(
            '<span class="hf-bar" role="progressbar" aria-valuenow="{}" aria-valuemin="0" aria-valuemax="100"'
            ' aria-label="{} of {} parts"><span style="width:{}%"></span></span> {} of {}',
            percent,
            run.done,
            run.total,
            percent,
            run.done,
            run.total,
        )

    def get_custom_urls(self) -> Any:
        return (("recompute/", "compliance_recompute", self.recompute_view),)

    def recompute_view(self, request: HttpRequest, **_: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_recompute_permission(request):
            raise PermissionDenied
        recomputation_send(request)
        return HttpResponseRedirect(reverse("admin:index"))

    def has_recompute_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("compliance.add_recomputation"))

    @action(
        description="Recompute now",
        icon="refresh",
        variant=ActionVariant.PRIMARY,
        permissions=("recompute",),
        dialog={
            "title": "Recompute all totals now?",
            "description": "Rates, findings and exposure are computed anew for today. What is shown stays until then.",
            "form_class": None,
            "form_submit_text": "Recompute",
        },
    )
    def recompute_now(self, request: HttpRequest, form: Any) -> HttpResponse:
        recomputation_send(request)
        return HttpResponse(headers={"HX-Redirect": reverse("admin:compliance_recomputation_changelist")})


@admin.register(StaleMark)
class StaleMarkAdmin(ReadOnlyAdmin):
    list_display = ("source", "miner_id", "territory", "kind", "marked_at")
    list_select_related = ("territory",)
    list_filter = (("marked_at", RangeDateTimeFilter),)
    ordering = ("id",)
