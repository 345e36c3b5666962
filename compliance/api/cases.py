"""Cases over HTTP."""

from typing import Any

import django_filters as filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers

from compliance.api.filters import NormFilter
from compliance.choices import case_statuses
from compliance.models import Case, Finding, Norm
from compliance.services.cases import case_open
from registry.api.base import WriteViewSet
from registry.api.fields import CodeField, MinerField, NounSerializer, day_of_mining
from registry.api.filters import ChoiceInFilter, IdentifierFilter, NumberInFilter, TerritoryFilter
from registry.api.schema import with_example
from registry.models import Miner


class CaseFilterSet(filters.FilterSet):
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    territory = TerritoryFilter(field_name="miner__territory")
    norm = NormFilter()
    finding = NumberInFilter(field_name="finding_id")
    status = ChoiceInFilter(choices=case_statuses)
    offence_from = filters.DateFilter(field_name="offence_on", lookup_expr="gte")
    offence_to = filters.DateFilter(field_name="offence_on", lookup_expr="lte")
    opened_from = filters.DateFilter(field_name="opened_on", lookup_expr="gte")
    opened_to = filters.DateFilter(field_name="opened_on", lookup_expr="lte")
    search = filters.CharFilter(field_name="note", lookup_expr="icontains", label="A part of the note.")

    class Meta:
        model = Case
        fields = ()


@with_example(
    {
        "miner": "ru.inn=7707083893",
        "norm": "ru.general.uk-171",
        "finding": None,
        "offence_on": "2026-02-10",
        "opened_on": "2026-03-01",
        "note": "Opened on the grid operator's report.",
    }
)
class CaseSerializer(NounSerializer):
    miner = MinerField()
    miner_name = serializers.CharField(source="miner.name", read_only=True)
    norm = CodeField(noun="norm", queryset=Norm.objects.all(), help_text="Code of the norm.")
    finding = serializers.PrimaryKeyRelatedField(queryset=Finding.objects.all(), allow_null=True, required=False)
    offence_on = serializers.DateField(validators=[day_of_mining])
    opened_on = serializers.DateField(validators=[day_of_mining])

    class Meta:
        model = Case
        fields = (
            "id",
            "miner",
            "miner_name",
            "norm",
            "finding",
            "offence_on",
            "opened_on",
            "status",
            "note",
            "created_at",
        )
        read_only_fields = ("id", "status", "created_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        settled = sorted(set(attrs) - {"note"}) if self.instance else []
        if settled:
            raise serializers.ValidationError(
                {name: ["This stands once a case is open; only the note can change."] for name in settled}, "settled"
            )
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Case:
        return case_open(**validated_data, today=timezone.localdate())


@extend_schema_view(
    partial_update=extend_schema(
        examples=[OpenApiExample("The note", value={"note": "Heard on 3 March."}, request_only=True)]
    )
)
class CaseViewSet(WriteViewSet):
    """Proceedings against one miner under one norm for one day of offence."""

    queryset = Case.objects.select_related("miner", "norm")
    reads = (Case, Miner, Norm)
    serializer_class = CaseSerializer
    filterset_class = CaseFilterSet
    ordering_fields = ("id", "offence_on", "opened_on")
    default_ordering = "-id"
    csv_columns = {
        "id": "id",
        "miner": "miner_id",
        "miner_name": "miner__name",
        "norm": "norm__code",
        "finding": "finding_id",
        "offence_on": "offence_on",
        "opened_on": "opened_on",
        "status": "status",
        "note": "note",
    }
