"""A column, or an expression, that holds any number of disjoint stretches of days: a datemultirange of PostgreSQL."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import DateField


class Days(tuple[DateRange, ...]):
    """Sorted, disjoint half-open ranges of dates; `day in days` asks whether one of them holds the day."""

    __slots__ = ()

    def __contains__(self, day: object) -> bool:
        return any(day in span for span in self)


def all_days(spans: Iterable[Any]) -> Days:
    """Ranges, sorted and disjoint already, as one value of the field."""
    return Days(DateRange(span.lower, span.upper, "[)") for span in spans if not span.isempty)


class DateMultirangeField(models.Field):
    """Any number of disjoint half-open stretches of days; null and empty are not the same."""

    def db_type(self, connection: Any) -> str:
        return "datemultirange"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Days | None:
        return None if value is None else all_days(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        spans = [value] if hasattr(value, "lower") else value
        return "{" + ",".join(_text(span) for span in spans if not span.isempty) + "}"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::datemultirange"

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)) or "")


def _text(span: Any) -> str:
    """A half-open range as PostgreSQL reads it; dates need no quotes."""
    return f"[{span.lower or ''},{span.upper or ''})"


class _End(models.Transform):
    output_field = DateField()


@DateMultirangeField.register_lookup
class StartsWith(_End):
    """The first day of all, null where it is open."""

    lookup_name = "startswith"
    function = "lower"


@DateMultirangeField.register_lookup
class EndsWith(_End):
    """The day after the last, null where it is open."""

    lookup_name = "endswith"
    function = "upper"


@DateMultirangeField.register_lookup
class HasDay(models.Lookup):
    """`@>`: does one of the stretches hold the day?"""

    lookup_name = "contains"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        if hasattr(self.rhs, "resolve_expression") or hasattr(self.rhs, "as_sql"):
            right, right_params = self.process_rhs(compiler, connection)
            return f"{left} @> {right}", (*left_params, *right_params)
        return f"{left} @> %s::date", (*left_params, self.rhs)


@DateMultirangeField.register_lookup
class NotEmpty(models.Lookup):
    """Does it hold any day at all?"""

    lookup_name = "not_empty"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        return f"NOT isempty({left})", tuple(left_params)
