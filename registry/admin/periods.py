"""Form fields for periods and months: two labelled boxes, and a month typed as a month."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib.postgres.forms import DateRangeField
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from registry.errors import Refusal
from registry.services.days import mining_day_check, past_day_check

LABELS = ("from", "until (first day after)")
OPEN_END = "Leave “until” empty while it still lasts."


def began_already(value: dt.date | DateRange) -> None:
    """A validator: the day, or the first day of the period, is one of which somebody can know."""
    day = value.lower if isinstance(value, DateRange) else value
    if day is None:
        return
    try:
        mining_day_check(day=day, today=timezone.localdate())
    except Refusal as refusal:
        raise ValidationError(refusal.sentence, code=refusal.code) from None


def took_effect_already(value: dt.date | DateRange) -> None:
    """A validator for what may be older than all mining, such as a conviction."""
    day = value.lower if isinstance(value, DateRange) else value
    if day is None:
        return
    try:
        past_day_check(day=day, today=timezone.localdate())
    except Refusal as refusal:
        raise ValidationError(refusal.sentence, code=refusal.code) from None


def begun_year(value: int) -> None:
    """A validator: the calendar year has begun."""
    if value > timezone.localdate().year:
        raise ValidationError(f"{value} has not begun.", code="in_the_future")


class PeriodWidget(forms.MultiWidget):
    """Two date boxes with their names over them."""

    template_name = "registry/period.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([UnfoldAdminDateWidget(), UnfoldAdminDateWidget()], attrs)

    def decompress(self, value: DateRange | None) -> list[dt.date | None]:
        return [value.lower, value.upper] if value else [None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["boxes"] = list(zip(LABELS, context["widget"]["subwidgets"], strict=True))
        return context

    def use_required_attribute(self, initial: Any) -> bool:
        """An empty end is an answer, so the browser may not demand both."""
        return False

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class PeriodField(DateRangeField):
    """A half-open period, `[from, until)`; the end is the first day on which it no longer held."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = PeriodWidget()
        kwargs["help_text"] = f"{kwargs.get('help_text', '')} {OPEN_END}".strip()
        super().__init__(**kwargs)

    def compress(self, values: Any) -> DateRange | None:
        if not values or list(values) == [None, None]:
            return None
        start, end = values
        if start is not None and end is not None and end <= start:
            raise ValidationError(
                f"The period ends on {end}, but starts on {start}: “until” is the first day after it, "
                f"so {start + dt.timedelta(days=1)} at the earliest.",
                code="period_ends_before_start",
            )
        return DateRange(start, end)


class MonthField(forms.DateField):
    """A month, typed as 2026-03 and stored as its first day."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.DateInput(
            format="%Y-%m", attrs={**UnfoldAdminTextInputWidget().attrs, "placeholder": "2026-03"}
        )
        kwargs["input_formats"] = ("%Y-%m", "%Y-%m-%d")
        kwargs["help_text"] = "The month, as 2026-03."
        super().__init__(**kwargs)
