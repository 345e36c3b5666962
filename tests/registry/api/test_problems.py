"""Every error as a problem document."""

import json

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as NoBroker
from time_machine import travel

from registry.api.throttling import UserThrottle
from registry.models import Miner, Registration
from tests.api_client import Api
from tests.factories import (
    DeviceFactory,
    MinerFactory,
    RegistrationFactory,
    SiteFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NEW_MINER = {
    "name": "ООО Ангара",
    "kind": "legal_entity",
    "territory": "RU-IRK",
    "operating": {"from": "2024-11-01", "to": None},
}


def problem(response) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "errors"}
    assert body["status"] == response.status_code
    assert body["type"] == f"/docs/errors#{body['code']}"
    return response.status_code, body["code"]


@pytest.mark.parametrize("path", ["/api/", "/api/v2/miners/", "/api/v1/", "/api/v1/minors/", "/api/v1/miners/x/"])
def test_unknown_address_is_404(path):
    assert problem(Client().get(path)) == (404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_unknown_address_is_404_for_writes_too(method):
    client = Client(enforce_csrf_checks=True)
    assert problem(client.generic(method, "/api/v1/miners/x/")) == (404, "not_found")


def test_unknown_row_is_404(api):
    for number in ("1", "999999999999999999"):
        assert problem(api.get(f"miners/{number}/")) == (404, "not_found")


def test_address_without_its_slash_leads_to_the_one_with(api):
    response = api.client.get("/api/v1/miners?page_size=1")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/miners/?page_size=1")


def test_unknown_query_parameter_is_refused_with_the_known_ones(api):
    response = api.get("readings/", {"metering_pont": "x"})
    assert problem(response) == (400, "unknown_parameter")
    assert response.json()["errors"][0]["field"] == "metering_pont"
    assert "metering_point" in response.json()["detail"]


def test_media_type_is_refused_when_it_is_not_given(api):
    assert problem(api.get("miners/", headers={"Accept": "image/png"})) == (406, "not_acceptable")
    assert problem(api.get("miners/", {"format": "xml"})) == (406, "not_acceptable")
    miner = MinerFactory()
    assert problem(api.get(f"miners/{miner.pk}/", headers={"Accept": "text/csv"})) == (406, "not_acceptable")


def test_body_is_refused_when_it_cannot_be_read(api):
    assert problem(api.post("miners/", "{")) == (400, "parse_error")
    assert problem(api.post("miners/", b"\xff\xfe")) == (400, "parse_error")
    assert problem(api.post("miners/", "name=x", content_type="text/plain")) == (415, "unsupported_media_type")
    assert problem(api.post("miners/", "[" * 100_000)) == (400, "parse_error")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": "a\0b"}, "name", "null_characters_not_allowed"),
        ({"name": "x" * 301}, "name", "max_length"),
        ({"kind": "company"}, "kind", "invalid_choice"),
        ({"territory": "RU-XXX"}, "territory", "unknown_territory"),
        ({"territory": "\0"}, "territory", "unknown_territory"),
        ({"territory": "\ud800"}, "territory", "unknown_territory"),
        ({"territory": {"a": 1}}, "territory", "unknown_territory"),
        ({"operating": "2024"}, "operating", "shape"),
        ({"operating": {"from": None}}, "operating", "no_start"),
        ({"operating": {"from": "2024-13-01"}}, "operating", "invalid"),
        ({"operating": {"from": "2025-02-01", "to": "2025-02-01"}}, "operating", "ends_before_it_starts"),
        ({"operating": {"from": "2999-01-01"}}, "operating", "in_the_future"),
        ({"operating": {"from": "0001-01-01"}}, "operating", "too_early"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"\ud800": "red"}, "?", "unknown_field"),
        ({"identifiers": [{"scheme": "ru.inn", "value": "7707083894"}]}, "identifiers.0.value", "identifier_not_valid"),
        ({"identifiers": [{"scheme": "x", "value": "1"}]}, "identifiers.0.scheme", "identifier_scheme_unknown"),
        ({"identifiers": [{"scheme": "ru.inn", "value": "500100732259"}]}, "identifiers", "kind_mismatch"),
        ({"identifiers": "7707083893"}, "identifiers", "not_a_list"),
    ],
)
def test_value_is_refused_with_its_field_and_nothing_is_stored(api, change, field, code):
    TerritoryFactory()
    response = api.post("miners/", NEW_MINER | change)
    assert problem(response) == (400, "invalid")
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [(field, code)]
    assert not Miner.objects.exists()


def test_all_refused_values_are_told_at_once(api):
    response = api.post("miners/", {})
    assert {error["field"] for error in response.json()["errors"]} == {"name", "kind", "territory", "operating"}
    assert response.json()["detail"] == "4 values were refused."


def test_second_bearer_of_an_identifier_is_a_conflict(api):
    TerritoryFactory()
    body = NEW_MINER | {"identifiers": [{"scheme": "ru.inn", "value": "7707083893"}]}
    assert api.post("miners/", body).status_code == 201
    response = api.post("miners/", body)
    assert problem(response) == (409, "identifier_of_one_miner")
    assert response.json()["detail"] == "Another miner already has this identifier."
    assert Miner.objects.count() == 1


def test_overlapping_registration_is_a_conflict(api):
    entry = RegistrationFactory()
    body = {
        "register": "ru.miners",
        "miner": entry.miner_id,
        "number": "2",
        "period": {"from": "2025-01-01", "to": None},
    }
    response = api.post("registrations/", body)
    assert problem(response) == (409, "registration_no_overlap")
    assert Registration.objects.count() == 1


