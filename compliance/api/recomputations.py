"""Runs over the totals over HTTP, read only: what runs, what is done, what failed."""

import django_filters as filters
from rest_framework import serializers

from compliance.choices import run_kinds, run_statuses
from compliance.models import Recomputation
from registry.api.base import ReadViewSet
from registry.api.filters import ChoiceInFilter


class RecomputationFilterSet(filters.FilterSet):
    kind = ChoiceInFilter(choices=run_kinds)
    status = ChoiceInFilter(choices=run_statuses)
    as_of_from = filters.DateFilter(field_name="as_of", lookup_expr="gte")
    as_of_to = filters.DateFilter(field_name="as_of", lookup_expr="lte")
    started_from = filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="gte")
    started_to = filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="lte")

    class Meta:
        model = Recomputation
        fields = ()


class RecomputationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Recomputation
        fields = ("id", "kind", "as_of", "status", "done", "total", "failure", "started_at", "finished_at")
        read_only_fields = fields


class RecomputationViewSet(ReadViewSet):
    """Recomputations of rates, findings and exposure, with their progress."""

    queryset = Recomputation.objects.all()
    reads = (Recomputation,)
    serializer_class = RecomputationSerializer
    filterset_class = RecomputationFilterSet
    ordering_fields = ("id",)
    default_ordering = "-id"
    csv_columns = {name: name for name in RecomputationSerializer.Meta.fields}
