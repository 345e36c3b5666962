"""Filters that several nouns share; a filter's name is its query parameter."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from registry.api.fields import identifier_of
from registry.models import Identifier, Territory
from registry.services.identifiers import SCHEMES


class _YesNo(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        try:
            return {"true": True, "false": False, "1": True, "0": False}[str(value).lower()]
        except KeyError:
            raise forms.ValidationError("true or false.", "invalid") from None


class YesNoFilter(django_filters.BooleanFilter):
    """`true` or `false`; the filter of the library takes any other word for “not asked”."""

    field_class = _YesNo

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, widget=forms.TextInput, **options)


class NumberInFilter(django_filters.BaseInFilter, django_filters.NumberFilter):
    """Equal to one of several whole numbers, parted by commas."""

    field_class = forms.IntegerField


class ChoiceInFilter(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """One of several words of a closed list, parted by commas."""


@extend_schema_field(OpenApiTypes.STR)
class CodeInFilter(django_filters.CharFilter):
    """Rows whose related row has one of these codes."""

    def filter(self, qs: QuerySet, value: str | None) -> QuerySet:
        if not value:
            return qs
        return qs.filter(**{f"{self.field_name}__in": [part.strip() for part in value.split(",")]})


@extend_schema_field(OpenApiTypes.STR)
class TerritoryFilter(django_filters.CharFilter):
    """In one of these territories (codes, parted by commas) or anywhere below."""

    def __init__(self, field_name: str = "territory", **options: Any) -> None:
        options.setdefault("label", "Code of a territory, or several parted by commas; all that lies below counts too.")
        super().__init__(field_name=field_name, **options)

    def filter(self, qs: QuerySet, value: str | None) -> QuerySet:
        if not value:
            return qs
        codes = {code.strip() for code in value.split(",")}
        pairs = list(
            Territory.objects.filter(above__ancestor__code__in=codes).values_list("pk", "above__ancestor__code")
        )
        unknown = sorted(codes - {code for _, code in pairs})
        if unknown:
            sentence = f"There is no territory of the code {', '.join(unknown)}."
            raise serializers.ValidationError({"territory": [ErrorDetail(sentence, "unknown_territory")]})
        # Given as numbers, not as a subquery, so that the planner knows how much lies there.
        return qs.filter(**{f"{self.field_name}__in": sorted({pk for pk, _ in pairs})})


@extend_schema_field(OpenApiTypes.STR)
class IdentifierFilter(django_filters.CharFilter):
    """Of the miner with this identifier, such as ru.inn=7707083893."""

    def __init__(self, field_name: str = "miner", **options: Any) -> None:
        options.setdefault("label", "Identifier of the miner, as scheme=number: ru.inn=7707083893.")
        super().__init__(field_name=field_name, **options)

    def filter(self, qs: QuerySet, value: str | None) -> QuerySet:
        if not value:
            return qs
        try:
            scheme, number = identifier_of(value)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"identifier": error.detail}) from None
        owner = Identifier.objects.filter(scheme=scheme, value=number).values_list("miner_id")
        return qs.filter(**{f"{self.field_name}__in": list(owner.values_list("miner_id", flat=True))})


def named_or_numbered(queryset: QuerySet, text: str, *, name: str = "name", miner: str = "pk") -> QuerySet:
    """Rows whose name contains the text, or whose miner bears exactly this number in any scheme.

    The number is looked up first: a join in the same condition would keep the database from using either index.
    """
    _, _, bare = text.rpartition("=")
    number = bare.replace(" ", "").upper()
    bearers = Identifier.objects.filter(scheme__in=SCHEMES, value=number).values_list("miner_id", flat=True)
    return queryset.filter(Q(**{f"{name}__icontains": text}) | Q(**{f"{miner}__in": list(bearers)}))
