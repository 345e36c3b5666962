"""Ownerships over HTTP: who owns a miner, and when."""

import django_filters as filters

from registry.api.base import WriteViewSet
from registry.api.fields import MinerField, NounSerializer, PeriodField, TerritoryField
from registry.api.filters import IdentifierFilter, NumberInFilter, TerritoryFilter
from registry.api.pagination import DatedKeysetPagination
from registry.api.schema import with_example
from registry.models import Miner, Ownership


class OwnershipFilterSet(filters.FilterSet):
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    owner = NumberInFilter(field_name="owner_id")
    owner_identifier = IdentifierFilter(field_name="owner", label="Identifier of the owner, as scheme=number.")
    owner_country = TerritoryFilter(field_name="owner_country")
    search = filters.CharFilter(field_name="owner_name", lookup_expr="icontains", label="A part of the owner's name.")
    share_from = filters.NumberFilter(field_name="share_percent", lookup_expr="gte")
    share_to = filters.NumberFilter(field_name="share_percent", lookup_expr="lte")

    class Meta:
        model = Ownership
        fields = ()


@with_example(
    {
        "miner": "ru.inn=7707083893",
        "owner_name": "Sample Holding",
        "owner_country": "KZ",
        "share_percent": "51.00",
        "period": {"from": "2024-11-01", "to": None},
    }
)
class OwnershipSerializer(NounSerializer):
    miner = MinerField()
    owner = MinerField(allow_null=True, required=False)
    owner_country = TerritoryField(allow_null=True, required=False)
    period = PeriodField(open_start=True)

    class Meta:
        model = Ownership
        fields = (
            "id",
            "miner",
            "owner",
            "owner_name",
            "owner_country",
            "share_percent",
            "period",
            "import_run",
            "created_at",
        )
        read_only_fields = ("id", "import_run", "created_at")


class OwnershipViewSet(WriteViewSet):
    """An owner is another miner on file, or a name with a country."""

    queryset = Ownership.objects.select_related("owner_country")
    reads = (Ownership, Miner)
    serializer_class = OwnershipSerializer
    filterset_class = OwnershipFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "period"
    csv_columns = {
        "id": "id",
        "miner": "miner_id",
        "miner_name": "miner__name",
        "owner": "owner_id",
        "owner_name": "owner_name",
        "owner_country": "owner_country__code",
        "share_percent": "share_percent",
        "from": "period__startswith",
        "to": "period__endswith",
    }
