"""Fines in the admin: issued and annulled through the services, with what was paid and what is still owed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from compliance.admin.links import redirect_to_add
from compliance.admin.norms import band_words
from compliance.choices import FineStatus
from compliance.models import Case, Fine, Payment, Penalty
from compliance.selectors.prices import OFFENDER_OF_KIND
from compliance.services.fines import fine_annul, fine_issue
from registry.admin.base import ServiceAdmin
from registry.admin.refusals import ServiceForm, refusals_at
from registry.admin.words import money_words
from registry.choices import MinerKind


class FineForm(ServiceForm):
    class Meta:
        model = Fine
        fields = ("case", "occurrence", "reference", "amount", "currency", "decided_on", "due_on", "note")

    def perform(self) -> Fine:
        return fine_issue(penalty=None, today=timezone.localdate(), **self.cleaned_data)

    def _get_validation_exclusions(self) -> Any:
        """The band is found by the service."""
        return super()._get_validation_exclusions() | {"penalty"}  # type: ignore[misc]


class AnnulForm(BaseDialogForm):
    note = forms.CharField(
        label="Why", widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text="The decision that annuls it."
    )


def bands_of(case: Case) -> list[dict[str, str]]:
    offender = OFFENDER_OF_KIND[MinerKind(case.miner.kind)]
    bands = Penalty.objects.in_force(case.offence_on).filter(norm=case.norm_id, offender=offender)
    return [
        {
            "occurrence": band.get_occurrence_display(),
            "amount": "for the criminal court" if band.criminal else band_words(band),
            "article": band.article,
            "only": _only(band),
        }
        for band in bands
    ]


def _only(band: Penalty) -> str:
    """When the band holds: above a sum of the year, or on a condition that the register cannot test."""
    above = f"{band.get_threshold_fact_display()} above {money_words(band.threshold_over, band.threshold_currency)}"
    return "; ".join(filter(None, (above if band.threshold_fact else "", band.condition)))


class PaymentInline(TabularInline):
    model = Payment
    extra = 0
    can_delete = False
    fields = ("reference", "amount", "paid_on")
    readonly_fields = fields
    show_change_link = True
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Fine)
class FineAdmin(ServiceAdmin):
    add_form = FineForm
    add_fields = ("case", ("occurrence", "reference"), ("amount", "currency"), ("decided_on", "due_on"), "note")
    list_display = ("reference", "miner", "state", "assessed", "paid_sum", "outstanding_sum", "due_on")
    list_select_related = ("case__miner", "case__norm")
    list_filter = (
        ("case__miner", AutocompleteSelectFilter),
        ("status", ChoicesDropdownFilter),
        ("occurrence", ChoicesDropdownFilter),
        ("decided_on", RangeDateFilter),
        ("due_on", RangeDateFilter),
    )
    search_fields = ("=reference",)
    search_miner = "case__miner"
    search_help_text = "A decision's number in full, or the miner's number or name."
    autocomplete_fields = ("case",)
    fieldsets = (
        (None, {"fields": (("case", "penalty"), ("occurrence", "reference"), ("state", "note"))}),
        ("Money", {"fields": (("assessed", "paid_sum"), ("outstanding_sum", "decided_on"), "due_on")}),
    )
    readonly_fields = (
        "case",
        "penalty",
        "occurrence",
        "reference",
        "state",
        "note",
        "assessed",
        "paid_sum",
        "outstanding_sum",
        "decided_on",
        "due_on",
    )
    inlines = (PaymentInline,)
    change_form_outer_before_template = "compliance/fine_bands.html"
    actions_detail = ("record_payment", "annul")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_balance(timezone.localdate())

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """With the bands that were law on the day of the offence beside the empty form."""
        case_id = request.POST.get("case") or request.GET.get("case") or ""
        case = (
            Case.objects.select_related("norm__pack", "miner").filter(pk=case_id).first()
            if case_id.isdecimal()
            else None
        )
        context = {"case": case, "bands": bands_of(case) if case else []}
        return super().add_view(request, form_url, {**(extra_context or {}), **context})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"decided_on": timezone.localdate(), **super().get_changeform_initial_data(request)}

    @display(description="miner")
    def miner(self, fine: Fine) -> str:
        return str(fine.case.miner)

    @display(
        description="status", label={"Annulled": "warning", "Overdue": "danger", "Paid": "success", "Issued": "info"}
    )
    def state(self, fine: Any) -> str:
        if fine.status == FineStatus.ISSUED and not fine.outstanding:
            return "Paid"
        return "Overdue" if fine.overdue else fine.get_status_display()

    @display(description="fine")
    def assessed(self, fine: Fine) -> str:
        return money_words(fine.amount, fine.currency)

    @display(description="paid")
    def paid_sum(self, fine: Any) -> str:
        return money_words(fine.paid, fine.currency)

    @display(description="outstanding")
    def outstanding_sum(self, fine: Any) -> str:
        return money_words(fine.outstanding, fine.currency)

    def has_record_payment_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("compliance.add_payment"))

    def has_annul_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("compliance.change_fine"))

    @action(description="Record a payment", icon="payments", permissions=("record_payment",))
    def record_payment(self, request: HttpRequest, object_id: int) -> Any:
        return redirect_to_add("payment", fine=object_id)

    @action(
        description="Annul",
        icon="block",
        variant=ActionVariant.DANGER,
        permissions=("annul",),
        dialog={
            "title": "Annul this fine?",
            "description": "Nothing is owed on an annulled fine. This cannot be undone.",
            "form_class": AnnulForm,
            "form_submit_text": "Annul the fine",
        },
    )
    def annul(self, request: HttpRequest, form: AnnulForm, object_id: int) -> HttpResponse:
        fine = Fine.objects.get(pk=object_id)
        with refusals_at(form):
            fine_annul(fine=fine, note=form.cleaned_data["note"])
        for sentence in form.non_field_errors():
            messages.error(request, sentence)
        if form.is_valid():
            messages.success(request, f"The fine {fine.reference} is annulled.")
        page = reverse("admin:compliance_fine_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": page})
