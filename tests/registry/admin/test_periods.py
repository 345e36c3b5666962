"""Periods and months as a clerk types them."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from registry.admin.periods import MonthField, PeriodField
from registry.admin.words import money_words, period_words


def test_an_empty_until_means_that_it_still_lasts() -> None:
    assert PeriodField().clean(["2025-01-01", ""]) == DateRange(dt.date(2025, 1, 1), None)


def test_two_empty_boxes_are_no_period() -> None:
    assert PeriodField(required=False).clean(["", ""]) is None


def test_a_period_that_ends_before_it_starts_is_refused_with_the_earliest_end() -> None:
    with pytest.raises(ValidationError, match="2025-01-02 at the earliest"):
        PeriodField().clean(["2025-01-01", "2025-01-01"])


def test_both_boxes_have_a_label() -> None:
    shown = PeriodField().widget.render("period", None, {"id": "id_period"})
    assert '<label for="id_period_0"' in shown
    assert '<label for="id_period_1"' in shown
    assert "until (first day after)" in shown


@pytest.mark.parametrize("typed", ["2026-03", "2026-03-01"])
def test_a_month_is_stored_as_its_first_day(typed: str) -> None:
    assert MonthField().clean(typed) == dt.date(2026, 3, 1)


def test_periods_read_with_their_last_day_included() -> None:
    assert period_words(DateRange(dt.date(2025, 1, 1), dt.date(2025, 2, 1))) == "2025-01-01 to 2025-01-31"
    assert period_words(DateRange(dt.date(2025, 1, 1), None)) == "since 2025-01-01"


def test_an_unknown_amount_is_a_dash_and_never_zero() -> None:
    assert money_words(None, "RUB") == "—"
