"""Pages by key: a page begins after the last row of the one before, however deep it lies, and nothing is counted."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, Model, Value
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from registry.api.refusals import Problem

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
NEXT = "https://headframe.example/api/v1/…/?cursor=WzAsWyJpZCJdLFsiMTAwIl1d"


class RowAfter(Func):
    """`(a, b) > (x, y)`: PostgreSQL compares rows by their columns in turn, and an index on (a, b) finds the place."""

    output_field = BooleanField()

    def __init__(self, names: Sequence[str], values: Sequence[Any], operator: str) -> None:
        half = len(names)
        marks = ", ".join(["%s"] * half)
        self.template_of_rows = f"({marks}) {operator} ({marks})"
        super().__init__(*(F(name) for name in names), *(Value(value) for value in values))

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, Any]:
        compiled = [compiler.compile(expression) for expression in self.get_source_expressions()]
        sql = self.template_of_rows % tuple(part for part, _ in compiled)
        return sql, [parameter for _, parameters in compiled for parameter in parameters]


def encode_cursor(order: Sequence[str], row: Sequence[Any], *, backwards: bool) -> str:
    text = json.dumps([int(backwards), list(order), [str(value) for value in row]], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str, order: Sequence[str], model: type[Model]) -> tuple[bool, list[Any]]:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        backwards, for_order, row = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if for_order != list(order) or backwards not in (0, 1) or len(row) != len(order):
            raise ValueError
        names = (name.lstrip("-") for name in order)
        fields: list[Any] = [model._meta.get_field(name) for name in names]
        values = [field.to_python(value) for field, value in zip(fields, row, strict=True)]
        if "\0" in "".join(row).encode().decode() or abs(int(row[-1])) > 2**63 - 1:
            raise ValueError
    except (ValueError, TypeError, AttributeError, UnicodeError, binascii.Error, RecursionError, ValidationError):
        raise Problem(
            400, "bad_cursor", "This cursor is not one of this list in this order. Start again without it."
        ) from None
    return bool(backwards), values


class KeysetPagination(BasePagination):
    """Pages of `page_size` rows in the order that `KeysetOrdering` set: one field and the id, both the same way."""

    dated = False

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.request, self.view = request, view
        size = self._page_size(request)
        order = [str(name) for name in queryset.query.order_by] or ["id"]
        cursor = request.query_params.get("cursor")
        backwards, after = decode_cursor(cursor, order, queryset.model) if cursor else (False, None)
        names = [name.lstrip("-") for name in order]
        descending = order[0].startswith("-") != backwards
        if after is not None:
            queryset = queryset.filter(RowAfter(names, after, "<" if descending else ">"))
        queryset = queryset.order_by(*(f"-{name}" if descending else name for name in names))
        rows = list(queryset[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        key = [[getattr(row, name) for name in names] for row in (rows[:1] + rows[-1:])]
        has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
        self.next = encode_cursor(order, key[-1], backwards=False) if key and has_next else None
        self.previous = encode_cursor(order, key[0], backwards=True) if key and has_previous else None
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        envelope: dict[str, Any] = {"as_of": getattr(self.view, "as_of", None)} if self.dated else {}
        return Response(
            {**envelope, "next": self._link(self.next), "previous": self._link(self.previous), "results": data}
        )

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        return str(replace_query_param(self.request.build_absolute_uri(), "cursor", cursor))

    def _page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(PAGE_SIZE))
        if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_PAGE_SIZE):
            raise Problem(400, "bad_page_size", f"page_size: a whole number from 1 to {MAX_PAGE_SIZE}.")
        return int(text)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "Where a page begins; taken from `next` or `previous`, never made by hand.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Rows in a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        day = {"type": ["string", "null"], "format": "date", "description": "The day asked for; null is every day."}
        properties = {
            **({"as_of": {**day, "example": "2026-03-01"}} if self.dated else {}),
            "next": {**link, "description": "The next page; null on the last one.", "example": NEXT},
            "previous": {**link, "description": "The page before; null on the first one.", "example": None},
            "results": schema,
        }
        return {"type": "object", "required": list(properties), "properties": properties}


class DatedKeysetPagination(KeysetPagination):
    """Pages of dated things: the answer says which day it is for, null being every day."""

    dated = True
