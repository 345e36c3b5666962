"""What is asked of a run: what is everybody's question, and what is a try of one's own."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from compliance.services.estimates import estimate_request
from registry.errors import Refusal
from tests.factories import TerritoryFactory

pytestmark = pytest.mark.django_db

AS_OF = dt.date(2026, 10, 31)


@pytest.mark.parametrize(
    ("own", "standard"),
    [
        ({}, True),
        ({"mining_kw": (100_000.0, 400_000.0)}, True),
        ({"months": 1}, False),
        ({"by": "kind"}, False),
        ({"bootstrap": 0}, False),
        ({"headline": {"active_alpha": 19.0}}, False),
    ],
)
def test_run_with_settings_of_its_own_is_kept_from_the_public(own: dict[str, Any], standard: bool) -> None:
    now = timezone.now()
    made = estimate_request(kind="whole", territory=TerritoryFactory(country=True), as_of=AS_OF, now=now, **own)
    assert made.settings["standard"] is standard


def test_run_that_looks_back_is_kept_from_the_public() -> None:
    now = timezone.now()
    made = estimate_request(kind="whole", territory=TerritoryFactory(country=True), as_of=AS_OF, now=now, known_at=now)
    assert made.settings["standard"] is False


@pytest.mark.parametrize("day", ["0001-01-01", "2009-01-02"])
@pytest.mark.parametrize("kind", ["whole", "regions"])
def test_run_of_a_day_before_all_mining_is_refused(kind: str, day: str) -> None:
    place, now = TerritoryFactory(country=True), timezone.now()
    with pytest.raises(Refusal) as refused:
        estimate_request(kind=kind, territory=place, as_of=dt.date.fromisoformat(day), now=now)
    assert refused.value.fields == {"as_of": f"{day} lies before 2009-01-03: nobody mined then."}


def test_run_of_the_first_day_of_mining_may_be_asked_for() -> None:
    place, now = TerritoryFactory(country=True), timezone.now()
    estimate_request(kind="regions", territory=place, as_of=dt.date(2009, 1, 3), now=now, months=24, history=60)
