"""Device models and devices over HTTP."""

import django_filters as filters
from django.db.models import Q, QuerySet
from rest_framework import serializers

from registry.api.base import WriteViewSet
from registry.api.fields import NounSerializer, PeriodField, began_already
from registry.api.filters import IdentifierFilter, NumberInFilter, TerritoryFilter
from registry.api.pagination import DatedKeysetPagination
from registry.api.schema import with_example
from registry.models import Device, DeviceModel, Miner, Site


class DeviceModelFilterSet(filters.FilterSet):
    maker = filters.CharFilter(lookup_expr="iexact")
    algorithm = filters.CharFilter(lookup_expr="iexact")
    cooling = filters.CharFilter(lookup_expr="iexact")
    hashrate_from = filters.NumberFilter(field_name="hashrate", lookup_expr="gte")
    hashrate_to = filters.NumberFilter(field_name="hashrate", lookup_expr="lte")
    power_from = filters.NumberFilter(field_name="power_w", lookup_expr="gte")
    power_to = filters.NumberFilter(field_name="power_w", lookup_expr="lte")
    search = filters.CharFilter(method="by_search", label="A part of the maker's or the model's name.")

    class Meta:
        model = DeviceModel
        fields = ()

    def by_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(maker__icontains=value) | Q(name__icontains=value))


@with_example(
    {
        "maker": "Sample Maker",
        "name": "S100",
        "algorithm": "SHA-256",
        "hashrate": "100.0000",
        "hashrate_unit": "TH/s",
        "power_w": "3000.00",
        "efficiency": "30 J/TH",
        "released_month": "2024-05",
        "cooling": "air",
    }
)
class DeviceModelSerializer(NounSerializer):
    class Meta:
        model = DeviceModel
        fields = (
            "id",
            "maker",
            "name",
            "algorithm",
            "hashrate",
            "hashrate_unit",
            "power_w",
            "efficiency",
            "released_month",
            "cooling",
            "source_codes",
        )
        read_only_fields = ("id",)


class DeviceModelViewSet(WriteViewSet):
    """Models of mining devices as their makers state them."""

    queryset = DeviceModel.objects.all()
    reads = (DeviceModel,)
    serializer_class = DeviceModelSerializer
    filterset_class = DeviceModelFilterSet
    ordering_fields = ("id", "maker", "name", "hashrate")
    csv_columns = {name: name for name in DeviceModelSerializer.Meta.fields}


class DeviceFilterSet(filters.FilterSet):
    site = NumberInFilter(field_name="site_id")
    miner = NumberInFilter(field_name="site__miner_id")
    identifier = IdentifierFilter(field_name="site__miner")
    territory = TerritoryFilter(field_name="site__territory")
    model = NumberInFilter(field_name="model_id")
    maker = filters.CharFilter(field_name="model__maker", lookup_expr="iexact")
    algorithm = filters.CharFilter(field_name="model__algorithm", lookup_expr="iexact")
    serial_number = filters.CharFilter()
    started_from = filters.DateFilter(field_name="period__startswith", lookup_expr="gte")
    started_to = filters.DateFilter(field_name="period__startswith", lookup_expr="lte")
    left_from = filters.DateFilter(field_name="period__endswith", lookup_expr="gte")
    left_to = filters.DateFilter(field_name="period__endswith", lookup_expr="lte")
    search = filters.CharFilter(field_name="serial_number", lookup_expr="iexact", label="A whole serial number.")

    class Meta:
        model = Device
        fields = ()


@with_example(
    {
        "site": 7,
        "model": 3,
        "serial_number": "SAMPLE-SN-0001",
        "quantity": 1,
        "period": {"from": "2024-11-01", "to": None},
    }
)
class DeviceSerializer(NounSerializer):
    site = serializers.PrimaryKeyRelatedField(queryset=Site.objects.all())
    model = serializers.PrimaryKeyRelatedField(queryset=DeviceModel.objects.all())
    period = PeriodField(validators=[began_already])

    class Meta:
        model = Device
        fields = ("id", "site", "model", "serial_number", "quantity", "period", "import_run", "created_at")
        read_only_fields = ("id", "import_run", "created_at")


class DeviceViewSet(WriteViewSet):
    """Devices at sites. `?as_of=` gives those that stood there on the day."""

    queryset = Device.objects.all()
    reads = (Device, DeviceModel, Site, Miner)
    serializer_class = DeviceSerializer
    filterset_class = DeviceFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "period"
    csv_columns = {
        "id": "id",
        "site": "site_id",
        "site_name": "site__name",
        "maker": "model__maker",
        "model": "model__name",
        "serial_number": "serial_number",
        "quantity": "quantity",
        "from": "period__startswith",
        "to": "period__endswith",
    }
