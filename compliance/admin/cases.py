"""Cases in the admin: opened through the service, which refuses a norm that was not law on the day."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display

from compliance.admin.links import redirect_to_add
from compliance.choices import CaseStatus
from compliance.models import Case, Fine
from compliance.services.cases import case_open
from registry.admin.base import ServiceAdmin
from registry.admin.refusals import ServiceForm
from registry.admin.words import money_words

COLOURS = {
    CaseStatus.OPEN.label: "info",
    CaseStatus.DECIDED.label: "success",
}


class CaseForm(ServiceForm):
    class Meta:
        model = Case
        fields = ("miner", "norm", "finding", "offence_on", "opened_on", "note")

    def perform(self) -> Case:
        return case_open(**self.cleaned_data, today=timezone.localdate())


class FineInline(TabularInline):
    model = Fine
    extra = 0
    can_delete = False
    fields = ("reference", "sum", "status", "decided_on", "due_on")
    readonly_fields = fields
    show_change_link = True
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="amount")
    def sum(self, fine: Fine) -> str:
        return money_words(fine.amount, fine.currency)


@admin.register(Case)
class CaseAdmin(ServiceAdmin):
    keeps_notes = True
    add_form = CaseForm
    add_fields = (("miner", "norm"), "finding", ("offence_on", "opened_on"), "note")
    list_display = ("label", "miner", "norm", "state", "offence_on", "opened_on")
    list_select_related = ("miner", "norm")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("norm", AutocompleteSelectFilter),
        ("opened_on", RangeDateFilter),
    )
    search_fields = ("=fines__reference",)
    search_miner = "miner"
    search_help_text = "The miner's number or name, or a decision's number in full."
    autocomplete_fields = ("miner", "norm", "finding")
    fields = (("miner", "norm"), ("finding", "state"), ("offence_on", "opened_on"), "note")
    readonly_fields = ("miner", "norm", "finding", "state", "offence_on", "opened_on")
    inlines = (FineInline,)
    actions_detail = ("issue_fine",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"opened_on": timezone.localdate(), **super().get_changeform_initial_data(request)}

    @display(description="case")
    def label(self, case: Case) -> str:
        return f"Case {case.pk}"

    @display(description="status", label=COLOURS)
    def state(self, case: Case) -> str:
        return case.get_status_display()

    def has_issue_fine_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("compliance.add_fine"))

    @action(description="Issue a fine", icon="gavel", permissions=("issue_fine",))
    def issue_fine(self, request: HttpRequest, object_id: int) -> Any:
        return redirect_to_add("fine", case=object_id)
