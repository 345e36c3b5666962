"""Fines over HTTP: issued, annulled, never edited."""

import datetime as dt
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.filters import NormFilter
from compliance.choices import fine_statuses, occurrences
from compliance.models import Case, Fine, Payment, Penalty
from compliance.services.fines import fine_annul, fine_issue
from registry.api.base import CreateMixin, ReadViewSet
from registry.api.fields import NounSerializer
from registry.api.filters import (
    ChoiceInFilter,
    IdentifierFilter,
    NumberInFilter,
    TerritoryFilter,
    YesNoFilter,
)
from registry.api.pagination import DatedKeysetPagination
from registry.api.schema import with_example
from registry.models import Miner


class FineFilterSet(filters.FilterSet):
    case = NumberInFilter(field_name="case_id")
    miner = NumberInFilter(field_name="case__miner_id")
    identifier = IdentifierFilter(field_name="case__miner")
    territory = TerritoryFilter(field_name="case__miner__territory")
    norm = NormFilter(field_name="case__norm__code")
    status = ChoiceInFilter(choices=fine_statuses)
    occurrence = ChoiceInFilter(choices=occurrences)
    currency = filters.CharFilter()
    reference = filters.CharFilter()
    decided_from = filters.DateFilter(field_name="decided_on", lookup_expr="gte")
    decided_to = filters.DateFilter(field_name="decided_on", lookup_expr="lte")
    due_from = filters.DateFilter(field_name="due_on", lookup_expr="gte")
    due_to = filters.DateFilter(field_name="due_on", lookup_expr="lte")
    amount_from = filters.NumberFilter(field_name="amount", lookup_expr="gte")
    amount_to = filters.NumberFilter(field_name="amount", lookup_expr="lte")
    owed = YesNoFilter(method="by_owed", label="Something is still owed on the day.")
    overdue = YesNoFilter(method="by_overdue", label="Something is owed past its last day.")
    search = filters.CharFilter(field_name="reference", lookup_expr="icontains", label="A part of the reference.")

    class Meta:
        model = Fine
        fields = ()

    def by_owed(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(outstanding__gt=0) if value else queryset.filter(outstanding__lte=0)

    def by_overdue(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(overdue__gt=0) if value else queryset.filter(overdue__lte=0)


@with_example(
    {
        "case": 5,
        "occurrence": "first",
        "reference": "5-17/2026",
        "amount": "100000.00",
        "currency": "RUB",
        "decided_on": "2026-03-20",
        "due_on": "2026-05-20",
    }
)
class FineSerializer(NounSerializer):
    case = serializers.PrimaryKeyRelatedField(queryset=Case.objects.select_related("miner", "norm"))
    miner = serializers.IntegerField(source="case.miner_id", read_only=True)
    norm = serializers.CharField(source="case.norm.code", read_only=True)
    penalty = serializers.PrimaryKeyRelatedField(
        queryset=Penalty.objects.all(),
        required=False,
        allow_null=True,
        help_text="The band; found by the case and the occurrence where it is left out.",
    )
    occurrence = serializers.ChoiceField(choices=occurrences())
    paid = serializers.DecimalField(max_digits=18, decimal_places=2, read_only=True)
    outstanding = serializers.DecimalField(max_digits=18, decimal_places=2, read_only=True)
    overdue = serializers.DecimalField(max_digits=18, decimal_places=2, read_only=True)
    discounted = serializers.DecimalField(
        max_digits=18, decimal_places=2, read_only=True, allow_null=True, help_text="Paid in time, this settles it."
    )
    discount_until = serializers.DateField(
        read_only=True, allow_null=True, help_text="The last day of the discount; null where the law gives none."
    )

    class Meta:
        model = Fine
        fields = (
            "id",
            "case",
            "miner",
            "norm",
            "penalty",
            "occurrence",
            "reference",
            "amount",
            "currency",
            "decided_on",
            "due_on",
            "status",
            "paid",
            "outstanding",
            "overdue",
            "discounted",
            "discount_until",
            "note",
            "created_at",
        )
        read_only_fields = ("id", "status", "created_at")


@with_example({"note": "Annulled by the court of appeal."})
class AnnulmentSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=2000, help_text="Why it is annulled, such as the court's decision.")


class FineViewSet(ReadViewSet, CreateMixin):
    """Fines with what was paid on them and what is owed, on `?as_of=` or today."""

    queryset = Fine.objects.all()
    reads = (Fine, Case, Miner, Payment)
    writes = {"annul": ("compliance.change_fine",)}
    serializer_class = FineSerializer
    filterset_class = FineFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "decided_on"
    ordering_fields = ("id", "decided_on", "due_on", "amount")
    default_ordering = "-id"
    csv_columns = {
        "id": "id",
        "case": "case_id",
        "miner": "case__miner_id",
        "norm": "case__norm__code",
        "reference": "reference",
        "occurrence": "occurrence",
        "amount": "amount",
        "currency": "currency",
        "decided_on": "decided_on",
        "due_on": "due_on",
        "status": "status",
        "paid": "paid",
        "outstanding": "outstanding",
        "overdue": "overdue",
    }

    def get_queryset(self) -> QuerySet:
        day = (self.day("as_of") if self.action == "list" else None) or self.today()
        return Fine.objects.with_balance(day).select_related("case__norm")

    def as_of_day(self, queryset: QuerySet, day: dt.date) -> QuerySet:
        return queryset.filter(decided_on__lte=day)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fine = fine_issue(**serializer.validated_data, today=self.today())
        return self._shown(fine.pk, 201)

    @extend_schema(request=AnnulmentSerializer, responses={200: FineSerializer})
    @action(detail=True, methods=["post"])
    def annul(self, request: Request, **kwargs: Any) -> Response:
        """Nothing is owed on it any more; the fine stays on file with the reason. Again, it changes nothing."""
        form = AnnulmentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fine_annul(fine=self.get_object(), note=form.validated_data["note"])
        return self._shown(self.kwargs["pk"], 200)

    def _shown(self, pk: Any, status: int) -> Response:
        data = self.get_serializer(self.get_queryset().get(pk=pk)).data
        return Response(data, status, headers={"Location": self.reverse_action("detail", args=[pk])})
