"""Sites over HTTP: where miners mine."""

import django_filters as filters
from django.db.models import Q, QuerySet
from rest_framework import serializers

from registry.api.base import WriteViewSet
from registry.api.fields import (
    MinerField,
    NounSerializer,
    PeriodField,
    TerritoryField,
    began_already,
    day_of_mining,
)
from registry.api.filters import ChoiceInFilter, IdentifierFilter, NumberInFilter, TerritoryFilter, YesNoFilter
from registry.api.pagination import DatedKeysetPagination
from registry.api.schema import with_example
from registry.choices import land_uses, miner_kinds
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
    interruptible_from = filters.NumberFilter(field_name="interruptible_percent", lookup_expr="gte")
    interruptible_to = filters.NumberFilter(field_name="interruptible_percent", lookup_expr="lte")
    data_centre = YesNoFilter()
    data_centre_known = YesNoFilter(field_name="data_centre", lookup_expr="isnull", exclude=True)
    land_use = ChoiceInFilter(choices=land_uses)
    host = NumberInFilter(field_name="host_id")
    host_identifier = IdentifierFilter(field_name="host", label="Identifier of the host, as scheme=number.")
    hosted = YesNoFilter(field_name="host", lookup_expr="isnull", exclude=True)
    disclosed = YesNoFilter(field_name="disclosed_on", lookup_expr="isnull", exclude=True)
    disclosed_from = filters.DateFilter(field_name="disclosed_on", lookup_expr="gte")
    disclosed_to = filters.DateFilter(field_name="disclosed_on", lookup_expr="lte")
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
        "interruptible_percent": "25.00",
        "data_centre": True,
        "land_use": "industrial",
        "host": None,
        "period": {"from": "2024-11-01", "to": None},
    }
)
class SiteSerializer(NounSerializer):
    miner = MinerField()
    miner_name = serializers.CharField(source="miner.name", read_only=True)
    territory = TerritoryField()
    host = MinerField(allow_null=True, required=False)
    disclosed_on = serializers.DateField(allow_null=True, required=False, validators=[day_of_mining])
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
            "interruptible_percent",
            "data_centre",
            "land_use",
            "host",
            "disclosed_on",
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
        "interruptible_percent": "interruptible_percent",
        "data_centre": "data_centre",
        "land_use": "land_use",
        "host": "host_id",
        "disclosed_on": "disclosed_on",
        "from": "period__startswith",
        "to": "period__endswith",
    }
