"""A day that somebody knows of has come, and is no older than mining."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

FUTURE, TOO_EARLY = "2999-01-01", "2009-01-02"
KNOWN_DAYS = [
    ("miner", "operating", "operating_0"),
    ("site", "period", "period_0"),
    ("device", "period", "period_0"),
    ("registration", "period", "period_0"),
    ("registration", "applied_on", "applied_on"),
    ("sighting", "seen_on", "seen_on"),
    ("reading", "month", "month"),
    ("declaration", "month", "month"),
    ("declaration", "declared_on", "declared_on"),
]
INLINES = [
    ("miner", "registrations", "period", "period_0"),
    ("miner", "registrations", "applied_on", "applied_on"),
    ("miner", "sites", "period", "period_0"),
    ("site", "devices", "period", "period_0"),
]
SENTENCES = [(FUTURE, f"{FUTURE} lies in the future; today is "), (TOO_EARLY, f"{TOO_EARLY} lies before 2009-01-03")]


@pytest.mark.parametrize(("day", "sentence"), SENTENCES)
@pytest.mark.parametrize(("noun", "field", "box"), KNOWN_DAYS)
def test_a_day_that_nobody_can_know_of_is_refused_at_its_field(
    admin: Client, noun: str, field: str, box: str, day: str, sentence: str
) -> None:
    page = admin.post(reverse(f"admin:registry_{noun}_add"), {box: day})
    assert page.context["adminform"].form.errors[field][0].startswith(sentence)


@pytest.mark.parametrize(("day", "sentence"), SENTENCES)
@pytest.mark.parametrize(("noun", "rows", "field", "box"), INLINES)
def test_a_day_that_nobody_can_know_of_is_refused_in_a_row_of_the_page_too(
    admin: Client, noun: str, rows: str, field: str, box: str, day: str, sentence: str
) -> None:
    typed: dict[str, Any] = {f"{rows}-TOTAL_FORMS": 1, f"{rows}-INITIAL_FORMS": 0, f"{rows}-0-{box}": day}
    page = admin.post(reverse(f"admin:registry_{noun}_add"), typed)
    (formset,) = [each.formset for each in page.context["inline_admin_formsets"] if each.formset.prefix == rows]
    assert formset.errors[0][field][0].startswith(sentence)


@pytest.mark.parametrize(("noun", "field", "box"), KNOWN_DAYS)
def test_a_day_of_the_past_is_taken(admin: Client, noun: str, field: str, box: str) -> None:
    page = admin.post(reverse(f"admin:registry_{noun}_add"), {box: "2025-03-01"})
    assert field not in page.context["adminform"].form.errors
