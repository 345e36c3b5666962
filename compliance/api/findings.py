"""Findings over HTTP, read only, each with its explanation."""

from typing import Any

import django_filters as filters
from django.db.models import Exists, F, Func, JSONField, OuterRef, QuerySet, Value
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.explanations import ExplanationSerializer
from compliance.api.filters import NormFilter
from compliance.choices import norm_kinds
from compliance.models import Case, Finding, Fine, Norm, Penalty
from compliance.selectors.explanations import explain
from registry.api.base import ReadViewSet
from registry.api.fields import PeriodField
from registry.api.filters import (
    ChoiceInFilter,
    IdentifierFilter,
    NumberInFilter,
    TerritoryFilter,
    YesNoFilter,
)
from registry.api.pagination import DatedKeysetPagination
from registry.api.permissions import permission_of
from registry.choices import miner_kinds
from registry.models import Account, Declaration, Device, Impediment, Miner, Ownership, Reading, Registration, Site

SEES_IMPEDIMENTS = permission_of(Impediment, "view")
ACCUSING = "impediments"


class FindingFilterSet(filters.FilterSet):
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    norm = NormFilter()
    norm_kind = ChoiceInFilter(field_name="norm__kind", choices=norm_kinds)
    site = NumberInFilter(field_name="site_id")
    territory = TerritoryFilter()
    kind = ChoiceInFilter(choices=miner_kinds)
    since_from = filters.DateFilter(field_name="valid__startswith", lookup_expr="gte")
    since_to = filters.DateFilter(field_name="valid__startswith", lookup_expr="lte")
    until_from = filters.DateFilter(field_name="valid__endswith", lookup_expr="gte")
    until_to = filters.DateFilter(field_name="valid__endswith", lookup_expr="lte")
    lasting = YesNoFilter(field_name="valid__endswith", lookup_expr="isnull", label="Has no known end.")
    has_case = YesNoFilter(method="by_case", label="A case rests on it.")
    recorded_from = filters.IsoDateTimeFilter(field_name="recorded_at", lookup_expr="gte")
    recorded_to = filters.IsoDateTimeFilter(field_name="recorded_at", lookup_expr="lte")

    class Meta:
        model = Finding
        fields = ()

    def by_case(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        cases = Exists(Case.objects.filter(finding=OuterRef("pk")))
        return queryset.filter(cases if value else ~cases)


class FindingSerializer(serializers.ModelSerializer):
    miner = serializers.IntegerField(source="miner_id", read_only=True)
    miner_name = serializers.CharField(source="miner.name", read_only=True)
    norm = serializers.CharField(source="norm.code", read_only=True)
    norm_title = serializers.CharField(source="norm.title", read_only=True)
    site = serializers.IntegerField(source="site_id", read_only=True, allow_null=True)
    territory = serializers.CharField(source="territory.code", read_only=True)
    valid = PeriodField(read_only=True)

    class Meta:
        model = Finding
        fields = (
            "id",
            "miner",
            "miner_name",
            "norm",
            "norm_title",
            "site",
            "territory",
            "kind",
            "valid",
            "facts",
            "recorded_at",
        )
        read_only_fields = fields

    def to_representation(self, instance: Finding) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if ACCUSING in shown["facts"] and not self.context["request"].user.has_perm(SEES_IMPEDIMENTS):
            shown["facts"] = {name: value for name, value in shown["facts"].items() if name != ACCUSING}
        return shown


class FindingViewSet(ReadViewSet):
    """Breaches that the rules found. `?as_of=` gives those that lasted on the day."""

    queryset = Finding.objects.select_related("miner", "norm", "territory")
    reads = (Finding, Miner, Norm)
    reads_of = {"explanation": (Registration, Site, Device, Ownership, Account, Reading, Declaration, Penalty, Fine)}
    serializer_class = FindingSerializer
    filterset_class = FindingFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "valid"
    csv_columns = {
        "id": "id",
        "miner": "miner_id",
        "miner_name": "miner__name",
        "norm": "norm__code",
        "site": "site_id",
        "territory": "territory__code",
        "kind": "kind",
        "since": "valid__startswith",
        "until": "valid__endswith",
        "facts": "facts",
        "recorded_at": "recorded_at",
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.user.has_perm(SEES_IMPEDIMENTS):
            facts = Func(
                F("facts"), Value(ACCUSING), template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField()
            )
            self.csv_columns = {**self.csv_columns, "facts": facts}

    @extend_schema(
        responses={
            200: OpenApiResponse(ExplanationSerializer, "Norm, facts with their sources, and penalties book by book.")
        }
    )
    @action(detail=True)
    def explanation(self, request: Request, **kwargs: Any) -> Response:
        """Why it is a breach: the norm, since when, from which facts, and what each book makes of it."""
        told = explain(self.get_object().pk, self.today(), impediments=request.user.has_perm(SEES_IMPEDIMENTS))
        return Response(ExplanationSerializer(told).data)
