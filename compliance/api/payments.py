"""Payments over HTTP: recorded, never edited."""

from typing import Any

import django_filters as filters
from django.utils import timezone
from rest_framework import mixins, serializers

from compliance.models import Fine, Payment
from compliance.services.payments import payment_record
from registry.api.base import CreateMixin, ReadViewSet
from registry.api.fields import NounSerializer
from registry.api.filters import CodeInFilter, IdentifierFilter, NumberInFilter, TerritoryFilter
from registry.api.schema import with_example
from registry.models import Miner


class PaymentFilterSet(filters.FilterSet):
    fine = NumberInFilter(field_name="fine_id")
    case = NumberInFilter(field_name="fine__case_id")
    miner = NumberInFilter(field_name="fine__case__miner_id")
    identifier = IdentifierFilter(field_name="fine__case__miner")
    territory = TerritoryFilter(field_name="fine__case__miner__territory")
    currency = CodeInFilter(field_name="fine__currency", label="ISO 4217 code, or several parted by commas.")
    reference = filters.CharFilter()
    paid_from = filters.DateFilter(field_name="paid_on", lookup_expr="gte")
    paid_to = filters.DateFilter(field_name="paid_on", lookup_expr="lte")
    amount_from = filters.NumberFilter(field_name="amount", lookup_expr="gte")
    amount_to = filters.NumberFilter(field_name="amount", lookup_expr="lte")
    search = filters.CharFilter(field_name="reference", lookup_expr="icontains", label="A part of the reference.")

    class Meta:
        model = Payment
        fields = ()


@with_example({"fine": 9, "reference": "PAY-2026-31", "amount": "50000.00", "paid_on": "2026-04-15"})
class PaymentSerializer(NounSerializer):
    fine = serializers.PrimaryKeyRelatedField(queryset=Fine.objects.all())
    currency = serializers.CharField(source="fine.currency", read_only=True)

    class Meta:
        model = Payment
        fields = ("id", "fine", "reference", "amount", "currency", "paid_on", "created_at")
        read_only_fields = ("id", "created_at")

    def create(self, validated_data: dict[str, Any]) -> Payment:
        return payment_record(**validated_data, today=timezone.localdate())


class PaymentViewSet(ReadViewSet, CreateMixin, mixins.DestroyModelMixin):
    """Sums that arrived for fines, in the fine's currency. One recorded by mistake is deleted, and history keeps it."""

    queryset = Payment.objects.select_related("fine")
    reads = (Payment, Fine, Miner)
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilterSet
    ordering_fields = ("id", "paid_on", "amount")
    default_ordering = "-id"
    csv_columns = {
        "id": "id",
        "fine": "fine_id",
        "reference": "reference",
        "amount": "amount",
        "currency": "fine__currency",
        "paid_on": "paid_on",
    }
