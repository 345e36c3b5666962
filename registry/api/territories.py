"""Territories over HTTP: read only."""

import django_filters as filters
from rest_framework import serializers

from registry.api.base import ReadViewSet
from registry.api.filters import ChoiceInFilter, CodeInFilter, TerritoryFilter
from registry.choices import territory_kinds
from registry.models import Territory


class TerritoryFilterSet(filters.FilterSet):
    code = CodeInFilter(field_name="code", label="One code, or several parted by commas.")
    kind = ChoiceInFilter(choices=territory_kinds)
    parent = filters.CharFilter(field_name="parent__code", label="Code of the territory directly above.")
    within = TerritoryFilter(field_name="pk")
    search = filters.CharFilter(field_name="name", lookup_expr="icontains", label="A part of the name.")

    class Meta:
        model = Territory
        fields = ()


class TerritorySerializer(serializers.ModelSerializer):
    parent = serializers.CharField(source="parent.code", read_only=True, allow_null=True)  # type: ignore[assignment]  # the column

    class Meta:
        model = Territory
        fields = ("id", "code", "name", "kind", "parent")
        read_only_fields = fields


class TerritoryViewSet(ReadViewSet):
    """Countries, regions and municipalities."""

    queryset = Territory.objects.select_related("parent")
    reads = (Territory,)
    serializer_class = TerritorySerializer
    filterset_class = TerritoryFilterSet
    ordering_fields = ("code", "id", "name")
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9-]{1,64}"
    csv_columns = {"id": "id", "code": "code", "name": "name", "kind": "kind", "parent": "parent__code"}
