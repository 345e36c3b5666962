"""Books over HTTP, read only: the ways to price breaches."""

import django_filters as filters
from rest_framework import serializers

from compliance.api.sources import CODE
from compliance.choices import book_kinds
from compliance.models import Book
from registry.api.base import ReadViewSet
from registry.api.filters import ChoiceInFilter, CodeInFilter


class BookFilterSet(filters.FilterSet):
    code = CodeInFilter(field_name="code", label="One code, or several parted by commas.")
    pack = CodeInFilter(field_name="pack__code", label="Code of a jurisdiction's pack, such as ru.")
    kind = ChoiceInFilter(choices=book_kinds)
    act = CodeInFilter(field_name="act__code", label="Code of the bill.")
    search = filters.CharFilter(field_name="title", lookup_expr="icontains", label="A part of the title.")

    class Meta:
        model = Book
        fields = ()


class BookSerializer(serializers.ModelSerializer):
    pack = serializers.CharField(source="pack.code", read_only=True)
    act = serializers.CharField(source="act.code", read_only=True, allow_null=True)

    class Meta:
        model = Book
        fields = ("id", "pack", "code", "kind", "title", "note", "act")
        read_only_fields = fields


class BookViewSet(ReadViewSet):
    """Ways to price breaches: the law in force, a bill taken as law, a what-if."""

    queryset = Book.objects.select_related("pack", "act")
    reads = (Book,)
    serializer_class = BookSerializer
    filterset_class = BookFilterSet
    lookup_field = "code"
    lookup_value_regex = CODE
    ordering_fields = ("code", "id", "kind")
    csv_columns = {
        "id": "id",
        "pack": "pack__code",
        "code": "code",
        "kind": "kind",
        "title": "title",
        "note": "note",
        "act": "act__code",
    }
