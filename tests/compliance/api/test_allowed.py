"""Was mining allowed here on that day: every act that says no, under which status, in a pack that bans a country."""

from pathlib import Path
from typing import Any

import pytest

from compliance.law.load import law_load
from tests.api_client import Api

SOUND = (Path(__file__).parent.parent / "law" / "sound.yaml").read_text(encoding="utf-8")
CITED = "confidence: H, sources: [wire]"
MORE_ACTS = f"""  - code: ru.moratorium
    title: Moratorium
    citation: No. 3
    confidence: H
    sources: [wire]
    statuses:
      - {{status: in_force, from: 2025-12-01, until: 2025-12-31, {CITED}}}
      - {{status: suspended, from: 2026-01-01, until: 2026-01-31, {CITED}}}
      - {{status: in_force, from: 2026-02-01, {CITED}}}
norms:
"""


def ban(code: str, act: str) -> str:
    """A ban of the whole country from December 2025 on."""
    return f"""  - code: {code}
    act: {act}
    kind: ban
    title: Ban everywhere
    sentence: Nobody may mine.
    article: art. 5
    territory: RU
    miner_kinds: [legal_entity]
    parameters: {{}}
    {CITED.replace(", ", f"{chr(10)}    ", 1)}
    areas:
      - {{territories: [RU], from: 2025-12-01, {CITED}}}
"""


@pytest.fixture
def law(territories: None, tmp_path: Path) -> None:
    """The small pack with a moratorium everywhere, suspended in January, and a bill of the same."""
    text = SOUND.replace("norms:\n", MORE_ACTS, 1).replace(
        "books:\n", f"{ban('ru.everywhere', 'ru.moratorium')}{ban('ru.proposed', 'ru.bill')}books:\n", 1
    )
    path = tmp_path / "ru.yaml"
    path.write_text(text, encoding="utf-8")
    law_load(path)


def asked(api: Api, territory: str, on: str) -> tuple[str, list[tuple[Any, ...]]]:
    body = api.get("allowed/", {"territory": territory, "on": on}).json()
    acts = ((act["norm"], act["citation"], act["article"], act["status"], act["territory"]) for act in body["acts"])
    return body["verdict"], sorted(acts)


SEASON = ("ru.ban", "No. 1", "art. 2", "in_force", "RU-BU")
EVERYWHERE = ("ru.everywhere", "No. 3", "art. 5", "in_force", "RU")


@pytest.mark.parametrize("territory", ["RU", "RU-MOW", "RU-IRK-x-angarsk"])
def test_ban_of_a_country_bans_all_of_it_down_to_the_municipality(api: Api, law: None, territory: str) -> None:
    assert asked(api, territory, "2026-06-01") == ("banned", [EVERYWHERE])


def test_overlapping_acts_are_all_named(api: Api, law: None) -> None:
    assert asked(api, "RU-BU", "2025-12-24") == ("banned", [SEASON, EVERYWHERE])


def test_suspended_act_bans_nothing_and_another_still_does(api: Api, law: None) -> None:
    assert asked(api, "RU-BU", "2026-01-15") == ("banned", [SEASON])
    assert asked(api, "RU-MOW", "2026-01-15") == ("allowed", [])


def test_bill_bans_nothing(api: Api, law: None) -> None:
    assert asked(api, "RU-MOW", "2025-11-30") == ("allowed", [])
    assert "ru.proposed" not in {act[0] for act in asked(api, "RU-BU", "2026-06-01")[1]}


def test_country_of_which_a_region_is_banned_depends_on_the_place(api: Api, law: None) -> None:
    assert asked(api, "RU", "2025-11-20") == ("undetermined", [SEASON])


def test_nothing_is_called_allowed_by_a_law_that_is_not_on_file(api: Api, law: None) -> None:
    body = api.get("allowed/", {"territory": "CN", "on": "2026-01-15"}).json()
    assert body["verdict"] == "undetermined"
    assert body["depends_on"] == ["the law there: no pack of it is on file"]
