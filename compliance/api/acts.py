"""Acts over HTTP, read only: laws, decrees, codes and bills."""

import datetime as dt

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from rest_framework import serializers

from compliance.api.sources import CODE, ConflictSerializer, SourceSerializer
from compliance.choices import ActStatusName, act_statuses
from compliance.models import Act, ActStatus
from registry.api.base import ReadViewSet
from registry.api.fields import PeriodField
from registry.api.filters import ChoiceInFilter, CodeInFilter


class ActFilterSet(filters.FilterSet):
    code = CodeInFilter(field_name="code", label="One code, or several parted by commas.")
    pack = CodeInFilter(field_name="pack__code", label="Code of a jurisdiction's pack, such as ru.")
    status = ChoiceInFilter(method="by_status", choices=act_statuses, label="Has, or had, one of these statuses.")
    in_force_on = filters.DateFilter(method="by_in_force", label="Was law on this day.")
    search = filters.CharFilter(method="by_search", label="A part of the title or the citation.")

    class Meta:
        model = Act
        fields = ()

    def by_status(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.filter(Exists(ActStatus.objects.filter(act=OuterRef("pk"), status__in=value)))

    def by_in_force(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        in_force = ActStatus.objects.filter(act=OuterRef("pk"), status=ActStatusName.IN_FORCE, period__contains=value)
        return queryset.filter(Exists(in_force))

    def by_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(title__icontains=value) | Q(citation__icontains=value))


class ActStatusSerializer(serializers.ModelSerializer):
    period = PeriodField(read_only=True)
    sources = SourceSerializer(many=True, read_only=True)

    class Meta:
        model = ActStatus
        fields = ("status", "period", "confidence", "sources")
        read_only_fields = fields


class ActSerializer(serializers.ModelSerializer):
    pack = serializers.CharField(source="pack.code", read_only=True)
    conflicts = ConflictSerializer(many=True, read_only=True)
    sources = SourceSerializer(many=True, read_only=True)
    statuses = ActStatusSerializer(many=True, read_only=True)

    class Meta:
        model = Act
        fields = ("id", "pack", "code", "title", "citation", "statuses", "conflicts", "sources")
        read_only_fields = fields


class ActViewSet(ReadViewSet):
    """Laws, decrees, codes and bills, with their status over time."""

    queryset = Act.objects.select_related("pack").prefetch_related("statuses")
    reads = (Act, ActStatus)
    serializer_class = ActSerializer
    filterset_class = ActFilterSet
    lookup_field = "code"
    lookup_value_regex = CODE
    ordering_fields = ("code", "id")
    csv_columns = {
        "id": "id",
        "pack": "pack__code",
        "code": "code",
        "title": "title",
        "citation": "citation",
        "sources": "sources",
    }
