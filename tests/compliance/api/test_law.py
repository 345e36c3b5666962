"""The law over HTTP: what a pack says of a day, and what it said before it was corrected."""

import datetime as dt
from pathlib import Path

import pytest
import time_machine

from compliance.law.load import law_load
from compliance.models import BannedArea, LawPack, LawVersion, Norm, Penalty
from tests.api_client import Api, user_with

SOUND = (Path(__file__).parent.parent / "law" / "sound.yaml").read_text(encoding="utf-8")
FIRST = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
SECOND = dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC)
WIRE = [{"url": "https://example.org/wire", "confidence": "H", "note": "A wire"}]


@pytest.fixture
def versions(territories: None, tmp_path: Path) -> None:
    """The small pack as it was loaded in March, and in April with another fine and another season."""
    path = tmp_path / "ru.yaml"
    for text, at in (
        (SOUND, FIRST),
        (
            SOUND.replace('version: "1"', 'version: "2"')
            .replace("{low: 100, high: 200, currency: RUB}", "{low: 150, high: 250, currency: RUB}")
            .replace('from: "11-15"', 'from: "12-01"'),
            SECOND,
        ),
    ):
        path.write_text(text, encoding="utf-8")
        law_load(path)
        LawVersion.objects.filter(loaded_at__gt=SECOND).update(loaded_at=at)


def test_packs_are_listed_with_every_version_that_was_loaded(api: Api, versions: None) -> None:
    [pack] = api.results("law/")

    assert (pack["code"], pack["version"], pack["territory"], pack["calendar"]) == ("ru", "2", "RU", "")
    assert [(version["version"], version["loaded_at"]) for version in pack["versions"]] == [
        ("2", "2026-04-01T12:00:00+03:00"),
        ("1", "2026-03-01T12:00:00+03:00"),
    ]


def test_norms_are_given_with_their_status_on_the_day(api: Api, versions: None) -> None:
    body = api.get("law/ru/norms/", {"on": "2026-01-20", "kind": "registration_duty"}).json()

    assert {name: body[name] for name in ("pack", "version", "known_at", "on")} == {
        "pack": "ru",
        "version": "2",
        "known_at": None,
        "on": "2026-01-20",
    }
    in_force = {"status": "in_force", "from": "2024-11-01", "until": None, "confidence": "H", "sources": WIRE}
    assert body["results"] == [
        {
            "status": "in_force",
            "in_force": True,
            "timeline": [{**in_force, "note": "", "conflicts": []}],
            "confidence": "H",
            "sources": WIRE,
            "conflicts": [],
            "code": "ru.registration",
            "kind": "registration_duty",
            "title": "Registration",
            "sentence": "Who mines must register.",
            "act": {"code": "ru.law-on-mining", "title": "Law on mining", "citation": "No. 1"},
            "article": "art. 1",
            "territory": "RU",
            "register": "ru.miners",
            "miner_kinds": ["legal_entity"],
            "parameters": {},
        }
    ]


@pytest.mark.parametrize(
    ("on", "status"),
    [("2024-08-07", None), ("2024-08-08", "adopted"), ("2024-10-31", "adopted"), ("2024-11-01", "in_force")],
)
def test_status_of_a_norm_is_that_of_the_day(api: Api, versions: None, on: str, status: str | None) -> None:
    [ban] = api.results("law/ru/norms/", on=on, kind="ban")

    assert (ban["status"], ban["in_force"]) == (status, status == "in_force")


@pytest.mark.parametrize(("territory", "found"), [("RU-IRK", 2), ("RU", 2), ("KZ", 0)])
def test_norms_of_a_place_are_those_of_all_that_it_lies_in(
    api: Api, versions: None, territory: str, found: int
) -> None:
    assert len(api.results("law/ru/norms/", territory=territory)) == found


def test_bands_are_given_for_the_day_with_book_and_status(api: Api, versions: None) -> None:
    bands = api.results("law/ru/bands/", on="2026-02-01", norm="ru.registration")

    said = [(band["book"], band["status"], band["amount_low"], band["currency"], band["occurrences"]) for band in bands]
    assert said == [
        ("ru.law", "in_force", "150.00", "RUB", ["first"]),
        ("ru.book-of-bill", "tabled", "1000.00", "RUB", ["first", "repeat"]),
    ]
    assert bands[1]["lookback_days"] == 365


