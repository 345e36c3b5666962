"""Territories over HTTP: ISO 3166 is loaded; own ones below it are written."""

import re
from typing import Any

import django_filters as filters
from django.db import transaction
from django.db.models import QuerySet
from rest_framework import mixins, serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import CreateMixin, ReadViewSet
from registry.api.fields import NounSerializer, TerritoryField
from registry.api.filters import ChoiceInFilter, CodeInFilter, TerritoryFilter
from registry.api.schema import with_example
from registry.choices import territory_kinds
from registry.models import Territory

OWN_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?-x(-[a-z0-9]+)+")


class TerritoryFilterSet(filters.FilterSet):
    code = CodeInFilter(field_name="code", label="One code, or several parted by commas.")
    kind = ChoiceInFilter(choices=territory_kinds)
    parent = filters.CharFilter(field_name="parent__code", label="Code of the territory directly above.")
    within = TerritoryFilter(field_name="pk")
    search = filters.CharFilter(field_name="name", lookup_expr="icontains", label="A part of the name.")

    class Meta:
        model = Territory
        fields = ()


@with_example({"code": "RU-IRK-x-angarsk", "name": "Angarsk", "kind": "municipality", "parent": "RU-IRK"})
class TerritorySerializer(NounSerializer):
    parent = TerritoryField(  # type: ignore[assignment]  # the column, not the serializer above
        allow_null=True, help_text="Code of the territory directly above, with which an own code begins."
    )

    class Meta:
        model = Territory
        fields = ("id", "code", "name", "kind", "parent")
        read_only_fields = ("id",)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is not None and not OWN_CODE.fullmatch(self.instance.code):
            sentence = f"{self.instance.code} is loaded from ISO 3166 and not written."
            raise serializers.ValidationError({"code": [ErrorDetail(sentence, "own_code_needed")]})
        code = attrs.get("code", getattr(self.instance, "code", ""))
        parent = attrs.get("parent", getattr(self.instance, "parent", None))
        if parent is None or not OWN_CODE.fullmatch(code) or not code.startswith(f"{parent.code}-"):
            above = parent.code if parent else "RU-IRK"
            sentence = f"An own code is that of the territory above with “-x-” and a name: {above}-x-angarsk."
            raise serializers.ValidationError({"code": [ErrorDetail(sentence, "own_code_needed")]})
        return attrs


class TerritoryViewSet(ReadViewSet, CreateMixin, mixins.UpdateModelMixin):
    """Countries, regions and municipalities. Own ones, marked by “-x-”, are added and changed, and never deleted."""

    http_method_names = ["get", "post", "patch", "head", "options"]
    queryset = Territory.objects.select_related("parent")
    reads = (Territory,)
    serializer_class = TerritorySerializer
    filterset_class = TerritoryFilterSet
    ordering_fields = ("code", "id", "name")
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9-]{1,64}"
    csv_columns = {"id": "id", "code": "code", "name": "name", "kind": "kind", "parent": "parent__code"}

    def get_queryset(self) -> QuerySet:
        queryset = super().get_queryset()
        return queryset.select_for_update(of=("self",)) if self.action == "partial_update" else queryset

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": self.reverse_action("detail", args=[data["code"]])}

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().partial_update(request, *args, **kwargs)
