"""Sites over HTTP: where miners mine."""

import django_filters as filters
from django.db.models import Q, QuerySet
from rest_framework import serializers

from registry.api.base import WriteViewSet
from registry.api.fields import MinerField, NounSerializer, PeriodField, TerritoryField, began_already
from registry.api.filters import ChoiceInFilter, IdentifierFilter, NumberInFilter, TerritoryFilter, YesNoFilter
from registry.api.pagination import DatedKeysetPagination
from registry.api.schema import with_example
from registry.choices import miner_kinds
from registry.models import Miner, Site


class SiteFilterSet(filters.FilterSet):
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    miner_kind = ChoiceInFilter(field_name="miner__kind", choices=miner_kinds)
    territory = TerritoryFilter()
    metering_point = filters.CharFilter()
    off_grid = YesNoFilter()
    off_grid_known = YesNoFilter(field_name="off_grid", lookup_expr="isnull", exclude=True)
    capacity_from = filters.NumberFilter(field_name="capacity_kw", lookup_expr="gte")
    capacity_to = filters.NumberFilter(field_name="capacity_kw", lookup_expr="lte")
    started_from = filters.DateFilter(field_name="period__startswith", lookup_expr="gte")
    started_to = filters.DateFilter(field_name="period__startswith", lookup_expr="lte")
    closed_from = filters.DateFilter(field_name="period__endswith", lookup_expr="gte")
    closed_to = filters.DateFilter(field_name="period__endswith", lookup_expr="lte")
    search = filters.CharFilter(method="by_search", label="A part of the name or address, or a whole metering point.")

    class Meta:
        model = Site
        fields = ()

    def by_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(name__icontains=value) | Q(address__icontains=value) | Q(metering_point=value))


@with_example(
    {
        "miner": "ru.inn=7707083893",
        "name": "Hall 1",
        "territory": "RU-IRK",
        "address": "Sample street 1",
        "metering_point": "SAMPLE-0001",
        "capacity_kw": "1250.000",
        "off_grid": False,
        "period": {"from": "2024-11-01", "to": None},
    }
)
class SiteSerializer(NounSerializer):
    miner = MinerField()
    miner_name = serializers.CharField(source="miner.name", read_only=True)
    territory = TerritoryField()
    period = PeriodField(validators=[began_already])

    class Meta:
        model = Site
        fields = (
            "id",
            "miner",
            "miner_name",
            "name",
            "territory",
            "address",
            "metering_point",
            "capacity_kw",
            "off_grid",
            "period",
            "import_run",
            "created_at",
        )
        read_only_fields = ("id", "import_run", "created_at")


class SiteViewSet(WriteViewSet):
    """Places at which a miner runs devices. `?as_of=` gives those in use on the day."""

    queryset = Site.objects.select_related("miner", "territory")
    reads = (Site, Miner)
    serializer_class = SiteSerializer
    filterset_class = SiteFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "period"
    csv_columns = {
        "id": "id",
        "miner": "miner_id",
        "miner_name": "miner__name",
        "name": "name",
        "territory": "territory__code",
        "address": "address",
        "metering_point": "metering_point",
        "capacity_kw": "capacity_kw",
        "off_grid": "off_grid",
        "from": "period__startswith",
        "to": "period__endswith",
    }
