"""Sightings over HTTP: signs of mining."""

from typing import Any

import django_filters as filters
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from registry.api.base import WriteViewSet
from registry.api.fields import CodeField, MinerField, NounSerializer, TerritoryField, day_of_mining
from registry.api.filters import (
    ChoiceInFilter,
    CodeInFilter,
    IdentifierFilter,
    NumberInFilter,
    TerritoryFilter,
    YesNoFilter,
)
from registry.api.schema import with_example
from registry.choices import sighting_kinds
from registry.errors import Refusal
from registry.models import Miner, Sighting, SightingList
from registry.services.lists import list_of_sighting


class SightingFilterSet(filters.FilterSet):
    kind = ChoiceInFilter(choices=sighting_kinds)
    list = CodeInFilter(field_name="list__code", label="Code of a list, or several parted by commas.")
    source = filters.CharFilter()
    reference = filters.CharFilter()
    territory = TerritoryFilter()
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    miner_known = YesNoFilter(field_name="miner", lookup_expr="isnull", exclude=True)
    metering_point = filters.CharFilter()
    seen_from = filters.DateFilter(field_name="seen_on", lookup_expr="gte")
    seen_to = filters.DateFilter(field_name="seen_on", lookup_expr="lte")
    power_from = filters.NumberFilter(field_name="power_kw", lookup_expr="gte")
    power_to = filters.NumberFilter(field_name="power_kw", lookup_expr="lte")
    devices_from = filters.NumberFilter(field_name="device_count", lookup_expr="gte")
    devices_to = filters.NumberFilter(field_name="device_count", lookup_expr="lte")
    search = filters.CharFilter(field_name="note", lookup_expr="icontains", label="A part of the note.")

    class Meta:
        model = Sighting
        fields = ()


@with_example(
    {
        "kind": "grid_anomaly",
        "source": "Sample grid operator",
        "reference": "SAMPLE-2026-17",
        "seen_on": "2026-02-10",
        "territory": "RU-IRK",
        "miner": None,
        "name": "IP Sample",
        "address": "Lenina 12",
        "metering_point": "SAMPLE-0002",
        "power_kw": "480.000",
        "note": "Even load by day and night.",
    }
)
class SightingSerializer(NounSerializer):
    list = CodeField(
        noun="list",
        queryset=SightingList.objects.all(),
        required=False,
        help_text="Code of the list that it is on; by default the one of its kind.",
    )
    seen_on = serializers.DateField(validators=[day_of_mining])
    territory = TerritoryField()
    miner = MinerField(allow_null=True, required=False)

    class Meta:
        model = Sighting
        fields = (
            "id",
            "kind",
            "list",
            "source",
            "reference",
            "seen_on",
            "territory",
            "miner",
            "name",
            "address",
            "metering_point",
            "power_kw",
            "device_count",
            "url",
            "note",
            "import_run",
            "created_at",
        )
        read_only_fields = ("id", "import_run", "created_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "kind" in attrs or "list" in attrs:
            kind = attrs.get("kind", getattr(self.instance, "kind", ""))
            try:
                attrs["list"] = list_of_sighting(kind=kind, given=attrs.get("list") or self._list_kept(kind))
            except Refusal as refusal:
                errors = {name: [ErrorDetail(text, refusal.code)] for name, text in refusal.fields.items()}
                raise serializers.ValidationError(errors) from None
        return attrs

    def _list_kept(self, kind: str) -> SightingList | None:
        """The list of a sighting on file whose kind stays as it is."""
        return self.instance.list if self.instance is not None and self.instance.kind == kind else None


class SightingViewSet(WriteViewSet):
    """Signs of mining reported by somebody, with or without a known miner."""

    queryset = Sighting.objects.select_related("territory", "list")
    reads = (Sighting, Miner, SightingList)
    serializer_class = SightingSerializer
    filterset_class = SightingFilterSet
    ordering_fields = ("id", "seen_on")
    csv_columns = {
        "id": "id",
        "kind": "kind",
        "list": "list__code",
        "source": "source",
        "reference": "reference",
        "seen_on": "seen_on",
        "territory": "territory__code",
        "miner": "miner_id",
        "name": "name",
        "address": "address",
        "metering_point": "metering_point",
        "power_kw": "power_kw",
        "device_count": "device_count",
        "url": "url",
        "note": "note",
    }
