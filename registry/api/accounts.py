"""Accounts over HTTP: what is known in money of one year of a miner."""

import django_filters as filters
from rest_framework import serializers

from registry.api.base import WriteViewSet
from registry.api.fields import MinerField, NounSerializer, is_currency, year_of_mining
from registry.api.filters import IdentifierFilter, NumberInFilter, TerritoryFilter, YesNoFilter
from registry.api.schema import with_example
from registry.models import Account, Miner


class AccountFilterSet(filters.FilterSet):
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    territory = TerritoryFilter(field_name="miner__territory")
    year = NumberInFilter()
    currency = filters.CharFilter(lookup_expr="iexact")
    turnover_from = filters.NumberFilter(field_name="turnover", lookup_expr="gte")
    turnover_to = filters.NumberFilter(field_name="turnover", lookup_expr="lte")
    turnover_known = YesNoFilter(field_name="turnover", lookup_expr="isnull", exclude=True)
    gain_from = filters.NumberFilter(field_name="gain", lookup_expr="gte")
    gain_to = filters.NumberFilter(field_name="gain", lookup_expr="lte")
    gain_known = YesNoFilter(field_name="gain", lookup_expr="isnull", exclude=True)
    damage_from = filters.NumberFilter(field_name="damage", lookup_expr="gte")
    damage_to = filters.NumberFilter(field_name="damage", lookup_expr="lte")
    damage_known = YesNoFilter(field_name="damage", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Account
        fields = ()


@with_example(
    {
        "miner": "ru.inn=7707083893",
        "year": 2025,
        "turnover": "184000000.00",
        "gain": "41500000.50",
        "damage": None,
        "currency": "RUB",
        "source": "Sample statement of 2025",
    }
)
class AccountSerializer(NounSerializer):
    miner = MinerField()
    year = serializers.IntegerField(validators=[year_of_mining])
    currency = serializers.CharField(validators=[is_currency], help_text="ISO 4217; of all three sums.")

    class Meta:
        model = Account
        fields = (
            "id",
            "miner",
            "year",
            "turnover",
            "gain",
            "damage",
            "currency",
            "source",
            "import_run",
            "created_at",
        )
        read_only_fields = ("id", "import_run", "created_at")


class AccountViewSet(WriteViewSet):
    """Turnover, gain and damage of one miner in one calendar year; null is not known."""

    queryset = Account.objects.all()
    reads = (Account, Miner)
    serializer_class = AccountSerializer
    filterset_class = AccountFilterSet
    csv_columns = {
        "id": "id",
        "miner": "miner_id",
        "year": "year",
        "turnover": "turnover",
        "gain": "gain",
        "damage": "damage",
        "currency": "currency",
        "source": "source",
    }
