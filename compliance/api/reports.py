"""Compliance reports over HTTP: issuing one, its figures, and its files as they were issued."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import Report, ReportFile
from compliance.reports.issue import report_issue
from compliance.services.reports import MEDIA_TYPES
from registry.api.base import ReadViewSet
from registry.api.fields import StrictSerializer
from registry.api.filters import CodeInFilter, YesNoFilter
from registry.api.schema import with_example


class FileRenderer(BaseRenderer):
    """Stands for a stored file in content negotiation; the file is sent as it is."""

    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return bytes(data)


class PDFRenderer(FileRenderer):
    media_type = MEDIA_TYPES["pdf"]
    format = "pdf"


class XLSXRenderer(FileRenderer):
    media_type = MEDIA_TYPES["xlsx"]
    format = "xlsx"


class ReportFilterSet(filters.FilterSet):
    number = CodeInFilter(field_name="number", label="One number, or several parted by commas.")
    kind = filters.CharFilter()
    as_of_from = filters.DateFilter(field_name="as_of", lookup_expr="gte")
    as_of_to = filters.DateFilter(field_name="as_of", lookup_expr="lte")
    created_from = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_to = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lte")
    sent = YesNoFilter(field_name="sent_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Report
        fields = ()


class ReportListSerializer(serializers.ModelSerializer):
    class Meta:
        model = Report
        fields = ("number", "kind", "as_of", "created_at", "sent_at", "send_failure")
        read_only_fields = fields


class ReportSerializer(serializers.ModelSerializer):
    class Meta:
        model = Report
        fields = ("number", "kind", "as_of", "created_at", "sent_at", "send_failure", "figures")
        read_only_fields = fields


@with_example({"as_of": "2026-03-01"})
class ReportRequestSerializer(StrictSerializer):
    as_of = serializers.DateField(help_text="The day that the report is about; not after today.")


@extend_schema_view(create=extend_schema(request=ReportRequestSerializer, responses={201: ReportSerializer}))
class ReportViewSet(ReadViewSet):
    """Numbered, frozen documents. The list leaves the figures out."""

    queryset = Report.objects.all()
    reads = (Report,)
    serializer_class = ReportSerializer
    filterset_class = ReportFilterSet
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z0-9-]{1,32}"
    ordering_fields = ("id", "number", "as_of")
    default_ordering = "-id"
    csv_columns = {name: name for name in ReportListSerializer.Meta.fields}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Issue the compliance report under the next number of the year; it never changes afterwards."""
        form = ReportRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = request.user if request.user.is_authenticated else None
        report = report_issue(as_of=form.validated_data["as_of"], created_at=timezone.now(), user=user)
        where = self.reverse_action("detail", args=[report.number])
        return Response(ReportSerializer(report).data, status=201, headers={"Location": where})

    def get_queryset(self) -> QuerySet:
        queryset = super().get_queryset()
        return queryset.defer("figures") if self.action == "list" else queryset

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return ReportListSerializer if self.action == "list" else ReportSerializer

    def get_renderers(self) -> list[BaseRenderer]:
        files: dict[str, list[BaseRenderer]] = {"pdf": [PDFRenderer()], "xlsx": [XLSXRenderer()]}
        return files.get(str(self.action)) or super().get_renderers()

    @extend_schema(responses={(200, PDFRenderer.media_type): OpenApiTypes.BINARY})
    @action(detail=True)
    def pdf(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The report as it was issued, as PDF."""
        return self._file("pdf")

    @extend_schema(responses={(200, XLSXRenderer.media_type): OpenApiTypes.BINARY})
    @action(detail=True)
    def xlsx(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The report as it was issued, as a workbook."""
        return self._file("xlsx")

    def _file(self, name: str) -> HttpResponse:
        number = self.kwargs["number"]
        file = get_object_or_404(ReportFile, report__number=number, format=name)
        return HttpResponse(
            bytes(file.content),
            content_type=MEDIA_TYPES[name],
            headers={"Content-Disposition": f'attachment; filename="{number}.{name}"'},
        )
