"""Reports are issued, and totals asked for, over HTTP."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from celery import current_app

from compliance.models import LawPack, Report
from compliance.services.recomputation import recompute
from tests.api_client import Api

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was published to the queue; nobody works it off here."""
    names: list[Any] = []
    publish = current_app.send_task
    monkeypatch.setattr(current_app, "send_task", lambda name, **how: (names.append(name), publish(name, **how)))
    return names


def test_a_report_is_issued_once_when_the_same_key_comes_twice(api: Api, ru_law: LawPack) -> None:
    recompute(as_of=TODAY)
    key = {"headers": {"Idempotency-Key": "report of today"}}
    issued = api.post("reports/", {"as_of": "2026-11-22"}, **key)
    assert (issued.status_code, issued.json()["number"]) == (201, "CR-2026-0001")
    assert issued["Location"].endswith("/reports/CR-2026-0001/")
    assert api.post("reports/", {"as_of": "2026-11-22"}, **key).json() == issued.json()
    assert Report.objects.get().user is not None


def test_a_report_of_tomorrow_is_refused(api: Api) -> None:
    response = api.post("reports/", {"as_of": "2026-11-23"})
    assert (response.status_code, response.json()["code"]) == (422, "report_in_the_future")
    assert not Report.objects.exists()


def test_the_worker_is_asked_for_the_totals_that_are_wanted(api: Api, sent: list[Any]) -> None:
    response = api.post("recomputations/", {"kinds": ["rates"]})
    assert (response.status_code, response.json()) == (202, {"kinds": ["rates"]})
    assert response["Location"].endswith("/api/v1/recomputations/")
    api.post("recomputations/", {"kinds": ["exposure", "rates"]})
    assert sent == ["compliance.recompute_rates", "compliance.recompute_exposure", "compliance.recompute_rates"]


@pytest.mark.parametrize("body", [{}, {"kinds": []}, {"kinds": ["everything"]}, {"kinds": ["rates"], "colour": "red"}])
def test_nothing_is_asked_when_the_totals_are_not_named(api: Api, sent: list[Any], body: dict[str, Any]) -> None:
    assert api.post("recomputations/", body).status_code == 400
    assert sent == []
