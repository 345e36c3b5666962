"""Meter readings over HTTP."""

import django_filters as filters
from django.db.models import QuerySet
from rest_framework import serializers

from registry.api.base import WriteViewSet
from registry.api.fields import NounSerializer, day_of_mining, first_of_month
from registry.api.filters import IdentifierFilter, NumberInFilter, TerritoryFilter
from registry.api.schema import with_example
from registry.models import Miner, Reading, Site


class SitePointsFilter(NumberInFilter):
    """Readings of the metering points of some sites."""

    def filter(self, qs: QuerySet, value: list[int] | None) -> QuerySet:
        return qs.filter(metering_point__in=_points(**{f"{self.field_name}__in": value})) if value else qs


class PointsInTerritoryFilter(TerritoryFilter):
    def filter(self, qs: QuerySet, value: str | None) -> QuerySet:
        if not value:
            return qs
        sites = super().filter(Site.objects.exclude(metering_point=None), value)
        return qs.filter(metering_point__in=sites.values("metering_point"))


class PointsOfIdentifierFilter(IdentifierFilter):
    def filter(self, qs: QuerySet, value: str | None) -> QuerySet:
        if not value:
            return qs
        sites = super().filter(Site.objects.exclude(metering_point=None), value)
        return qs.filter(metering_point__in=sites.values("metering_point"))


def _points(**conditions: object) -> QuerySet:
    return Site.objects.exclude(metering_point=None).filter(**conditions).values("metering_point")


class ReadingFilterSet(filters.FilterSet):
    metering_point = filters.CharFilter()
    site = SitePointsFilter(field_name="pk")
    miner = SitePointsFilter(field_name="miner_id")
    identifier = PointsOfIdentifierFilter()
    territory = PointsInTerritoryFilter(label="Territory of the site; all that lies below counts too.")
    month_from = filters.DateFilter(field_name="month", lookup_expr="gte")
    month_to = filters.DateFilter(field_name="month", lookup_expr="lte")
    energy_from = filters.NumberFilter(field_name="energy_kwh", lookup_expr="gte")
    energy_to = filters.NumberFilter(field_name="energy_kwh", lookup_expr="lte")
    search = filters.CharFilter(field_name="metering_point", lookup_expr="exact", label="A whole metering point.")

    class Meta:
        model = Reading
        fields = ()


@with_example({"metering_point": "SAMPLE-0001", "month": "2026-02-01", "energy_kwh": "612000.000"})
class ReadingSerializer(NounSerializer):
    month = serializers.DateField(validators=[first_of_month, day_of_mining])

    class Meta:
        model = Reading
        fields = ("id", "metering_point", "month", "energy_kwh", "import_run", "created_at")
        read_only_fields = ("id", "import_run", "created_at")


class ReadingViewSet(WriteViewSet):
    """The energy that one metering point drew in one month."""

    queryset = Reading.objects.all()
    reads = (Reading, Site, Miner)
    serializer_class = ReadingSerializer
    filterset_class = ReadingFilterSet
    ordering_fields = ("id", "metering_point")
    csv_columns = {"id": "id", "metering_point": "metering_point", "month": "month", "energy_kwh": "energy_kwh"}
