"""Own territories are written; those of ISO 3166 are not."""

from typing import Any

import pytest

from registry.models import Territory
from tests.api_client import Api
from tests.factories import TerritoryFactory

OWN = {"code": "RU-IRK-x-angarsk", "name": "Angarsk", "kind": "municipality", "parent": "RU-IRK"}


@pytest.fixture(autouse=True)
def region(db: None) -> Territory:
    territory: Territory = TerritoryFactory()
    assert territory.code == "RU-IRK"
    return territory


def test_an_own_territory_is_added_and_found_below_its_region(api: Api) -> None:
    created = api.post("territories/", OWN)
    assert (created.status_code, created.json()) == (201, {"id": created.json()["id"], **OWN})
    assert created["Location"].endswith("/territories/RU-IRK-x-angarsk/")
    assert OWN["code"] in {row["code"] for row in api.results("territories/", within="RU-IRK")}


def test_an_own_territory_is_renamed_and_never_deleted(api: Api) -> None:
    api.post("territories/", OWN)
    changed = api.patch("territories/RU-IRK-x-angarsk/", {"name": "Angarsk city"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Angarsk city")
    assert api.delete("territories/RU-IRK-x-angarsk/").status_code == 405


@pytest.mark.parametrize(
    "change",
    [
        {"code": "RU-AMU"},
        {"code": "RU-AMU-x-angarsk"},
        {"code": "RU-IRK-angarsk"},
        {"code": "RU-IRK-x-Ангарск"},
        {"parent": None},
    ],
)
def test_a_code_that_is_no_own_one_below_its_parent_is_refused(api: Api, change: dict[str, Any]) -> None:
    response = api.post("territories/", OWN | change)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "own_code_needed")
    assert not Territory.objects.filter(name="Angarsk").exists()


def test_a_territory_of_iso_is_not_changed(api: Api, region: Territory) -> None:
    response = api.patch("territories/RU-IRK/", {"name": "Elsewhere"})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "own_code_needed")
    region.refresh_from_db()
    assert region.name != "Elsewhere"
