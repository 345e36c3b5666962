"""Was mining allowed here on that day, and by which act not."""

import datetime as dt
from typing import Any

import pytest

from compliance.models import LawPack, Norm
from compliance.selectors.bans import allowed
from registry.models import Territory

DAY = dt.date(2025, 5, 5)


def asked(code: str, on: dt.date = DAY) -> tuple[str, list[str], list[str]]:
    answer = allowed(Territory.objects.get(code=code), on)
    return answer.verdict, answer.depends_on, [act.norm for act in answer.acts]


def change(**parameters: Any) -> None:
    norm = Norm.objects.get(code="ru.ban")
    norm.parameters = parameters
    norm.save()


pytestmark = pytest.mark.usefixtures("ru_law")


def test_banned_region_is_banned_with_its_act_and_the_exemption_beside_it(ru_law: LawPack) -> None:
    assert asked("RU-DA") == ("banned", [], ["ru.ban"])
    [act] = allowed(Territory.objects.get(code="RU-DA"), DAY).acts
    assert (act.exemption, act.only_for) == ("sites on their own off-grid generation", "")


def test_region_of_which_a_part_is_banned_depends_on_the_place() -> None:
    verdict, depends_on, acts = asked("RU-IRK")
    assert (verdict, depends_on) == ("undetermined", ["the exact place within the territory"])
    assert set(acts) == {"ru.ban"}


def test_region_without_a_ban_is_allowed_and_so_is_a_banned_one_before_the_ban() -> None:
    assert asked("RU-MOW") == ("allowed", [], [])
    assert asked("RU-DA", dt.date(2024, 12, 31)) == ("allowed", [], [])


def test_ban_of_farmland_depends_on_the_land() -> None:
    change(land_use="farmland")
    assert asked("RU-DA") == ("undetermined", ["whether the land is farmland"], ["ru.ban"])
    [act] = allowed(Territory.objects.get(code="RU-DA"), DAY).acts
    assert act.only_for == "sites on farmland"


def test_ban_of_new_sites_depends_on_when_the_site_began() -> None:
    change(only_started_from="2025-05-01")
    assert asked("RU-DA") == ("undetermined", ["whether the site began on or after 2025-05-01"], ["ru.ban"])


def test_ban_of_sites_to_come_bans_none_yet() -> None:
    change(only_started_from="2025-05-06")
    assert asked("RU-DA") == ("allowed", [], [])
