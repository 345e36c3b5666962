"""Lists, links and mergers over HTTP, and the list of a sighting."""

import pytest

from registry.models import Sighting, SightingList
from tests.factories import LinkFactory, MinerFactory, SightingFactory, SightingListFactory, TerritoryFactory

pytestmark = pytest.mark.django_db

SIGHTING = {"kind": "seizure", "source": "police", "reference": "1", "seen_on": "2025-04-17", "territory": "RU-IRK"}


@pytest.fixture(autouse=True)
def place(db):
    return TerritoryFactory()


def test_list_is_made_changed_and_deleted(api):
    made = api.post(
        "lists/",
        {"code": "audit_2026", "name": "Audit", "kind": "audit", "random_sample": True, "everywhere": False,
         "territories": ["RU-IRK"], "window": {"from": "2026-01-01", "to": None}},
    )  # fmt: skip
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["territories"], body["window"]) == (["RU-IRK"], {"from": "2026-01-01", "to": None})
    changed = api.patch(f"lists/{body['id']}/", {"name": "Audit of 2026"}).json()
    assert (changed["name"], changed["territories"]) == ("Audit of 2026", ["RU-IRK"])
    assert api.delete(f"lists/{body['id']}/").status_code == 204


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"everywhere": True, "territories": ["RU-IRK"]}, "list_everywhere"),
        ({"everywhere": False}, "list_nowhere"),
        ({"kind": "register"}, "invalid"),
        ({"code": "seizure"}, "invalid"),
        ({"territories": ["RU-X"]}, "invalid"),
    ],
)
def test_list_is_refused_when_its_traits_contradict_each_other(api, body, code):
    answer = api.post("lists/", {"code": "x", "name": "X", "kind": "audit", **body})
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code


def test_list_that_sightings_are_on_keeps_its_kind_and_stays(api):
    row = SightingFactory().list
    assert api.patch(f"lists/{row.pk}/", {"kind": "audit"}).json()["code"] == "list_kind_in_use"
    assert api.delete(f"lists/{row.pk}/").json()["code"] == "list_in_use"
    register = SightingList.objects.get(kind="register")
    assert api.delete(f"lists/{register.pk}/").json()["code"] == "list_of_the_register"


def test_sighting_is_on_the_list_of_its_kind_unless_another_is_named(api):
    SightingListFactory(code="police", kind="seizure")
    plain = api.post("sightings/", SIGHTING).json()
    named = api.post("sightings/", {**SIGHTING, "reference": "2", "list": "police", "name": "IP X"}).json()
    assert (plain["list"], named["list"], named["name"]) == ("seizure", "police", "IP X")
    assert api.patch(f"sightings/{named['id']}/", {"note": "n"}).json()["list"] == "police"
    assert api.patch(f"sightings/{named['id']}/", {"kind": "audit"}).json()["list"] == "audit"


@pytest.mark.parametrize(
    ("code", "error"),
    [("nowhere", "unknown_list"), ("audit", "list_of_another_kind"), ("register", "list_of_the_register")],
)
def test_sighting_is_refused_when_its_list_is_not_one_of_its_kind(api, code, error):
    answer = api.post("sightings/", {**SIGHTING, "list": code})
    assert [each["code"] for each in answer.json()["errors"]] == [error]
    assert not Sighting.objects.exists()


def test_links_are_found_and_reviewed(api):
    link, other = LinkFactory(doubtful=True), LinkFactory()
    assert [row["id"] for row in api.results("links/", status="doubtful")] == [link.pk]
    assert [row["id"] for row in api.results("links/", holds="true")] == [other.pk]
    assert [row["id"] for row in api.results("links/", probability_from="0.9")] == [other.pk]
    said = api.post(f"links/{link.pk}/review/", {"verdict": "same"}).json()
    assert (said["verdict"], said["holds"], said["reviewed_by"] is not None) == ("same", True, True)
    assert [row["id"] for row in api.results("links/", reviewed="true")] == [link.pk]
    again = LinkFactory(doubtful=True, sighting=link.sighting)
    refused = api.post(f"links/{again.pk}/review/", {"verdict": "same"})
    assert (refused.status_code, refused.json()["code"]) == (422, "linked_already")


def test_merger_is_stated_and_taken_back(api):
    miner, same_as = MinerFactory.create_batch(2)
    made = api.post("mergers/", {"miner": miner.pk, "same_as": same_as.pk})
    assert made.status_code == 201, made.content
    refused = api.post("mergers/", {"miner": same_as.pk, "same_as": miner.pk}).json()
    assert refused["code"] == "merged_in_a_circle"
    assert api.delete(f"mergers/{made.json()['id']}/").status_code == 204
    assert api.results("mergers/") == []


@pytest.mark.parametrize("name", ["holds", "reviewed", "sampled"])
def test_links_are_asked_for_by_yes_or_no_and_nothing_else(api, name):
    LinkFactory()
    wanted = {"holds": "true", "reviewed": "false", "sampled": "false"}[name]
    assert len(api.results("links/", **{name: wanted})) == 1
    assert api.results("links/", **{name: "false" if wanted == "true" else "true"}) == []
    answer = api.get("links/", {name: "maybe"})
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [name])
