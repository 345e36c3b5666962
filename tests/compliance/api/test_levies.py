"""Levies over HTTP: sums by period, territory and kind, as JSON and as CSV."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import LawPack, Norm
from compliance.models.fields import Days
from registry.models import Territory
from tests.api_client import Api
from tests.factories import ReadingFactory, SiteFactory

NOW = dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def drawn(ru_law: LawPack) -> None:
    """A levy made for the test, and one miner in Irkutsk whose meter was read."""
    norm = Norm.objects.get(code="ru.reporting.monthly")
    norm.pk, norm.code, norm.kind, norm.register = None, "ru.levy.made-up", "levy", None
    norm.in_force = Days((DateRange(dt.date(2025, 1, 1), None, "[)"),))
    rate = {"low": "1", "high": "2.5", "currency": "KZT"}
    norm.parameters = {"period": "month", "due_day": 20, "bands": [{"rate": rate, "from": "2025-01-01", "when": "any"}]}
    norm.save()
    site = SiteFactory(miner__territory=Territory.objects.get(code="RU-IRK"))
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2025, 12, 1), energy_kwh=Decimal("100.5"))


def test_levies_are_given_by_period_territory_and_kind(api: Api, drawn: None) -> None:
    with time_machine.travel(NOW, tick=False):
        body = api.get("levies/", {"territory": "RU", "from": "2025-12-01", "to": "2025-12-31"}).json()
    assert body == {
        "first_day": "2025-12-01",
        "last_day": "2025-12-31",
        "results": [
            {
                "norm": "ru.levy.made-up",
                "month": "2025-12-01",
                "months": 1,
                "territory": "RU-IRK",
                "territory_name": Territory.objects.get(code="RU-IRK").name,
                "kind": "legal_entity",
                "miners": 1,
                "unknown_miners": 0,
                "unread_miners": 0,
                "unread_months": 0,
                "metered_kwh": "100.500",
                "declared_kwh": None,
                "unpriced_kwh": "0.000",
                "owed_low": "100.50",
                "owed_high": "251.25",
                "currency": "KZT",
            }
        ],
    }


def test_a_year_up_to_today_is_meant_and_months_of_which_nothing_is_known_are_told(api: Api, drawn: None) -> None:
    with time_machine.travel(NOW, tick=False):
        body = api.get("levies/").json()
    assert (body["first_day"], body["last_day"]) == ("2025-02-01", "2026-02-01")
    known = {row["month"]: (row["miners"], row["unknown_miners"]) for row in body["results"]}
    assert known["2025-12-01"] == (1, 0)
    assert known["2026-01-01"] == (0, 1)
    assert "2026-02-01" not in known, "February is not over"


def test_levies_are_given_as_csv(api: Api, drawn: None) -> None:
    text = api.csv("levies/", **{"from": "2025-12-01", "to": "2025-12-31"})
    assert text.splitlines()[1].startswith("ru.levy.made-up,2025-12-01,1,RU-IRK,")


@pytest.mark.parametrize(
    "query", [{"from": "2025-13-01"}, {"from": "2026-02-01", "to": "2026-01-01"}, {"from": "1990-01-01"}]
)
def test_days_that_make_no_sense_are_refused(api: Api, db: None, query: Any) -> None:
    response = api.get("levies/", query)
    assert (response.status_code, response.json()["code"]) == (400, "bad_date")
