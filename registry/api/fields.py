"""Fields that several nouns share: periods, territories by code, miners by id or identifier."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.encoding import smart_str
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.validators import UniqueValidator

from registry.errors import Refusal
from registry.models import Miner, Territory
from registry.services.days import EARLIEST, mining_day_check, past_day_check
from registry.services.identifiers import identifier_clean
from registry.services.words import CONTENT, CURRENCY

PERIOD_SCHEMA = {
    "type": "object",
    "properties": {
        "from": {"type": ["string", "null"], "format": "date", "description": "The first day."},
        "to": {
            "type": ["string", "null"],
            "format": "date",
            "description": "The first day after the period; null while it lasts.",
        },
    },
    "required": ["from", "to"],
    "examples": [{"from": "2024-11-01", "to": None}],
}


class UnknownField(serializers.ValidationError):
    """A name that the noun does not have: a typing error that would otherwise pass in silence."""


class StrictSerializer(serializers.Serializer):
    """Refuses names that it does not have."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                known = ", ".join(name for name, each in self.fields.items() if not each.read_only)
                sentence = f"There is no such field. The fields are {known}."
                raise UnknownField({name: [ErrorDetail(sentence, "unknown_field")] for name in unknown})
        return super().to_internal_value(data)


class NounSerializer(StrictSerializer, serializers.ModelSerializer):
    """One row of a noun.

    Uniqueness and the other constraints are left to the database, which answers with the constraint's own sentence:
    asking it first would be one more query, and a race.
    """

    def get_validators(self) -> list[Any]:
        return []

    def get_uniqueness_extra_kwargs(self, field_names: Any, *args: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return args[-1], {}

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[type, dict[str, Any]]:
        field, options = super().build_standard_field(field_name, model_field)
        if "validators" in options:
            options["validators"] = [each for each in options["validators"] if not isinstance(each, UniqueValidator)]
        return field, options


@extend_schema_field(PERIOD_SCHEMA)
class PeriodField(serializers.Field):
    """A half-open span of days, as `{"from": "2024-11-01", "to": null}`."""

    default_error_messages = {
        "shape": 'Give a period as {{"from": "YYYY-MM-DD", "to": "YYYY-MM-DD" or null}}.',
        "no_start": "A period needs its first day.",
        "ends_before_it_starts": "The period ends ({to}) before it has begun ({start}): “to” is the day after it.",
    }

    def __init__(self, *, open_start: bool = False, **options: Any) -> None:
        self.open_start = open_start
        self.day = serializers.DateField(allow_null=True)
        super().__init__(**options)

    def to_representation(self, value: Any) -> dict[str, str | None]:
        return {
            "from": value.lower and value.lower.isoformat(),
            "to": value.upper and value.upper.isoformat(),
        }

    def to_internal_value(self, data: Any) -> DateRange:
        if not isinstance(data, dict) or not set(data) <= {"from", "to"} or "from" not in data:
            self.fail("shape")
        start, end = self.day.run_validation(data["from"]), self.day.run_validation(data.get("to"))
        if start is None and not self.open_start:
            self.fail("no_start")
        if start is not None and end is not None and end <= start:
            self.fail("ends_before_it_starts", to=end, start=start)
        return DateRange(start, end)


@extend_schema_field({"type": "array", "items": PERIOD_SCHEMA})
class PeriodsField(serializers.Field):
    """Any number of half-open spans of days, as a list of `{"from": "2024-11-01", "to": null}`; read only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Any) -> list[dict[str, str | None]]:
        return [PeriodField().to_representation(span) for span in value]


class CodeField(serializers.SlugRelatedField[Any]):
    """A row named by its code."""

    def __init__(self, *, noun: str = "row", queryset: QuerySet | None = None, **options: Any) -> None:
        self.noun = noun
        super().__init__(slug_field="code", queryset=queryset, **options)

    def to_internal_value(self, data: Any) -> Any:
        rows = self.get_queryset()
        found = (
            rows.filter(code=data).first() if rows is not None and isinstance(data, str) and _is_text(data) else None
        )
        if found is None:
            sentence = f"There is no {self.noun} of the code {smart_str(data, errors='replace')}."
            raise serializers.ValidationError(sentence, f"unknown_{self.noun}")
        return found


class TerritoryField(CodeField):
    """A territory, by its code."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("queryset", Territory.objects.all())
        options.setdefault("help_text", "ISO 3166 code, or our own below it: RU, RU-IRK, RU-IRK-x-angarsk.")
        super().__init__(noun="territory", **options)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}], "examples": [12, "ru.inn=7707083893"]})
class MinerField(serializers.PrimaryKeyRelatedField[Miner]):
    """A miner, by id or by identifier (`ru.inn=7707083893`)."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("queryset", Miner.objects.all())
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Miner:
        found = None
        if isinstance(data, str) and "=" in data and _is_text(data):
            scheme, value = identifier_of(data)
            found = Miner.objects.filter(identifiers__scheme=scheme, identifiers__value=value).first()
        elif isinstance(data, int) and not isinstance(data, bool):
            found = Miner.objects.filter(pk=data).first()
        if found is None:
            sentence = f"There is no miner {smart_str(data, errors='replace')}: give its id or scheme=number."
            raise serializers.ValidationError(sentence, "unknown_miner")
        return found


def identifier_of(text: str) -> tuple[str, str]:
    """`ru.inn=7707083893` as scheme and number."""
    scheme, _, value = text.partition("=")
    try:
        return scheme, identifier_clean(scheme, value)
    except Refusal as refusal:
        raise serializers.ValidationError(refusal.sentence, refusal.code) from None


def not_in_the_future(day: dt.date) -> None:
    try:
        past_day_check(day=day, today=timezone.localdate())
    except Refusal as refusal:
        raise serializers.ValidationError(refusal.sentence, refusal.code) from None


def day_of_mining(day: dt.date) -> None:
    """A day of which somebody can know that there was mining."""
    try:
        mining_day_check(day=day, today=timezone.localdate())
    except Refusal as refusal:
        raise serializers.ValidationError(refusal.sentence, refusal.code) from None


def began_already(period: DateRange) -> None:
    if period.lower is not None:
        day_of_mining(period.lower)


def took_effect_already(period: DateRange) -> None:
    """For what may be older than all mining, such as a conviction."""
    if period.lower is not None:
        not_in_the_future(period.lower)


def year_of_mining(year: int) -> None:
    if not EARLIEST.year <= year <= timezone.localdate().year:
        sentence = f"Give a year from {EARLIEST.year} to {timezone.localdate().year}."
        raise serializers.ValidationError(sentence, "too_early" if year < EARLIEST.year else "in_the_future")


def as_written(form: re.Pattern[str], sentence: str) -> Callable[[str], None]:
    """A validator: the whole text is of this form."""

    def check(text: str) -> None:
        if not form.fullmatch(text):
            raise serializers.ValidationError(sentence, "bad_value")

    return check


is_currency = as_written(CURRENCY, "Give the currency by its three capital letters, such as RUB.")
is_content = as_written(CONTENT, "Give a word of small letters, such as addresses.")


def first_of_month(day: dt.date) -> None:
    if day.day != 1:
        raise serializers.ValidationError(f"Give the month by its first day: {day:%Y-%m}-01.", "not_first_of_month")


def _is_text(data: str) -> bool:
    return "\0" not in data and not any("\ud800" <= letter <= "\udfff" for letter in data)