def test_number_in_use_is_a_conflict_that_names_the_field(api):
    site = SiteFactory()
    body = {
        "miner": MinerFactory().pk,
        "name": "Второй",
        "territory": "RU-IRK",
        "metering_point": site.metering_point,
        "period": {"from": "2025-01-01", "to": None},
    }
    response = api.post("sites/", body)
    assert problem(response) == (409, "already_taken")
    assert response.json()["errors"] == [
        {
            "field": "metering_point",
            "code": "already_taken",
            "detail": "Another row already has this metering_point.",
        }
    ]


def test_row_that_breaks_a_rule_of_the_database_is_refused_in_its_words(api):
    device = DeviceFactory()
    response = api.patch(f"devices/{device.pk}/", {"quantity": 5})
    assert problem(response) == (422, "device_serial_means_one")
    assert response.json()["detail"] == "A serial number belongs to one device: enter a quantity of 1."
    device.refresh_from_db()
    assert device.quantity == 1


def test_row_in_use_is_not_deleted(api):
    entry = RegistrationFactory()
    response = api.delete(f"registers/{entry.register_id}/")
    assert problem(response) == (409, "in_use")
    assert "registrations" in response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("miners/", {"name": "\0"}),
        ("miners/", {"search": "\0"}),
        ("miners/", {"territory": "\0"}),
        ("miners/", {"identifier": "ru.inn=\0"}),
        ("miners/", {"identifier": "nonsense"}),
        ("miners/", {"id": "1,x"}),
        ("miners/", {"id": "9" * 5000}),
        ("miners/", {"as_of": "yesterday"}),
        ("miners/", {"as_of": "2025-02-30"}),
        ("miners/", {"as_of": ""}),
        ("miners/", {"registered_on": "0000-00-00"}),
        ("miners/", {"created_from": "10000-01-01"}),
        ("miners/", {"territory": "RU-XXX"}),
        ("sites/", {"capacity_from": "NaN"}),
        ("sites/", {"capacity_from": "1e999999"}),
        ("sites/", {"off_grid": "maybe"}),
        ("sightings/", {"kind": "ufo"}),
    ],
)
def test_filter_is_refused_when_it_cannot_be_read(api, path, query):
    response = api.get(path, query)
    assert problem(response) == (400, "invalid" if "as_of" not in query else "bad_date")


@pytest.mark.parametrize("number", ["1" * 30, "-1" + "0" * 30, "9223372036854775808"])
def test_number_beyond_the_column_finds_nothing(api, number):
    MinerFactory()
    assert api.results("miners/", id=number) == []


def test_answer_is_429_with_the_seconds_to_wait_when_one_user_asks_too_often(monkeypatch):
    monkeypatch.setattr(UserThrottle, "limit", 2)
    user = UserFactory(superuser=True)
    # Two tokens of one user count together.
    apis = [Api(user), Api(user), Api(user)]
    with travel(timezone.now(), tick=False):  # or a minute might end between two of them
        statuses = [api.get("registers/") for api in apis]
    assert [response.status_code for response in statuses] == [200, 200, 429]
    assert [response["X-RateLimit-Remaining"] for response in statuses[:2]] == ["1", "0"]
    assert problem(statuses[2]) == (429, "throttled")
    assert 1 <= int(statuses[2]["Retry-After"]) <= 62


def test_same_key_gives_the_first_answer_and_writes_once(api):
    TerritoryFactory()
    key = {"Idempotency-Key": "load-1"}
    first = api.post("miners/", NEW_MINER, headers=key)
    second = api.post("miners/", NEW_MINER, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert (second["Location"], second["Idempotency-Replayed"]) == (first["Location"], "true")
    assert Miner.objects.count() == 1


def test_same_key_is_refused_when_the_body_differs_and_is_another_users_own(api):
    TerritoryFactory()
    key = {"Idempotency-Key": "load-2"}
    api.post("miners/", NEW_MINER, headers=key)
    assert problem(api.post("miners/", NEW_MINER | {"note": "x"}, headers=key)) == (422, "key_used_before")
    other = Api(UserFactory(superuser=True))
    assert other.post("miners/", NEW_MINER, headers=key).status_code == 201


def test_key_may_be_tried_again_when_the_body_was_refused(api):
    TerritoryFactory()
    key = {"Idempotency-Key": "load-3"}
    assert api.post("miners/", NEW_MINER | {"kind": "x"}, headers=key).status_code == 400
    assert api.post("miners/", NEW_MINER, headers=key).status_code == 201


def test_broker_that_is_gone_stops_no_reading_and_no_writing(api, settings):
    TerritoryFactory()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nonexistent/redis.sock",
        }
    }
    with pytest.raises(NoBroker, match="nonexistent"):
        cache.get("x")
    assert api.get("miners/").status_code == 200
    assert api.post("miners/", NEW_MINER).status_code == 201
    response = api.post("miners/", NEW_MINER, headers={"Idempotency-Key": "load-4"})
    assert problem(response) == (503, "cannot_remember")


def test_fault_of_ours_is_a_problem_document_without_its_inside(api, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret")

    monkeypatch.setattr("registry.api.miners.MinerViewSet.list", broken)
    api.client.raise_request_exception = False
    response = api.get("miners/")
    assert problem(response) == (500, "server_error")
    assert "secret" not in json.dumps(response.json())
