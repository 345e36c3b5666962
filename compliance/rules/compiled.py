"""A queryset as SQL text with its parameters, to stand inside a larger statement."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet


def compiled(queryset: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    """The queryset's statement and its parameters, in the order of its `values_list`; `none()` yields no rows."""
    sql, params = queryset.order_by().query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False).as_sql()
    return sql, list(params)