@pytest.mark.parametrize(
    ("known_at", "version", "low"),
    [
        ("2026-03-31", "1", "100.00"),
        ("2026-04-01T08:59:59Z", "1", "100.00"),
        ("2026-04-01T12:00:00+03:00", "2", "150.00"),
        ("2026-04-01", "2", "150.00"),
    ],
)
def test_what_a_pack_said_then_is_said_again(api: Api, versions: None, known_at: str, version: str, low: str) -> None:
    body = api.get("law/ru/bands/", {"on": "2026-02-01", "known_at": known_at, "book": "ru.law"}).json()

    assert (body["version"], [band["amount_low"] for band in body["results"]]) == (version, [low])


def test_banned_territories_are_those_that_were_known_then(api: Api, versions: None) -> None:
    def banned(known_at: str) -> list[tuple[str, str, str, str]]:
        areas = api.results("law/ru/territories/", on="2025-11-20", known_at=known_at)
        return [(area["territory"], area["act"]["citation"], area["from"], area["until"]) for area in areas]

    assert banned("2026-03-15") == [("RU-BU", "No. 1", "2025-11-15", "2026-03-15")]
    assert banned("2026-04-15") == [], "by then the season was known to begin in December"


def test_nothing_is_known_before_the_first_load(api: Api, versions: None) -> None:
    response = api.get("law/ru/norms/", {"known_at": "2026-02-28"})

    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    problem = response.json()
    assert problem["code"] == "not_known_then"
    assert "Pack ru was first loaded at 2026-03-01T09:00:00+00:00" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["known_at"]


def test_today_is_meant_when_no_day_is_given(api: Api, versions: None) -> None:
    with time_machine.travel(dt.datetime(2026, 12, 24, 12, tzinfo=dt.UTC), tick=False):
        body = api.get("law/ru/territories/").json()

    assert body["on"] == "2026-12-24"
    assert [area["territory"] for area in body["results"]] == ["RU-BU"]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("law/kz/norms/", {}, 404, "unknown_pack"),
        ("law/ru/norms/", {"known_at": "yesterday"}, 400, "bad_date"),
        ("law/ru/norms/", {"known_at": "2026-02-30"}, 400, "bad_date"),
        ("law/ru/norms/", {"on": "2026-02-30"}, 400, "bad_date"),
        ("law/ru/norms/", {"kind": "tax"}, 400, "bad_choice"),
        ("law/ru/norms/", {"territory": "XX"}, 400, "unknown_territory"),
        ("law/ru/norms/", {"as_of": "2026-01-01"}, 400, "unknown_parameter"),
        ("law/ru/bands/", {"norm": "nope"}, 400, "unknown_norm"),
        ("law/ru/bands/", {"norm": ""}, 400, "unknown_norm"),
        ("law/ru/bands/", {"book": "nope"}, 400, "unknown_book"),
    ],
)
def test_what_cannot_be_answered_is_told(
    api: Api, versions: None, path: str, query: dict[str, str], status: int, code: str
) -> None:
    response = api.get(path, query)

    assert (response.status_code, response.json()["code"]) == (status, code)


def test_refusal_of_an_unknown_norm_names_those_of_the_pack(api: Api, versions: None) -> None:
    problem = api.get("law/ru/bands/", {"norm": "nope"}).json()

    assert problem["detail"].startswith("There is no norm of the code nope in the pack; on file: ru.")
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [("norm", "unknown_norm")]


@pytest.mark.parametrize("path", ["law/", "law/ru/norms/", "law/ru/bands/", "law/ru/territories/"])
def test_law_is_shown_to_who_may_read_it_and_to_nobody_else(versions: None, path: str) -> None:
    assert Api(user_with([LawPack, Norm, Penalty, BannedArea])).get(path).status_code == 200
    assert Api(user_with()).get(path).status_code == 403
    assert Api(None).get(path).status_code == 401


def test_a_text_is_read_only_once(api: Api, versions: None, monkeypatch: pytest.MonkeyPatch) -> None:
    api.results("law/ru/norms/")

    def never(*_: object) -> None:
        pytest.fail("the text was parsed again")

    monkeypatch.setattr("compliance.law.known.pack_parsed", never)
    assert api.results("law/ru/bands/")
