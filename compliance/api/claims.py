"""Claims over HTTP: what somebody said about the size or the share of mining."""

import django_filters as filters
from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer

from compliance.choices import confidences
from compliance.models import Claim
from compliance.services.claims import claim_keep
from registry.api.base import WriteViewSet
from registry.api.fields import NounSerializer, TerritoryField, not_in_the_future
from registry.api.filters import ChoiceInFilter, CodeInFilter, TerritoryFilter
from registry.api.schema import with_example


class ClaimFilterSet(filters.FilterSet):
    code = CodeInFilter(field_name="code", label="One code, or several parted by commas.")
    territory = TerritoryFilter()
    bounds = CodeInFilter(field_name="bounds", label="What it bounds, such as registration_rate.")
    said_from = filters.DateFilter(field_name="said_on", lookup_expr="gte")
    said_to = filters.DateFilter(field_name="said_on", lookup_expr="lte")
    confidence = ChoiceInFilter(choices=confidences)
    search = filters.CharFilter(method="by_search", label="A part of the statement, of the quote or of who said it.")

    class Meta:
        model = Claim
        fields = ()

    def by_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(statement__icontains=value) | Q(said_by__icontains=value) | Q(quote__icontains=value))


@with_example(
    {
        "code": "ru.sample",
        "territory": "RU",
        "said_by": "Sample ministry",
        "said_on": "2026-02-01",
        "where_said": "Sample hearing",
        "about_on": "2025-12-31",
        "statement": "About 30 % are registered.",
        "quote": "Some thirty percent, I would say",
        "bounds": "registration_rate",
        "low": "0.300000",
        "high": "0.300000",
        "unit": "share",
        "url": "https://example.org/statement",
        "confidence": "M",
    }
)
class ClaimSerializer(NounSerializer):
    territory = TerritoryField()
    said_on = serializers.DateField(validators=[not_in_the_future])

    class Meta:
        model = Claim
        fields = (
            "id",
            "code",
            "territory",
            "said_by",
            "said_on",
            "where_said",
            "about_on",
            "statement",
            "quote",
            "bounds",
            "low",
            "high",
            "unit",
            "url",
            "confidence",
        )
        read_only_fields = ("id",)


class ClaimViewSet(WriteViewSet):
    """Sourced statements; they stand beside our figures and are never mixed into them.

    Those of a law pack are changed in the pack: writing them here is refused.
    """

    queryset = Claim.objects.select_related("territory")
    reads = (Claim,)
    serializer_class = ClaimSerializer
    filterset_class = ClaimFilterSet
    ordering_fields = ("id", "said_on", "code")
    csv_columns = {
        "id": "id",
        "code": "code",
        "territory": "territory__code",
        "said_by": "said_by",
        "said_on": "said_on",
        "where_said": "where_said",
        "about_on": "about_on",
        "statement": "statement",
        "quote": "quote",
        "bounds": "bounds",
        "low": "low",
        "high": "high",
        "unit": "unit",
        "url": "url",
        "confidence": "confidence",
    }

    def perform_create(self, serializer: BaseSerializer) -> None:
        claim_keep(code=serializer.validated_data["code"])
        super().perform_create(serializer)

    def perform_update(self, serializer: BaseSerializer) -> None:
        claim_keep(code=self.get_object().code)
        claim_keep(code=serializer.validated_data.get("code", ""))
        super().perform_update(serializer)

    def perform_destroy(self, instance: Claim) -> None:
        claim_keep(code=instance.code)
        super().perform_destroy(instance)
