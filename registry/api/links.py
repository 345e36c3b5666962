"""Links over HTTP: pairs that may be one operation, and a clerk's verdict on each."""

from typing import Any

import django_filters as filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ReadViewSet
from registry.api.fields import NounSerializer
from registry.api.filters import ChoiceInFilter, NumberInFilter, TerritoryFilter, YesNoFilter
from registry.api.schema import with_example
from registry.choices import link_statuses, verdicts
from registry.models import Link, Miner, Sighting
from registry.services.links import HOLDS, link_review


class LinkFilterSet(filters.FilterSet):
    status = ChoiceInFilter(choices=link_statuses)
    verdict = ChoiceInFilter(choices=verdicts)
    reviewed = YesNoFilter(method="by_reviewed", label="Whether a clerk has said anything.")
    sampled = YesNoFilter()
    holds = YesNoFilter(method="by_holds", label="Whether the pair counts as one operation.")
    probability_from = filters.NumberFilter(field_name="probability", lookup_expr="gte")
    probability_to = filters.NumberFilter(field_name="probability", lookup_expr="lte")
    sighting = NumberInFilter(field_name="sighting_id")
    miner = NumberInFilter(field_name="miner_id")
    other = NumberInFilter(field_name="other_id")
    territory = TerritoryFilter(field_name="sighting__territory")

    class Meta:
        model = Link
        fields = ()

    def by_reviewed(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.exclude(verdict="") if value else queryset.filter(verdict="")

    def by_holds(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(HOLDS) if value else queryset.exclude(HOLDS)


class LinkSerializer(NounSerializer):
    holds = serializers.BooleanField(read_only=True, help_text="Whether the pair counts as one operation.")
    comparison = serializers.JSONField(
        read_only=True, help_text="What agreed and what did not, with the weight of each."
    )

    class Meta:
        model = Link
        fields = (
            "id",
            "sighting",
            "miner",
            "other",
            "weight",
            "probability",
            "status",
            "comparison",
            "sampled",
            "verdict",
            "holds",
            "reviewed_by",
            "reviewed_at",
            "note",
            "linkage",
            "created_at",
        )
        read_only_fields = fields


@with_example({"verdict": "same", "note": "The address is that of its hall."})
class ReviewSerializer(serializers.Serializer):
    verdict = serializers.ChoiceField(choices=verdicts())
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class LinkViewSet(ReadViewSet):
    """Pairs of a sighting and what it may be about, as the linkage weighs them and as clerks see them."""

    queryset = Link.objects.all()
    reads = (Link, Sighting, Miner)
    writes = {"review": ("registry.change_link",)}
    serializer_class = LinkSerializer
    filterset_class = LinkFilterSet
    ordering_fields = ("id",)
    csv_columns = {
        "id": "id",
        "sighting": "sighting_id",
        "miner": "miner_id",
        "other": "other_id",
        "weight": "weight",
        "probability": "probability",
        "status": "status",
        "sampled": "sampled",
        "verdict": "verdict",
        "reviewed_at": "reviewed_at",
        "note": "note",
    }

    @extend_schema(request=ReviewSerializer, responses={200: LinkSerializer})
    @action(detail=True, methods=["post"])
    def review(self, request: Request, **kwargs: Any) -> Response:
        """Say whether both are the same operation; may be said again, and otherwise."""
        form = ReviewSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = request.user if isinstance(request.user, AbstractBaseUser) else None
        link = link_review(link=self.get_object(), user=user, now=timezone.now(), **form.validated_data)
        return Response(self.get_serializer(link).data)
