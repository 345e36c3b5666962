"""A queryset as SQL text with its parameters, to stand inside a larger statement."""

from typing import Any

from django.db.models import QuerySet


def compiled(queryset: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    """The queryset's statement and its parameters, in the order of its `values_list`."""
    sql, params = queryset.order_by().query.sql_with_params()
    return sql, list(params)
