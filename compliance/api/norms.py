"""Norms over HTTP, read only: duties, limits, bans and offences."""

import django_filters as filters
from django.db.models import Q, QuerySet
from rest_framework import serializers

from compliance.api.sources import CODE, ConflictSerializer, SourceSerializer, StatusSerializer
from compliance.choices import confidences, norm_kinds
from compliance.models import Act, Norm
from registry.api.base import ReadViewSet
from registry.api.fields import PeriodsField
from registry.api.filters import ChoiceInFilter, CodeInFilter, TerritoryFilter, YesNoFilter
from registry.api.pagination import DatedKeysetPagination
from registry.choices import miner_kinds


class NormFilterSet(filters.FilterSet):
    code = CodeInFilter(field_name="code", label="One code, or several parted by commas.")
    pack = CodeInFilter(field_name="pack__code", label="Code of a jurisdiction's pack, such as ru.")
    act = CodeInFilter(field_name="act__code", label="Code of an act, or several parted by commas.")
    kind = ChoiceInFilter(choices=norm_kinds)
    territory = TerritoryFilter()
    register = CodeInFilter(field_name="register__code", label="Code of the register that it is about.")
    miner_kind = ChoiceInFilter(method="by_miner_kind", choices=miner_kinds, label="Addresses these kinds of miner.")
    in_force_on = filters.DateFilter(field_name="in_force", lookup_expr="contains")
    ever_in_force = YesNoFilter(field_name="in_force", lookup_expr="isnull", exclude=True)
    confidence = ChoiceInFilter(choices=confidences)
    search = filters.CharFilter(method="by_search", label="A part of the title, the sentence or the article.")

    class Meta:
        model = Norm
        fields = ()

    def by_miner_kind(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        wanted = Q()
        for kind in value:
            wanted |= Q(miner_kinds__contains=[kind])
        return queryset.filter(wanted)

    def by_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(title__icontains=value) | Q(sentence__icontains=value) | Q(article__icontains=value))


class NormSerializer(serializers.ModelSerializer):
    pack = serializers.CharField(source="pack.code", read_only=True)
    act = serializers.CharField(source="act.code", read_only=True)
    territory = serializers.CharField(source="territory.code", read_only=True)
    register = serializers.CharField(source="register.code", read_only=True, allow_null=True)
    miner_kinds = serializers.ListField(child=serializers.ChoiceField(choices=miner_kinds()), read_only=True)
    in_force = PeriodsField(allow_null=True)
    timeline = StatusSerializer(many=True, read_only=True)
    conflicts = ConflictSerializer(many=True, read_only=True)
    sources = SourceSerializer(many=True, read_only=True)

    class Meta:
        model = Norm
        fields = (
            "id",
            "pack",
            "act",
            "code",
            "kind",
            "title",
            "sentence",
            "article",
            "url",
            "territory",
            "register",
            "miner_kinds",
            "parameters",
            "in_force",
            "timeline",
            "conflicts",
            "confidence",
            "sources",
        )
        read_only_fields = fields


class NormViewSet(ReadViewSet):
    """Duties, limits, bans and offences. `?as_of=` gives those that were law on the day; a draft never is."""

    queryset = Norm.objects.select_related("pack", "act", "territory", "register")
    reads = (Norm, Act)
    serializer_class = NormSerializer
    filterset_class = NormFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "in_force"
    lookup_field = "code"
    lookup_value_regex = CODE
    ordering_fields = ("code", "id", "kind", "title")
    csv_columns = {
        "id": "id",
        "pack": "pack__code",
        "act": "act__code",
        "code": "code",
        "kind": "kind",
        "title": "title",
        "sentence": "sentence",
        "article": "article",
        "url": "url",
        "territory": "territory__code",
        "register": "register__code",
        "miner_kinds": "miner_kinds",
        "in_force_from": "in_force__startswith",
        "in_force_to": "in_force__endswith",
        "confidence": "confidence",
    }
