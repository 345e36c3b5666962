"""Runs of the estimate in the admin: asked for with a form, followed, read on a page of their own, verified."""

import datetime as dt
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Func, IntegerField
from django.db.models.fields.json import KT, KeyTransform
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from compliance.admin.estimate_form import ENERGY_FIELDS, ENERGY_NOTE, FIELDS, EstimateForm
from compliance.admin.estimate_pages import run_context, triangle_context
from compliance.choices import EstimateKind, RunStatus
from compliance.models import Estimate
from compliance.services.estimate_asking import estimate_send, verification_send
from registry.admin.base import ServiceAdmin
from registry.admin.filters import WithinTerritoryFilter
from registry.errors import Refusal


@admin.register(Estimate)
class EstimateAdmin(ServiceAdmin):
    add_form = EstimateForm
    add_fields = FIELDS
    list_display = ("number", "kind", "territory", "as_of", "told", "state", "progress", "known_at")
    list_select_related = ("territory",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("territory", WithinTerritoryFilter),
        ("as_of", RangeDateFilter),
    )
    fields = (("kind", "territory"), ("window_from", "as_of"), ("known_at", "state"), ("progress", "failure"))
    readonly_fields = ("kind", "territory", "window_from", "as_of", "known_at", "state", "progress", "failure")
    list_before_template = "compliance/estimates_live.html"
    change_form_outer_before_template = "compliance/estimate.html"
    list_after_template = "compliance/estimate_triangle.html"
    actions_list = ("estimate_now",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without what is large; `sentence` and `months` are all that the list shows of a result."""
        months = Func(KeyTransform("months", "result"), function="jsonb_array_length", output_field=IntegerField())
        found = super().get_queryset(request).annotate(sentence=KT("result__sentence"), months=months)
        return found.defer("lists", "law", "result")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        energy = ("Energy, where it is known", {"fields": ENERGY_FIELDS, "description": ENERGY_NOTE})
        return found if obj else [*found, energy]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        last = timezone.localdate().replace(day=1) - dt.timedelta(days=1)
        place = Estimate.objects.order_by("-pk").values_list("territory", flat=True).first()
        given = {"kind": EstimateKind.WHOLE, "as_of": last, "territory": place}
        return {**given, **super().get_changeform_initial_data(request)}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        running = Estimate.objects.filter(status=RunStatus.RUNNING).exists()
        return super().changelist_view(request, {**(extra_context or {}), "running": running, **triangle_context()})

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        run = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if run is not None and self.has_view_permission(request, run):
            context = run_context(run, request.GET.get("by", ""))
            context["may_verify"] = run.status == RunStatus.DONE and self.has_estimate_permission(request)
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_add(self, request: HttpRequest, obj: Estimate, post_url_continue: Any = None) -> Any:
        estimate_send(obj)
        messages.success(request, f"{obj} has its number; the worker computes it, and this page shows how far it is.")
        return HttpResponseRedirect(reverse("admin:compliance_estimate_change", args=[obj.pk]))

    @display(description="run", ordering="id")
    def number(self, run: Estimate) -> str:
        return str(run.pk)

    @display(description="what it says")
    def told(self, run: Any) -> str:
        if run.months is not None:
            return f"{run.months} months"
        return run.sentence or "—"

    @display(description="status", label={"Running": "info", "Done": "success", "Failed": "danger"})
    def state(self, run: Estimate) -> str:
        return run.get_status_display()

    @display(description="progress")
    def progress(self, run: Estimate) -> SafeString:
        percent = 100 if run.status == RunStatus.DONE else (run.done * 100 // run.total if run.total else 0)
        return format_html(
            '<span class="hf-bar" role="progressbar" aria-valuenow="{0}" aria-valuemin="0" aria-valuemax="100"'
            ' aria-label="{1} of {2} cells"><span style="width:{0}%"></span></span> {1} of {2}',
            percent,
            run.done,
            run.total,
        )

    def has_estimate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("compliance.add_estimate"))

    @action(description="Estimate now", icon="query_stats", variant=ActionVariant.PRIMARY, permissions=("estimate",))
    def estimate_now(self, request: HttpRequest) -> Any:
        return HttpResponseRedirect(reverse("admin:compliance_estimate_add"))

    def get_custom_urls(self) -> Any:
        return (("<int:object_id>/verify/", "compliance_estimate_verify", self.verify_view),)

    def verify_view(self, request: HttpRequest, object_id: int, **_: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_estimate_permission(request):
            raise PermissionDenied
        where = HttpResponseRedirect(reverse("admin:compliance_estimate_change", args=[object_id]))
        run = Estimate.objects.filter(pk=object_id).first()
        if run is None or run.status != RunStatus.DONE:
            messages.error(request, "Only a run that is done can be verified.")
            return where
        try:
            verification_send(run)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(
                request,
                "The worker computes the run again, from the register as known then; reload to see the outcome.",
            )
        return where
