"""Lists over HTTP: who sees mining, where and when, and what being on the list depends on."""

from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from registry.api.base import WriteViewSet
from registry.api.fields import CodeField, NounSerializer, PeriodField
from registry.api.filters import ChoiceInFilter, CodeInFilter, YesNoFilter
from registry.api.schema import with_example
from registry.choices import list_kinds
from registry.models import SightingList, Territory
from registry.services.lists import list_change, list_create, list_delete


class SightingListFilterSet(filters.FilterSet):
    kind = ChoiceInFilter(choices=list_kinds)
    code = CodeInFilter(field_name="code", label="Code of a list, or several parted by commas.")
    conditional_on_unregistered = YesNoFilter()
    random_sample = YesNoFilter()
    everywhere = YesNoFilter()
    search = filters.CharFilter(field_name="name", lookup_expr="icontains", label="A part of the name.")

    class Meta:
        model = SightingList
        fields = ()


@with_example(
    {
        "code": "sample_audit_2026",
        "name": "Sample audit of 2026",
        "kind": "audit",
        "random_sample": True,
        "everywhere": False,
        "territories": ["RU-IRK"],
        "window": {"from": "2026-01-01", "to": "2026-04-01"},
        "note": "Two hundred places drawn from the grid operator's customers.",
    }
)
class SightingListSerializer(NounSerializer):
    territories = serializers.ListField(
        child=CodeField(noun="territory", queryset=Territory.objects.all()),
        required=False,
        help_text="Codes; with all that lies in them.",
    )
    window = PeriodField(open_start=True, required=False, allow_null=True)

    class Meta:
        model = SightingList
        fields = (
            "id",
            "code",
            "name",
            "kind",
            "conditional_on_unregistered",
            "random_sample",
            "everywhere",
            "territories",
            "window",
            "note",
            "created_at",
        )
        read_only_fields = ("id", "created_at")

    def to_representation(self, instance: SightingList) -> dict[str, Any]:
        return super().to_representation(_Shown(instance))

    def create(self, validated_data: dict[str, Any]) -> SightingList:
        return _stored(list_create, **validated_data)

    def update(self, instance: SightingList, validated_data: dict[str, Any]) -> SightingList:
        return _stored(list_change, row=instance, **validated_data)


class _Shown:
    """A list whose territories are read from what was fetched for the whole page."""

    def __init__(self, row: SightingList) -> None:
        self._row = row
        self.territories = list(row.territories.all())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _stored(service: Any, **facts: Any) -> SightingList:
    """What the model refuses goes out field by field."""
    try:
        row: SightingList = service(**facts)
    except ValidationError as error:
        found = {
            "" if name == "__all__" else name: [ErrorDetail(text, "invalid") for text in texts]
            for name, texts in error.message_dict.items()
        }
        raise serializers.ValidationError(found) from None
    return row


class SightingListViewSet(WriteViewSet):
    """Lists of operations; every sighting is on one. That of the register holds the registrations in force."""

    queryset = SightingList.objects.prefetch_related("territories")
    reads = (SightingList,)
    serializer_class = SightingListSerializer
    filterset_class = SightingListFilterSet
    ordering_fields = ("code", "id")
    csv_columns = {
        "id": "id",
        "code": "code",
        "name": "name",
        "kind": "kind",
        "conditional_on_unregistered": "conditional_on_unregistered",
        "random_sample": "random_sample",
        "everywhere": "everywhere",
        "from": "window__startswith",
        "to": "window__endswith",
        "note": "note",
    }

    def perform_destroy(self, instance: SightingList) -> None:
        list_delete(row=instance)
