"""Declarations of mined currency over HTTP."""

import django_filters as filters
from rest_framework import serializers

from registry.api.base import WriteViewSet
from registry.api.fields import MinerField, NounSerializer, day_of_mining, first_of_month, is_content
from registry.api.filters import IdentifierFilter, NumberInFilter, TerritoryFilter, YesNoFilter
from registry.api.schema import with_example
from registry.models import Declaration, Miner


class DeclarationFilterSet(filters.FilterSet):
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    territory = TerritoryFilter(field_name="miner__territory")
    currency = filters.CharFilter(lookup_expr="iexact")
    month_from = filters.DateFilter(field_name="month", lookup_expr="gte")
    month_to = filters.DateFilter(field_name="month", lookup_expr="lte")
    declared_from = filters.DateFilter(field_name="declared_on", lookup_expr="gte")
    declared_to = filters.DateFilter(field_name="declared_on", lookup_expr="lte")
    amount_from = filters.NumberFilter(field_name="amount", lookup_expr="gte")
    amount_to = filters.NumberFilter(field_name="amount", lookup_expr="lte")
    months = NumberInFilter()
    energy_from = filters.NumberFilter(field_name="energy_kwh", lookup_expr="gte")
    energy_to = filters.NumberFilter(field_name="energy_kwh", lookup_expr="lte")
    energy_known = YesNoFilter(field_name="energy_kwh", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Declaration
        fields = ()


@with_example(
    {
        "miner": "ru.inn=7707083893",
        "month": "2026-02-01",
        "currency": "BTC",
        "amount": "0.125000000000",
        "energy_kwh": "612000.000",
        "contents": ["addresses"],
        "declared_on": "2026-03-15",
    }
)
class DeclarationSerializer(NounSerializer):
    miner = MinerField()
    month = serializers.DateField(validators=[first_of_month, day_of_mining])
    contents = serializers.ListField(
        child=serializers.CharField(validators=[is_content]),
        allow_null=True,
        required=False,
        help_text="What else it held, such as addresses; null where nobody has written that down.",
    )
    declared_on = serializers.DateField(validators=[day_of_mining])

    class Meta:
        model = Declaration
        fields = (
            "id",
            "miner",
            "month",
            "months",
            "currency",
            "amount",
            "energy_kwh",
            "contents",
            "declared_on",
            "import_run",
            "created_at",
        )
        read_only_fields = ("id", "import_run", "created_at")


class DeclarationViewSet(WriteViewSet):
    """What miners declared to have mined, by month, quarter or year."""

    queryset = Declaration.objects.all()
    reads = (Declaration, Miner)
    serializer_class = DeclarationSerializer
    filterset_class = DeclarationFilterSet
    csv_columns = {
        "id": "id",
        "miner": "miner_id",
        "month": "month",
        "months": "months",
        "currency": "currency",
        "amount": "amount",
        "energy_kwh": "energy_kwh",
        "contents": "contents",
        "declared_on": "declared_on",
    }
