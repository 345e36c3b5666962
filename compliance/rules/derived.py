"""A queryset joined with a statement: for what no relation of the models leads to, such as the owners of owners."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Field, QuerySet
from django.db.models.expressions import Col
from django.db.models.sql.constants import INNER
from django.db.models.sql.datastructures import BaseTable


class _Derived(BaseTable):
    """`INNER JOIN (statement)` on the primary key of the outer table."""

    join_type = INNER
    nullable = False
    filtered_relation = None

    def __init__(self, name: str, parent: str, keys: tuple[str, str], sql: str, params: Sequence[Any]) -> None:
        super().__init__(name, name)
        self.parent_alias = parent
        self.keys = keys
        self.sql = sql
        self.params = tuple(params)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        quote = compiler.quote_name_unless_alias
        outer, inner = self.keys
        on = f"{quote(self.table_alias)}.{inner} = {quote(self.parent_alias)}.{connection.ops.quote_name(outer)}"
        return f"{self.join_type} ({self.sql}) {quote(self.table_alias)} ON ({on})", self.params

    def relabeled_clone(self, change_map: Mapping[Any, str]) -> "_Derived":
        parent = change_map.get(self.parent_alias, self.parent_alias)
        clone = _Derived(self.table_name, parent, self.keys, self.sql, self.params)
        clone.table_alias = change_map.get(self.table_alias, self.table_alias)
        clone.join_type = self.join_type
        return clone

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.parent_alias, self.sql, *map(repr, self.params))


Statement = tuple[str, Sequence[Any]]
"""SQL with one %s per parameter, and the parameters in that order."""


def statement(sql: str, **values: Any) -> Statement:
    """SQL that names its parameters, `%(name)s`, as a `Statement`; one that is a statement itself is put in place."""
    params: list[Any] = []

    def put(found: re.Match[str]) -> str:
        value = values[found[1]]
        if isinstance(value, tuple):
            params.extend(value[1])
            return str(value[0])
        params.append(value)
        return "%s"

    return re.sub(r"%\((\w+)\)s", put, sql), params


def joined(queryset: QuerySet[Any], name: str, derived: Statement, *, key: str, **columns: Field) -> QuerySet[Any]:
    """Only the rows whose primary key stands in the column `key` of the statement, annotated with its other columns.

    A key that the statement yields twice gives two rows. `columns` gives the field of each annotation.
    """
    joined_set = queryset.all()
    query = joined_set.query
    parent = query.get_initial_alias()
    outer = queryset.model._meta.pk.column
    alias = query.join(_Derived(name, parent, (outer, key), *derived))
    for column, field in columns.items():
        field.set_attributes_from_name(column)
        field.model = queryset.model  # by which, and by its name, Django tells one column from another
    return joined_set.annotate(**{column: Col(alias, field) for column, field in columns.items()})
