"""Runs over the totals over HTTP: what runs, what is done, what failed; and asking for new ones."""

from typing import Any

import django_filters as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.choices import run_kinds, run_statuses
from compliance.models import Recomputation
from compliance.services.queue import recomputation_request
from registry.api.base import ReadViewSet
from registry.api.fields import StrictSerializer
from registry.api.filters import ChoiceInFilter
from registry.api.schema import with_example


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


@with_example({"kinds": ["rates", "exposure"]})
class RecomputationRequestSerializer(StrictSerializer):
    kinds = serializers.MultipleChoiceField(choices=run_kinds(), allow_empty=False, help_text="The totals wanted.")


@extend_schema_view(
    create=extend_schema(
        request=RecomputationRequestSerializer,
        responses={
            202: OpenApiResponse(RecomputationRequestSerializer, "Asked of the worker; `Location` lists the runs.")
        },
    )
)
class RecomputationViewSet(ReadViewSet):
    """Recomputations of rates, findings and exposure, with their progress."""

    queryset = Recomputation.objects.all()
    reads = (Recomputation,)
    serializer_class = RecomputationSerializer
    filterset_class = RecomputationFilterSet
    ordering_fields = ("id",)
    default_ordering = "-id"
    csv_columns = {name: name for name in RecomputationSerializer.Meta.fields}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask the worker to compute totals anew as of today; a run is on the list once the worker has begun it."""
        form = RecomputationRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        kinds = sorted(form.validated_data["kinds"])
        recomputation_request(kinds=kinds)
        return Response({"kinds": kinds}, status=202, headers={"Location": self.reverse_action("list")})
