"""Bans over HTTP, read only: where and when mining is banned, and whether it was allowed."""

import django_filters as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.filters import NormFilter
from compliance.api.sources import SourceSerializer
from compliance.choices import act_statuses, confidences
from compliance.models import BannedArea, Norm
from compliance.selectors.bans import allowed
from registry.api.base import AnswerView, ReadViewSet
from registry.api.fields import PeriodField
from registry.api.filters import ChoiceInFilter, TerritoryFilter, YesNoFilter
from registry.api.pagination import DatedKeysetPagination
from registry.api.refusals import Problem


class BanFilterSet(filters.FilterSet):
    norm = NormFilter()
    territory = TerritoryFilter()
    partial = YesNoFilter()
    started_from = filters.DateFilter(field_name="period__startswith", lookup_expr="gte")
    started_to = filters.DateFilter(field_name="period__startswith", lookup_expr="lte")
    ended_from = filters.DateFilter(field_name="period__endswith", lookup_expr="gte")
    ended_to = filters.DateFilter(field_name="period__endswith", lookup_expr="lte")
    confidence = ChoiceInFilter(choices=confidences)
    search = filters.CharFilter(field_name="territory__name", lookup_expr="icontains", label="A part of the place.")

    class Meta:
        model = BannedArea
        fields = ()


class BanSerializer(serializers.ModelSerializer):
    norm = serializers.CharField(source="norm.code", read_only=True)
    territory = serializers.CharField(source="territory.code", read_only=True)
    territory_name = serializers.CharField(source="territory.name", read_only=True)
    period = PeriodField(read_only=True)
    sources = SourceSerializer(many=True, read_only=True)

    class Meta:
        model = BannedArea
        fields = ("id", "norm", "territory", "territory_name", "period", "partial", "note", "confidence", "sources")
        read_only_fields = fields


class BanViewSet(ReadViewSet):
    """Stretches of days on which mining is banned somewhere. `?as_of=` gives the bans on the day."""

    queryset = BannedArea.objects.select_related("norm", "territory")
    reads = (BannedArea, Norm)
    serializer_class = BanSerializer
    filterset_class = BanFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "period"
    csv_columns = {
        "id": "id",
        "norm": "norm__code",
        "territory": "territory__code",
        "territory_name": "territory__name",
        "from": "period__startswith",
        "to": "period__endswith",
        "partial": "partial",
        "note": "note",
        "confidence": "confidence",
    }


class BanInForceSerializer(serializers.Serializer):
    norm = serializers.CharField()
    title = serializers.CharField()
    act = serializers.CharField()
    citation = serializers.CharField()
    article = serializers.CharField()
    status = serializers.ChoiceField(choices=act_statuses(), help_text="Of the norm, on the day.")
    url = serializers.CharField(allow_blank=True)
    territory = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True, help_text="The first day after it; null where it is open.")
    partial = serializers.BooleanField(  # type: ignore[assignment]  # the name of the column
        help_text="Only an unnamed part of the territory is banned."
    )
    only_for = serializers.CharField(allow_blank=True, help_text="The sites that alone are banned, where not all are.")
    exemption = serializers.CharField(allow_blank=True)
    confidence = serializers.CharField()
    sources = SourceSerializer(many=True)


class AllowedSerializer(serializers.Serializer):
    territory = serializers.CharField()
    on = serializers.DateField()
    verdict = serializers.ChoiceField(choices=("allowed", "banned", "undetermined"))
    depends_on = serializers.ListField(
        child=serializers.CharField(), help_text="What an undetermined answer depends on, in words; else nothing."
    )
    acts = BanInForceSerializer(many=True)


class AllowedView(AnswerView):
    """Was mining allowed in this territory on this day, and by which act not?

    Undetermined: only a part of the territory, or only some use of its land, is banned, so that it depends on the site.
    """

    reads = (BannedArea, Norm)
    parameters = frozenset({"territory", "on"})

    @extend_schema(
        parameters=[
            OpenApiParameter("territory", str, required=True, description="Code of a territory, such as RU-IRK."),
            OpenApiParameter("on", OpenApiTypes.DATE, description="The day; today if left out."),
        ],
        responses=AllowedSerializer,
    )
    def get(self, request: Request) -> Response:
        territory = self.territory()
        if territory is None:
            sentence = "Name the territory: ?territory=RU-IRK."
            raise Problem(400, "required", sentence, [{"field": "territory", "code": "required", "detail": sentence}])
        return Response(allowed(territory, self.day("on") or self.today()).as_dict())
