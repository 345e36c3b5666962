"""Mining is banned in named territories, all year or in a season, with an exemption for own off-grid generation."""

import datetime as dt
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from registry.models import Miner, Site, Territory
from tests.factories import MinerFactory, SiteFactory


def site_in(code: str, **changes: Any) -> Site:
    territory = Territory.objects.get(code=code)
    site: Site = SiteFactory(miner=MinerFactory(territory=territory), territory=territory, **changes)
    return site


def test_site_in_dagestan_is_in_breach_from_new_year_2025_to_mid_march_2031(breaches: Any) -> None:
    assert breaches("ru.ban", site_in("RU-DA").miner) == [("2025-01-01", "2031-03-16")]


def test_breach_lasts_only_while_the_site_runs(breaches: Any) -> None:
    site = site_in("RU-DA", period=DateRange(dt.date(2025, 3, 1), dt.date(2025, 5, 1)))
    assert breaches("ru.ban", site.miner) == [("2025-03-01", "2025-05-01")]


def test_own_generation_is_exempt_from_mid_march_2025(breaches: Any, undetermined: Any) -> None:
    site = site_in("RU-DA", off_grid=True)
    assert breaches("ru.ban", site.miner) == [("2025-01-01", "2025-03-15")]
    assert undetermined("ru.ban", site.miner) == []


def test_nothing_can_be_said_when_the_generation_is_unknown(breaches: Any, undetermined: Any) -> None:
    site = site_in("RU-DA", off_grid=None)
    assert breaches("ru.ban", site.miner) == [("2025-01-01", "2025-03-15")]
    assert undetermined("ru.ban", site.miner) == ["whether the site runs on own off-grid generation"]


def test_municipality_of_irkutsk_oblast_is_banned_from_7_april_2025(breaches: Any, ru_law: Any) -> None:
    angarsk = Territory.objects.filter(parent__code="RU-IRK", code__contains="angarsk").get()
    assert breaches("ru.ban", site_in(angarsk.code).miner) == [("2025-04-07", "2031-03-16")]


def test_nothing_can_be_said_of_a_site_somewhere_in_irkutsk_oblast(breaches: Any, undetermined: Any) -> None:
    site = site_in("RU-IRK")
    assert breaches("ru.ban", site.miner) == []
    assert undetermined("ru.ban", site.miner) == ["municipality of the site"]


def test_moscow_is_not_banned(breaches: Any, undetermined: Any) -> None:
    site = site_in("RU-MOW")
    assert breaches("ru.ban", site.miner) == []
    assert undetermined("ru.ban", site.miner) == []


def test_two_sites_are_two_breaches(breaches: Any) -> None:
    site = site_in("RU-DA")
    SiteFactory(miner=site.miner, territory=Territory.objects.get(code="RU-IN"))
    assert breaches("ru.ban", site.miner) == [("2025-01-01", "2031-03-16")] * 2


def test_breach_ends_with_the_mining_when_the_miner_stops_and_its_site_stays_open(breaches: Any) -> None:
    site = site_in("RU-DA")
    Miner.objects.filter(pk=site.miner_id).update(operating=DateRange(dt.date(2025, 2, 1), dt.date(2025, 3, 1)))
    assert breaches("ru.ban", site.miner) == [("2025-02-01", "2025-03-01")]


def test_exempt_site_somewhere_in_irkutsk_oblast_is_not_undetermined(undetermined: Any) -> None:
    assert undetermined("ru.ban", site_in("RU-IRK", off_grid=True).miner) == []
