"""Expressions over PostgreSQL ranges and multiranges of dates: union, intersection, difference, one row per stretch."""

from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Aggregate, BooleanField, DateField, F, Func, Value
from django.db.models.functions import Cast, Coalesce

from compliance.models.fields import DateMultirangeField, Days


class RangeAgg(Aggregate):
    """The union of the ranges of a group; repeated rows change nothing, so joins may multiply them."""

    function = "range_agg"
    output_field = DateMultirangeField()


class Stretches(Func):
    """One row per stretch of a multirange."""

    function = "unnest"
    set_returning = True
    output_field = DateRangeField()


class Lower(Func):
    function = "lower"
    output_field = DateField()


class Within(Func):
    """Does the range (second argument) hold the day (first)?"""

    template = "(%(expressions)s)"
    arg_joiner = " <@ "
    output_field = BooleanField()


class _Operator(Func):
    template = "(%(expressions)s)"
    output_field = DateMultirangeField()


class Less(_Operator):
    arg_joiner = " - "


class Both(_Operator):
    arg_joiner = " * "


class BothOfRow(Both):
    """The same of constants and of columns of the row that is asked about: the row is grouped by its key alone."""

    def get_group_by_cols(self) -> list[Any]:
        """Nothing, so that no group is compared by its days."""
        return []


class Either(_Operator):
    arg_joiner = " + "


class Common(Func):
    """The days that ranges share, as one range."""

    template = "(%(expressions)s)"
    arg_joiner = " * "
    output_field = DateRangeField()


class DaysOf(Func):
    """A multirange made of one range, or of none."""

    function = "datemultirange"
    output_field = DateMultirangeField()


class _Days(DaysOf):
    """The same of a constant, or of a column of the row that is asked about."""

    def get_group_by_cols(self) -> list[Any]:
        """Nothing: the row is grouped by its primary key."""
        return []


class _Constant(Func):
    """A multirange given in Python."""

    template = "%(expressions)s"
    output_field = DateMultirangeField()

    def get_group_by_cols(self) -> list[Any]:
        """Nothing: a constant is not grouped by."""
        return []


class OfRow(Func):
    """What is made of columns of the row that is asked about, and of constants; takes no part in its grouping."""

    template = "%(expressions)s"

    def get_group_by_cols(self) -> list[Any]:
        """Nothing: the row is grouped by its primary key."""
        return []


def days(expression: Any) -> Func:
    """A range column, or a range or several given in Python, as a multirange."""
    if isinstance(expression, Days):
        return _Constant(Value(expression, output_field=DateMultirangeField()))
    if isinstance(expression, DateRange):
        expression = Cast(Value(expression, output_field=DateRangeField()), DateRangeField())
    elif isinstance(expression, str):
        expression = F(expression)
    return _Days(expression)


def union(path: Any, *, only: models.Q | None = None) -> Coalesce:
    """The union of the ranges that a relation leads to, empty (not null) where it leads to none."""
    return Coalesce(RangeAgg(path, filter=only), _Days())


class Repeating(Func):
    """A function whose template names its expressions more than once, so that their parameters are needed as often."""

    def as_sql(self, compiler: Any, connection: Any, *arguments: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        sql, params = super().as_sql(compiler, connection, *arguments, **context)
        return sql, tuple(params) * str(self.template).count("%(expressions)s")


class From(Repeating):
    """All days from a day on, and none where the day is null."""

    template = "CASE WHEN %(expressions)s IS NOT NULL THEN daterange(%(expressions)s, NULL) ELSE 'empty' END"
    output_field = DateRangeField()


class OneDay(Repeating):
    """The range of one day, which may not be null."""

    template = "daterange(%(expressions)s, %(expressions)s, '[]')"
    output_field = DateRangeField()


class Span(Func):
    """The days from the first argument to the day before the second; an end that is null is open."""

    function = "daterange"
    output_field = DateRangeField()
