"""Penalties over HTTP, read only: the bands of every book."""

import django_filters as filters
from rest_framework import serializers

from compliance.api.filters import NormFilter
from compliance.api.sources import ConflictSerializer, SourceSerializer, StatusSerializer
from compliance.choices import (
    SanctionKind,
    SanctionRole,
    bases,
    confidences,
    money_facts,
    occurrences,
    offenders,
)
from compliance.models import Book, Norm, Penalty
from registry.api.base import ReadViewSet
from registry.api.fields import PeriodsField
from registry.api.filters import ChoiceInFilter, CodeInFilter, YesNoFilter
from registry.api.pagination import DatedKeysetPagination


class PenaltyFilterSet(filters.FilterSet):
    book = CodeInFilter(field_name="book__code", label="Code of a book, or several parted by commas.")
    norm = NormFilter()
    act = CodeInFilter(field_name="act__code", label="Code of an act, or several parted by commas.")
    offender = ChoiceInFilter(choices=offenders)
    occurrence = ChoiceInFilter(choices=occurrences)
    currency = filters.CharFilter()
    unit = filters.CharFilter()
    basis = ChoiceInFilter(choices=bases)
    threshold_fact = ChoiceInFilter(choices=money_facts)
    criminal = YesNoFilter()
    priced = YesNoFilter(field_name="amount_high", lookup_expr="isnull", exclude=True)
    amount_from = filters.NumberFilter(field_name="amount_high", lookup_expr="gte", label="Its highest amount.")
    amount_to = filters.NumberFilter(field_name="amount_low", lookup_expr="lte", label="Its lowest amount.")
    in_force_on = filters.DateFilter(field_name="in_force", lookup_expr="contains")
    confidence = ChoiceInFilter(choices=confidences)
    search = filters.CharFilter(field_name="article", lookup_expr="icontains", label="A part of the article.")

    class Meta:
        model = Penalty
        fields = ()


class BandSanctionSerializer(serializers.Serializer):
    """What may be imposed besides or instead of the fine."""

    role = serializers.ChoiceField(choices=SanctionRole.choices)
    kind = serializers.ChoiceField(choices=SanctionKind.choices)
    words = serializers.CharField()
    days = serializers.IntegerField(allow_null=True)


class PenaltySerializer(serializers.ModelSerializer):
    book = serializers.CharField(source="book.code", read_only=True)
    norm = serializers.CharField(source="norm.code", read_only=True)
    act = serializers.CharField(source="act.code", read_only=True, allow_null=True)
    sanctions = BandSanctionSerializer(many=True, read_only=True)
    days = PeriodsField()
    in_force = PeriodsField(allow_null=True)
    timeline = StatusSerializer(many=True, read_only=True)
    conflicts = ConflictSerializer(many=True, read_only=True)
    sources = SourceSerializer(many=True, read_only=True)

    class Meta:
        model = Penalty
        fields = (
            "id",
            "book",
            "norm",
            "act",
            "offender",
            "occurrence",
            "article",
            "amount_low",
            "amount_high",
            "basis",
            "currency",
            "unit",
            "cap",
            "sanctions",
            "condition",
            "threshold_fact",
            "threshold_over",
            "threshold_currency",
            "criminal",
            "discount_percent",
            "discount_days",
            "limitation_days",
            "lookback_days",
            "days",
            "in_force",
            "timeline",
            "conflicts",
            "confidence",
            "sources",
        )
        read_only_fields = fields


class PenaltyViewSet(ReadViewSet):
    """Bands of penalty, in every book. `?as_of=` gives those that were law on the day."""

    queryset = Penalty.objects.select_related("book", "norm", "act")
    reads = (Penalty, Norm, Book)
    serializer_class = PenaltySerializer
    filterset_class = PenaltyFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "in_force"
    csv_columns = {
        "id": "id",
        "book": "book__code",
        "norm": "norm__code",
        "act": "act__code",
        "offender": "offender",
        "occurrence": "occurrence",
        "article": "article",
        "amount_low": "amount_low",
        "amount_high": "amount_high",
        "basis": "basis",
        "currency": "currency",
        "unit": "unit",
        "cap": "cap",
        "sanctions": "sanctions",
        "condition": "condition",
        "threshold_fact": "threshold_fact",
        "threshold_over": "threshold_over",
        "threshold_currency": "threshold_currency",
        "criminal": "criminal",
        "discount_percent": "discount_percent",
        "discount_days": "discount_days",
        "limitation_days": "limitation_days",
        "lookback_days": "lookback_days",
        "in_force_from": "in_force__startswith",
        "in_force_to": "in_force__endswith",
        "confidence": "confidence",
    }
