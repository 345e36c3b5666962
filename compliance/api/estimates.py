"""Runs of the estimate over HTTP: asked for, followed, read with their receipt, verified."""

from typing import Any

import django_filters as filters
from django.db.models import FloatField, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.choices import EstimateKind, estimate_kinds, run_statuses
from compliance.models import Estimate, EstimateCell
from compliance.services.estimate_asking import estimate_send, verification_send
from compliance.services.estimate_faults import CHOICES_BY, MOST_MONTHS, MOST_REPLICATES
from compliance.services.estimates import estimate_request
from registry.api.base import ReadViewSet
from registry.api.fields import CodeField, StrictSerializer
from registry.api.filters import ChoiceInFilter, TerritoryFilter
from registry.api.schema import with_example
from registry.models import Territory

COLUMNS: tuple[str, ...] = (
    "kind",
    "as_of",
    "window_from",
    "known_at",
    "status",
    "done",
    "total",
    "failure",
    "created_at",
    "started_at",
    "finished_at",
)
RECEIPT = ("settings", "seed", "code_version", "law", "lists", "result", "result_sha256", "verification")


class EstimateFilterSet(filters.FilterSet):
    kind = ChoiceInFilter(choices=estimate_kinds)
    status = ChoiceInFilter(choices=run_statuses)
    territory = TerritoryFilter()
    as_of_from = filters.DateFilter(field_name="as_of", lookup_expr="gte")
    as_of_to = filters.DateFilter(field_name="as_of", lookup_expr="lte")
    known_from = filters.IsoDateTimeFilter(field_name="known_at", lookup_expr="gte")
    known_to = filters.IsoDateTimeFilter(field_name="known_at", lookup_expr="lte")

    class Meta:
        model = Estimate
        fields = ()


class EstimateListSerializer(serializers.ModelSerializer):
    number = serializers.IntegerField(source="pk", read_only=True)
    territory = serializers.CharField(source="territory.code", read_only=True)
    sentence = serializers.CharField(read_only=True, allow_null=True, help_text="For the public; null until done.")
    rate = serializers.FloatField(read_only=True, allow_null=True, help_text="Null where there is no point.")

    class Meta:
        model = Estimate
        fields: tuple[str, ...] = ("number", "territory", *COLUMNS, "sentence", "rate")
        read_only_fields = fields


class EstimateSerializer(EstimateListSerializer):
    """One run whole: its settings, its receipt, its result, and what its last verification said."""

    class Meta(EstimateListSerializer.Meta):
        fields: tuple[str, ...] = (*EstimateListSerializer.Meta.fields, *RECEIPT)
        read_only_fields = fields


class EstimateCellSerializer(serializers.ModelSerializer):
    territory = serializers.CharField(source="territory.code", read_only=True, allow_null=True)

    class Meta:
        model = EstimateCell
        fields = ("position", "task", "territory", "month", "stratum", "computed_at", "input", "output")
        read_only_fields = fields


@with_example({"kind": "whole", "territory": "RU", "as_of": "2026-10-31"})
class EstimateRequestSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=estimate_kinds(), default=EstimateKind.WHOLE)
    territory = CodeField(noun="territory", queryset=Territory.objects.all(), help_text="Its code.")
    as_of = serializers.DateField(help_text="The last day of the window; not after today.")
    months = serializers.IntegerField(min_value=1, max_value=MOST_MONTHS, default=3, help_text="Length of a window.")
    by = serializers.ChoiceField(choices=CHOICES_BY, default="size", help_text="What the strata are.")
    bootstrap = serializers.IntegerField(min_value=0, max_value=MOST_REPLICATES, default=1000)
    history = serializers.IntegerField(min_value=1, max_value=60, default=24, help_text="Months of a run by region.")
    seed = serializers.IntegerField(min_value=0, max_value=2**52 - 1, required=False)
    known_at = serializers.DateTimeField(required=False, help_text="What was recorded later does not count.")
    headline = serializers.JSONField(required=False, help_text="Settings of the arithmetic other than the defaults.")

    mining_kw = serializers.ListField(
        child=serializers.FloatField(min_value=0),
        min_length=2,
        max_length=2,
        required=False,
        help_text="From, to: the power that obliged mining draws by the electricity, in kW; set beside the lists.",
    )
    hash_rate_ths = serializers.ListField(
        child=serializers.FloatField(min_value=0),
        min_length=2,
        max_length=2,
        required=False,
        help_text="From, to: the hash rate of mining there, in TH/s; its power is bounded by the device catalogue.",
    )
    hash_price = serializers.FloatField(
        min_value=0, required=False, help_text="Money that a TH/s earns in a day; with `hash_rate_ths`."
    )
    price_per_kwh = serializers.FloatField(
        min_value=0, required=False, help_text="Of electricity, in the same money; with `hash_rate_ths`."
    )
    above_threshold = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="Part of the hash rate that is of obliged mining; else all."
    )

    def validate_headline(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise serializers.ValidationError('Give an object of settings, such as {"active_alpha": 19}.')
        return value


class VerificationSerializer(serializers.Serializer):
    number = serializers.IntegerField()


@extend_schema_view(
    create=extend_schema(
        request=EstimateRequestSerializer,
        responses={202: OpenApiResponse(EstimateSerializer, "Numbered; `Location` shows how far it is.")},
    )
)
class EstimateViewSet(ReadViewSet):
    """Numbered runs of the estimate. A run that is done never changes; only whether it was verified is added."""

    queryset = Estimate.objects.select_related("territory")
    reads = (Estimate,)
    reads_of = {"cells": (EstimateCell,)}
    filterset_class = EstimateFilterSet
    ordering_fields = ("id",)
    default_ordering = "-id"
    csv_columns = {"number": "id", "territory": "territory__code", **{name: name for name in COLUMNS}}

    def get_queryset(self) -> QuerySet:
        queryset = super().get_queryset()
        if self.action == "list":
            queryset = queryset.defer("result", "lists", "law", "settings", "verification")
        return queryset.annotate(sentence=KT("result__sentence"), rate=Cast(KT("result__headline__rate"), FloatField()))

    def get_serializer_class(self) -> Any:
        return EstimateListSerializer if self.action == "list" else EstimateSerializer

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for a run; it gets its number at once, and a worker computes it."""
        form = EstimateRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        run = estimate_request(**form.validated_data, now=timezone.now(), user=request.user)  # type: ignore[arg-type]
        estimate_send(run)
        return Response(
            EstimateSerializer(self.get_queryset().get(pk=run.pk)).data,
            status=202,
            headers={"Location": self.reverse_action("detail", args=[run.pk])},
        )

    @extend_schema(responses=EstimateCellSerializer(many=True))
    @action(detail=True)
    def cells(self, request: Request, **kwargs: Any) -> Response:
        """Everything that the result was put together from, in order: the kept tables and what came out of each."""
        cells = self.get_object().cells.select_related("territory").order_by("position")
        return Response({"results": EstimateCellSerializer(cells, many=True).data})

    @extend_schema(
        request=None,
        responses={
            202: OpenApiResponse(VerificationSerializer, "Asked of the worker; the run then shows the outcome.")
        },
    )
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, **kwargs: Any) -> Response:
        """Compute a finished run again, from the register as known then and from what was kept, and compare."""
        run = self.get_object()
        verification_send(run)
        where = self.reverse_action("detail", args=[run.pk])
        return Response({"number": run.pk}, status=202, headers={"Location": where})

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return super().filter_queryset(queryset) if self.action == "list" else queryset
