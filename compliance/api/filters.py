"""Filters that several lists of proceedings and law share."""

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from compliance.models import Norm
from registry.api.filters import CodeInFilter


@extend_schema_field(OpenApiTypes.STR)
class NormFilter(CodeInFilter):
    """Rows of one of these norms (codes, parted by commas); a code that no norm on file has is refused."""

    def __init__(self, field_name: str = "norm__code", **options: object) -> None:
        options.setdefault("label", "Code of a norm, or several parted by commas.")
        super().__init__(field_name=field_name, **options)

    def filter(self, qs: QuerySet, value: str | None) -> QuerySet:
        if value:
            codes = {code.strip() for code in value.split(",")}
            unknown = sorted(codes - set(Norm.objects.filter(code__in=codes).values_list("code", flat=True)))
            if unknown:
                sentence = f"There is no norm of the code {', '.join(unknown)}."
                raise serializers.ValidationError({"norm": [ErrorDetail(sentence, "unknown_norm")]})
        return super().filter(qs, value)
