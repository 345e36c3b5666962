"""Payments in the admin: recorded once through the service, never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from compliance.models import Payment
from compliance.services.payments import payment_record
from registry.admin.base import ServiceAdmin
from registry.admin.refusals import ServiceForm
from registry.admin.words import money_words


class PaymentForm(ServiceForm):
    class Meta:
        model = Payment
        fields = ("fine", "reference", "amount", "paid_on")

    def perform(self) -> Payment:
        return payment_record(today=timezone.localdate(), **self.cleaned_data)


@admin.register(Payment)
class PaymentAdmin(ServiceAdmin):
    add_form = PaymentForm
    add_fields = ("fine", ("reference", "amount"), "paid_on")
    list_display = ("reference", "fine_reference", "miner", "sum", "paid_on")
    list_select_related = ("fine__case__miner",)
    list_filter = (("paid_on", RangeDateFilter),)
    search_fields = ("=reference", "=fine__reference")
    search_miner = "fine__case__miner"
    search_help_text = "A payment's or decision's number in full, or the miner's number or name."
    autocomplete_fields = ("fine",)
    fields = (("reference", "fine"), ("sum", "paid_on"))
    readonly_fields = ("sum",)

    def has_change_permission(self, request: HttpRequest, obj: Payment | None = None) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"paid_on": timezone.localdate(), **super().get_changeform_initial_data(request)}

    @display(description="fine")
    def fine_reference(self, payment: Payment) -> str:
        return payment.fine.reference

    @display(description="miner")
    def miner(self, payment: Payment) -> str:
        return str(payment.fine.case.miner)

    @display(description="amount")
    def sum(self, payment: Payment) -> str:
        return money_words(payment.amount, payment.fine.currency)
