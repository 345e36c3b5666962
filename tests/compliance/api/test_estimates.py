"""Runs of the estimate over HTTP: asked for with 202, followed, read with receipt and cells, compared, revised."""

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
from django.utils import timezone

from compliance.models import Estimate
from compliance.services import queue
from compliance.services.estimate_checks import estimate_verify
from compliance.services.estimate_differences import difference_store
from compliance.services.estimates import estimate_request, estimate_run
from compliance.services.roles import ANALYST, CLERK, roles_load
from registry import models
from tests.api_client import Api
from tests.estimated_register import AS_OF, mined
from tests.estimates import finished_estimate, told
from tests.factories import DeviceModelFactory, TerritoryFactory, UserFactory


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the doors hand to the queue."""
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue.current_app, "send_task", lambda name, args=(), **_: asked.append((name, *args)))
    return asked


@pytest.fixture
def russia(db: None) -> models.Territory:
    return mined(5, 400)


def run(place: models.Territory, **given: Any) -> Estimate:
    now = timezone.now()
    made = estimate_request(
        **{"kind": "whole", "territory": place, "as_of": AS_OF, "now": now, "bootstrap": 10, "seed": 1, **given}
    )
    estimate_run(estimate_id=made.pk, now=now)
    return Estimate.objects.get(pk=made.pk)


def test_run_is_asked_for_with_a_number_and_a_place_to_look(api, sent, db):
    TerritoryFactory(country=True)
    response = api.post("estimates/", {"territory": "RU", "as_of": "2026-10-31", "seed": 4})
    assert response.status_code == 202
    body = response.json()
    assert sent == [("compliance.estimate", body["number"])]
    assert response["Location"].endswith(f"/api/v1/estimates/{body['number']}/")
    assert (body["status"], body["done"], body["total"], body["result"]) == ("running", 0, 0, None)
    assert (body["window_from"], body["seed"]) == ("2026-08-01", 4)
    assert api.get(f"estimates/{body['number']}/").json()["number"] == body["number"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"as_of": "2199-01-01"}, "as_of"),
        ({"territory": "XX"}, "territory"),
        ({"months": 0}, "months"),
        ({"headline": {"colour": 1}}, "headline"),
        ({"headline": [1]}, "headline"),
        ({"colour": 1}, "colour"),
        ({"mining_kw": [2, 1]}, "mining_kw"),
        ({"hash_rate_ths": [1]}, "hash_rate_ths"),
        ({"hash_rate_ths": [1, 2], "price_per_kwh": 0.05}, "hash_price"),
        ({"above_threshold": 2}, "above_threshold"),
    ],
)
def test_bad_question_is_refused_at_its_field(api, sent, db, given, field):
    TerritoryFactory(country=True)
    response = api.post("estimates/", {"territory": "RU", "as_of": "2026-10-31", **given})
    assert response.status_code in (400, 409, 422), response.content
    assert field in json.dumps(response.json())
    assert not sent
    assert not Estimate.objects.exists()


def test_finished_run_shows_its_sentence_receipt_and_cells(api, russia):
    made = run(russia)
    body = api.get(f"estimates/{made.pk}/").json()
    assert body["sentence"] == made.result["sentence"]
    assert {each["code"] for each in body["lists"]} >= {"register", "complaint", "grid_anomaly"}
    assert all(len(each["sha256"]) == 64 for each in body["lists"])
    assert body["result_sha256"] == made.result_sha256
    [row] = api.results("estimates/", status="done", territory="RU")
    assert (row["number"], row["sentence"]) == (made.pk, made.result["sentence"])
    assert "result" not in row
    cells = api.results(f"estimates/{made.pk}/cells/")
    assert [each["position"] for each in cells] == list(range(made.total))
    assert all(each["output"] for each in cells)
    assert api.csv("estimates/").splitlines()[0].startswith("number,territory,kind,as_of")


def test_verification_is_asked_of_the_worker_and_shown(api, russia, sent):
    made = run(russia)
    response = api.post(f"estimates/{made.pk}/verify/", {})
    assert (response.status_code, sent) == (202, [("compliance.verify_estimate", made.pk)])
    estimate_verify(estimate_id=made.pk, now=timezone.now())
    assert api.get(f"estimates/{made.pk}/").json()["verification"]["same"] is True


def test_difference_is_computed_by_a_worker_and_then_answered(api, russia, sent):
    earlier, later = run(russia), run(russia, by="none")
    where = {"from": earlier.pk, "to": later.pk}
    response = api.get("estimates/difference/", where)
    assert (response.status_code, response["Retry-After"]) == (202, "5")
    assert sent == [("compliance.estimate_difference", earlier.pk, later.pk)]
    difference_store(earlier_id=earlier.pk, later_id=later.pk)
    body = api.get("estimates/difference/", where).json()
    assert body["parts"][0]["code"] == "late_data"
    assert body["number_from"] == earlier.pk
    rows = list(csv.DictReader(io.StringIO(api.csv("estimates/difference/", **where))))
    assert [row["part"] for row in rows][-1] == "difference"


def test_difference_of_what_cannot_be_compared_is_refused(api, russia, sent):
    made, regions = run(russia), run(russia, kind="regions", history=1)
    assert api.get("estimates/difference/", {"from": made.pk}).status_code == 400
    response = api.get("estimates/difference/", {"from": made.pk, "to": regions.pk})
    assert response.json()["code"] == "estimate_of_regions"


def test_revisions_show_how_a_figure_moved_and_leave_tries_out(api, db):
    russia = TerritoryFactory(country=True)
    first, second = (
        finished_estimate(russia, headline=told(rate=rate)) for rate in ((0.2, 0.3, 0.4), (0.2, 0.28, 0.4))
    )
    finished_estimate(russia, settings={"by": "size", "standard": False})
    rows = api.results("estimates/revisions/", territory="RU")
    assert [row["number"] for row in rows] == [first.pk, second.pk]
    assert rows[0]["change"] is None
    assert rows[1]["change"] == pytest.approx(-0.02)
    assert rows[1]["provisional"] is True
    assert api.csv("estimates/revisions/").count("\n") == 3


def test_revisions_of_two_countries_are_told_apart(api, db):
    for code in ("RU", "KZ"):
        finished_estimate(TerritoryFactory(country=True, code=code, name=code))
    rows = api.results("estimates/revisions/")
    assert [(row["territory"], row["change"]) for row in rows] == [("KZ", None), ("RU", None)]


def test_series_shows_the_nation_and_its_regions(api, russia):
    assert api.get("estimates/series/").json()["number"] is None
    made = run(russia, kind="regions", history=2, bootstrap=1000)
    body = api.get("estimates/series/").json()
    assert body["number"] == made.pk
    assert {row["territory"] for row in body["results"]} == {"RU"}
    assert body["results"][-1]["smoothed_low"] <= body["results"][-1]["smoothed"]
    assert {row["territory"] for row in api.results("estimates/series/", region="all")} == {"RU-IRK", "RU-MOW"}
    assert {row["territory"] for row in api.results("estimates/series/", region="RU-IRK")} == {"RU-IRK"}
    assert len(api.csv("estimates/series/", region="all").splitlines()) > 3


def test_hash_rate_is_kept_with_the_run_as_it_was_given(api, sent, db):
    TerritoryFactory(country=True)
    DeviceModelFactory()
    given = {"hash_rate_ths": [5e6, 15e6], "hash_price": 0.05, "price_per_kwh": 0.05}
    body = api.post("estimates/", {"territory": "RU", "as_of": "2026-10-31", **given}).json()
    assert body["settings"]["energy"] == {**given, "above_threshold": 1}
    assert body["settings"]["catalogue"]["efficiency_j_per_th"] == {"min": 17.5, "median": 17.5, "max": 17.5}
    assert len(body["settings"]["catalogue"]["sha256"]) == 64


@pytest.mark.parametrize("role", [ANALYST, CLERK])
def test_both_roles_may_ask_for_a_run(db, sent, role):
    TerritoryFactory(country=True)
    roles_load()
    user = UserFactory()
    user.groups.add(user.groups.model.objects.get(name=role))
    response = Api(user).post("estimates/", {"territory": "RU", "as_of": dt.date(2026, 10, 31).isoformat()})
    assert response.status_code == 202
