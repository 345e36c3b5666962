"""The order of a list: one declared field, and the id where rows are equal in it."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from registry.api.refusals import Problem


class KeysetOrdering(BaseFilterBackend):
    """`?ordering=name` or `?ordering=-name`, of the fields in the view's `ordering_fields`; the first is the default.

    Such a field is never null, and on a table that grows large it has an index together with the id: that is what
    makes the deepest page as quick as the first.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet, view: APIView) -> QuerySet:
        allowed = getattr(view, "ordering_fields", ("id",))
        default = getattr(view, "default_ordering", allowed[0])
        wanted = request.query_params.get("ordering", default)
        sign, name = ("-", wanted[1:]) if wanted.startswith("-") else ("", wanted)
        if name not in allowed:
            raise Problem(
                400,
                "bad_ordering",
                f"ordering: one of {', '.join(allowed)}, with “-” in front for the reverse.",
            )
        return queryset.order_by(f"{sign}{name}") if name == "id" else queryset.order_by(f"{sign}{name}", f"{sign}id")

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        allowed = getattr(view, "ordering_fields", ("id",))
        return [
            {
                "name": "ordering",
                "in": "query",
                "required": False,
                "description": "The field to sort by; “-” in front reverses it.",
                "schema": {
                    "type": "string",
                    "enum": [f"{sign}{name}" for name in allowed for sign in ("", "-")],
                    "default": getattr(view, "default_ordering", allowed[0]),
                },
            }
        ]
