"""Scenarios and deterrence over HTTP."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.models import Book, Exposure, Finding, LawPack, Norm, Scenario
from compliance.services.recomputation import recompute
from tests.api_client import VERBS, Api, user_with
from tests.factories import DeviceModelFactory, MinerFactory, RegisterFactory, RegistrationFactory, UserFactory

TODAY = dt.date(2026, 11, 22)
FINE = {
    "penalty": {"norms": ["ru.registration.miner"], "offenders": ["legal_entity"]},
    "amount": {"low": 200000, "high": 2000000, "currency": "RUB"},
}
BODY = {"pack": "ru", "title": "A fine", "changes": [FINE]}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def register(ru_law: LawPack) -> None:
    """Three companies, one of them registered; and an entrepreneur."""
    registered, *_ = MinerFactory.create_batch(3, territory__code="RU-MOW", territory__name="Moscow")
    MinerFactory(entrepreneur=True, territory=registered.territory)
    RegistrationFactory(register=RegisterFactory(), miner=registered)
    recompute(as_of=TODAY)


def test_the_whole_answer_is_given_at_once_and_again_under_its_code(api: Api, register: None) -> None:
    made = api.post("scenarios/", {**BODY, "code": "my.fine"})
    assert made.status_code == 201, made.content
    assert made["Location"].endswith("/api/v1/scenarios/my.fine/")
    body = made.json()
    assert body["scenario"] == {
        "code": "my.fine",
        "pack": "ru",
        "title": "A fine",
        "note": "",
        "changes": [
            {
                "penalty": {
                    "norms": ["ru.registration.miner"],
                    "offenders": ["legal_entity"],
                    "occurrence": "any",
                },
                "amount": {"low": "200000", "high": "2000000", "currency": "RUB"},
            }
        ],
        "ready_made": False,
        "created_at": body["scenario"]["created_at"],
    }
    nothing = {"findings": 0, "unpriced": 0, "amounts": [{"currency": "RUB", "low": "0.00", "high": "0.00"}]}
    findings = Finding.objects.open_on(TODAY).count()
    priced = {"currency": "RUB", "low": "400000.00", "high": "4000000.00"}
    total = body["answer"]["total"]
    assert total["law"]["findings"] == total["scenario"]["findings"] == findings
    assert total["scenario"]["unpriced"] == findings - 2
    assert total["difference"] == {"findings": 0, "unpriced": -2, "amounts": [priced]}
    assert (total["newly_caught"], total["no_longer_caught"]) == (nothing, nothing)
    assert total["amount_changed"] == total["difference"]
    assert total["undetermined"]["miners"] == 4
    assert [row["key"] for row in body["answer"]["by_territory"]] == ["RU-MOW"]
    again = api.get("scenarios/my.fine/answer/")
    assert again.json() == {"scenario": body["scenario"], "answer": body["answer"]}


def test_an_answer_takes_a_recorded_number_of_queries(api: Api, register: None) -> None:
    api.post("scenarios/", {**BODY, "code": "my.fine"})
    limit = {"norm": "ru.limit.individual", "parameters": {"energy_kwh_month": 3000}}
    api.post("scenarios/", {**BODY, "code": "my.limit", "changes": [limit]})
    with CaptureQueriesContext(
        connection,
    ) as plain:
        api.get("scenarios/my.fine/answer/")
    with CaptureQueriesContext(connection) as asked:
        api.get("scenarios/my.limit/answer/")
    MinerFactory.create_batch(5)
    with CaptureQueriesContext(connection) as more:
        api.get("scenarios/my.limit/answer/")
    assert len(asked) == len(more)
    assert len(plain) <= 40, [query["sql"][:80] for query in plain]
    assert len(asked) <= len(plain) + 2


def test_nothing_but_the_scenario_is_stored(api: Api, register: None) -> None:
    before = list(Exposure.objects.order_by("pk").values()), list(Finding.objects.order_by("pk").values())
    api.post("scenarios/", {**BODY, "changes": [{"norm": "ru.registration.miner", "repealed": True}]})
    assert before == (list(Exposure.objects.order_by("pk").values()), list(Finding.objects.order_by("pk").values()))
    assert Scenario.objects.filter(ready_made=False).count() == 1


def test_the_same_key_keeps_one_scenario(api: Api, register: None) -> None:
    key = {"headers": {"Idempotency-Key": "one what-if"}}
    first = api.post("scenarios/", BODY, **key)
    assert first.json() == api.post("scenarios/", BODY, **key).json()
    assert Scenario.objects.filter(ready_made=False).count() == 1


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"changes": [{"norm": "ru.ban"}]}, 422, "changes[0]"),
        ({"changes": "everything"}, 422, "changes"),
        ({"changes": [{**FINE, "amount": {"low": 2, "high": 1, "currency": "RUB"}}]}, 422, "changes[0].amount.low"),
        ({"pack": "xx"}, 400, "pack"),
        ({"code": "ru.mine"}, 400, "code"),
        ({"colour": "red"}, 400, "colour"),
        ({"deterrence": {"currency": "RUB"}}, 400, "deterrence.hazard"),
    ],
)
def test_a_bad_scenario_is_refused_at_its_place_and_not_kept(
    api: Api, ru_law: LawPack, changed: dict[str, Any], status: int, field: str
) -> None:
    response = api.post("scenarios/", {**BODY, **changed})
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert field in {error["field"] for error in response.json()["errors"]}
    assert not Scenario.objects.filter(ready_made=False).exists()


def test_a_code_is_taken_once(api: Api, ru_law: LawPack) -> None:
    assert api.post("scenarios/", {**BODY, "code": "my.fine"}).status_code == 201
    assert api.post("scenarios/", {**BODY, "code": "my.fine"}).status_code == 409


def test_ready_made_ones_come_first_and_stay(api: Api, ru_law: LawPack) -> None:
    api.post("scenarios/", {**BODY, "code": "my.fine"})
    Scenario.objects.create(code="ru.scenario.x", title="x", pack=ru_law, ready_made=True)
    codes = [row["code"] for row in api.results("scenarios/")]
    assert codes[-1] == "my.fine"
    assert len(codes) > 1
    refused = api.delete("scenarios/ru.scenario.x/")
    assert (refused.status_code, refused.json()["code"]) == (422, "scenario_ready_made")


def test_only_who_made_a_scenario_deletes_it(ru_law: LawPack) -> None:
    models = (Scenario, Exposure, Norm, Book, LawPack)
    maker, other = (Api(user_with(models, VERBS)) for _ in range(2))
    assert maker.post("scenarios/", {**BODY, "code": "my.fine"}).status_code == 201
    refused = other.delete("scenarios/my.fine/")
    assert (refused.status_code, refused.json()["code"]) == (422, "scenario_of_another")
    assert maker.delete("scenarios/my.fine/").status_code == 204
    assert maker.get("scenarios/my.fine/").status_code == 404


def test_a_day_that_is_none_is_refused(api: Api, ru_law: LawPack) -> None:
    api.post("scenarios/", {**BODY, "code": "my.fine"})
    assert api.get("scenarios/my.fine/answer/", {"as_of": "yesterday"}).status_code == 400
    assert api.get("scenarios/my.fine/answer/", {"as_of": "2026-01-31"}).json()["answer"]["as_of"] == "2026-01-31"


SITE = {
    "currency": "RUB",
    "hashrate_ths": "200",
    "power_kw": "3.5",
    "hashprice": "4",
    "tariff": "5",
    "hazard": "0.02",
    "tax_percent": "13",
    "registration_cost": "400",
    "confiscation": "50000",
    "shut_down": "20000",
    "fine": "100000",
}


def test_the_break_even_fine_is_given_with_every_input_and_step(api: Api) -> None:
    body = api.post("deterrence/", SITE).json()
    assert body["break_even_fine"] == "21500.00"
    assert body["evasion_pays"] is False
    assert {"name": "hazard", "value": "0.02", "unit": "detections a month"} in body["inputs"]
    assert {"name": "pue", "value": "1", "unit": "kW of the site per kW of its devices"} in body["inputs"]
    assert body["steps"][0] == {
        "name": "energy",
        "formula": "24 × 30 × kW × PUE",
        "numbers": "720 × 3.500000 × 1",
        "value": "2520.00",
        "unit": "kWh a month",
    }


def test_a_model_of_the_catalogue_stands_for_its_hash_rate_and_power(api: Api) -> None:
    model = DeviceModelFactory(hashrate=Decimal(200), power_w=Decimal(3500))
    site = {name: value for name, value in SITE.items() if name not in ("hashrate_ths", "power_kw")}
    one = api.post("deterrence/", {**site, "device_model": model.pk}).json()
    assert one["break_even_fine"] == "21500.00"
    ten = api.post("deterrence/", {**site, "device_model": model.pk, "devices": 10}).json()
    assert Decimal(ten["profit_month"]) == 10 * Decimal(one["profit_month"])


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"hazard": "0"}, 422),
        ({"device_model": 1}, 422),
        ({"power_kw": None}, 400),
        ({"pue": "0.5"}, 422),
        ({"x": 1}, 400),
    ],
)
def test_a_site_that_cannot_be_is_refused(api: Api, changed: dict[str, Any], status: int) -> None:
    response = api.post("deterrence/", {**SITE, **changed})
    assert response.status_code == status, response.content


def test_the_deterrence_side_stands_beside_an_answer(api: Api, register: None) -> None:
    body = api.post("scenarios/", {**BODY, "deterrence": SITE}).json()
    assert body["deterrence"]["break_even_fine"] == "21500.00"


def test_the_inputs_are_named_with_their_units(db: None) -> None:
    assert Api(UserFactory(superuser=True)).get("deterrence/").json()["inputs"]["tariff"] == "money per kWh"
