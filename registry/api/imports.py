"""Imports over HTTP: hand in a file, then see what became of it, row by refused row."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import NounMixin, ReadViewSet
from registry.api.filters import ChoiceInFilter, YesNoFilter
from registry.api.schema import with_example
from registry.choices import import_statuses
from registry.models import Import, RowError
from registry.services.imports import WRITES, import_create, noun_permissions

MAX_BYTES = 2 * 1024**3


def importable() -> list[tuple[str, str]]:
    return [(noun, noun) for noun in WRITES]


class ImportFilterSet(filters.FilterSet):
    noun = ChoiceInFilter(choices=importable)
    status = ChoiceInFilter(choices=import_statuses)
    dry_run = YesNoFilter()
    user = filters.CharFilter(field_name="user__username")
    sha256 = filters.CharFilter()
    has_errors = YesNoFilter(method="by_errors", label="At least one row was refused.")
    created_from = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_to = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lte")
    search = filters.CharFilter(field_name="file_name", lookup_expr="icontains", label="A part of the file's name.")

    class Meta:
        model = Import
        fields = ()

    def by_errors(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(refused__gt=0) if value else queryset.filter(refused=0)


class ImportSerializer(serializers.ModelSerializer):
    user = serializers.CharField(source="user.username", read_only=True, allow_null=True)

    class Meta:
        model = Import
        fields = (
            "id",
            "noun",
            "file_name",
            "sha256",
            "dry_run",
            "status",
            "failure",
            "rows",
            "created",
            "changed",
            "unchanged",
            "refused",
            "user",
            "started_at",
            "finished_at",
            "created_at",
        )
        read_only_fields = fields


@with_example({"noun": "miners", "file": "miners.csv", "dry_run": True}, "multipart/form-data")
class ImportRequestSerializer(serializers.Serializer):
    file = serializers.FileField(max_length=255, help_text="CSV (UTF-8) or XLSX, with the names of its columns on top.")
    noun = serializers.ChoiceField(choices=importable())
    dry_run = serializers.BooleanField(default=False, help_text="Check the file and tell, but change nothing.")

    def validate_file(self, file: Any) -> Any:
        if file.size > MAX_BYTES:
            raise serializers.ValidationError("The file is larger than 2 GiB: split it.", "too_large")
        return file


@extend_schema_view(
    create=extend_schema(
        request={"multipart/form-data": ImportRequestSerializer},
        responses={202: OpenApiResponse(ImportSerializer, "Taken in; `Location` says where to look for it.")},
    )
)
class ImportViewSet(ReadViewSet):
    """Files handed in, with what became of their rows. Good rows apply, refused rows are kept with their reasons."""

    queryset = Import.objects.select_related("user")
    reads = (Import,)
    serializer_class = ImportSerializer
    filterset_class = ImportFilterSet
    ordering_fields = ("id",)
    default_ordering = "-id"
    csv_columns = {name: name for name in ImportSerializer.Meta.fields} | {"user": "user__username"}
    parser_classes = (MultiPartParser,)

    def create(self, request: Request) -> Response:
        known = set(ImportRequestSerializer().fields)
        if unknown := sorted(set(request.data) - known):
            raise serializers.ValidationError(
                {name: [f"The parts are {', '.join(sorted(known))}."] for name in unknown}
            )
        form = ImportRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        self._may_write(request, given["noun"])
        run = import_create(
            noun=given["noun"],
            file=given["file"],
            file_name=given["file"].name,
            user=request.user if request.user.is_authenticated else None,
            dry_run=given["dry_run"],
        )
        where = self.reverse_action("detail", args=[run.pk])
        return Response(self.get_serializer(run).data, status=202, headers={"Location": where})

    def _may_write(self, request: Request, noun: str) -> None:
        needed = noun_permissions(noun, "add", "change")
        if not request.user.has_perms(needed):
            raise PermissionDenied(f"To import {noun} you need the permissions {', '.join(needed)}.")


class RowErrorFilterSet(filters.FilterSet):
    code = filters.CharFilter()
    column = filters.CharFilter()
    line_from = filters.NumberFilter(field_name="line", lookup_expr="gte")
    line_to = filters.NumberFilter(field_name="line", lookup_expr="lte")

    class Meta:
        model = RowError
        fields = ()


class RowErrorSerializer(serializers.ModelSerializer):
    class Meta:
        model = RowError
        fields = ("id", "line", "column", "value", "code", "reason", "row")
        read_only_fields = fields


@extend_schema(parameters=[OpenApiParameter("import_id", int, OpenApiParameter.PATH, description="Id of the import.")])
class RowErrorViewSet(NounMixin):
    """Everything that is wrong with the refused rows of one import: line, column, value and reason."""

    queryset = RowError.objects.all()
    reads = (RowError, Import)
    serializer_class = RowErrorSerializer
    filterset_class = RowErrorFilterSet
    ordering_fields = ("line", "id")
    csv_columns = {"line": "line", "column": "column", "value": "value", "code": "code", "reason": "reason"}

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        run = get_object_or_404(Import, pk=self.kwargs["import_id"])
        needed = noun_permissions(run.noun, "view")
        if not self.request.user.has_perms(needed):
            raise PermissionDenied(f"To read rows of {run.noun} you need the permissions {', '.join(needed)}.")
        return super().get_queryset().filter(import_run=run)
