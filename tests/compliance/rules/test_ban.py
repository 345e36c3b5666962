"""Mining is banned in named territories, all year or in a season, with an exemption for own off-grid generation."""

import datetime as dt
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Norm
from compliance.models.fields import Days
from compliance.rules import Scope
from compliance.rules.ban import AddedArea, Ban
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


# Variants of the ban, and areas that are not on file.


def banning(code: str, norm_code: str = "ru.ban", period: Any = None, **parameters: Any) -> Ban:
    """A ban of the place alone, from 2025 on, with the rest of Russia's norm; nothing of it is on file."""
    norm = Norm.objects.get(code=norm_code)
    norm.pk, norm.parameters = None, parameters
    place = Territory.objects.get(code=code).pk
    return Ban(norm, areas=[AddedArea(place, period or DateRange(dt.date(2025, 1, 1), dt.date(2026, 1, 1)))])


def days_banned(rule: Ban, site: Site) -> list[tuple[str, str]]:
    spans = sorted(row[4] for row in rule.spans(Scope(miner_ids=(site.miner_id,)), dt.date(2026, 11, 22)))
    return [(str(span.lower), str(span.upper)) for span in spans]


def unknown_of(rule: Ban, site: Site, day: dt.date = dt.date(2025, 5, 5)) -> list[str]:
    return [row.missing_fact for row in rule.undetermined(day, Scope(miner_ids=(site.miner_id,)))]


def test_area_that_is_not_on_file_bans_what_lies_in_it_and_leaves_the_rest(ru_law: Any) -> None:
    rule = banning("RU-MOW")
    assert days_banned(rule, site_in("RU-MOW")) == [("2025-01-01", "2026-01-01")]
    assert days_banned(rule, site_in("RU-DA")) == [], "the areas on file belong to another norm"


def test_area_is_added_beside_those_on_file_and_days_that_both_ban_count_once(ru_law: Any) -> None:
    norm = Norm.objects.get(code="ru.ban")
    whole_country = Territory.objects.get(code="RU").pk
    rule = Ban(norm, areas=[AddedArea(whole_country, DateRange(dt.date(2030, 1, 1), dt.date(2032, 1, 1)))])
    assert days_banned(rule, site_in("RU-DA")) == [("2025-01-01", "2031-03-16")]
    assert days_banned(rule, site_in("RU-MOW")) == [("2030-01-01", "2031-03-16")]


def test_two_norms_ban_the_same_site_each_for_its_own_days(ru_law: Any, breaches: Any) -> None:
    site = site_in("RU-DA")
    other = banning("RU", period=DateRange(dt.date(2025, 3, 1), dt.date(2025, 4, 1)))
    assert breaches("ru.ban", site.miner) == [("2025-01-01", "2031-03-16")]
    assert days_banned(other, site) == [("2025-03-01", "2025-04-01")]


def test_only_farmland_is_banned_where_the_ban_is_of_farmland(ru_law: Any) -> None:
    rule = banning("RU-MOW", land_use="farmland")
    assert days_banned(rule, site_in("RU-MOW", land_use="farmland")) == [("2025-01-01", "2026-01-01")]
    assert days_banned(rule, site_in("RU-MOW", land_use="industrial")) == []
    assert unknown_of(rule, site_in("RU-MOW", land_use="industrial")) == []


def test_nothing_can_be_said_when_the_land_use_is_unknown(ru_law: Any) -> None:
    rule = banning("RU-MOW", land_use="farmland")
    site = site_in("RU-MOW", land_use="")
    assert days_banned(rule, site) == []
    assert unknown_of(rule, site) == ["land use of the site"]
    assert unknown_of(rule, site, dt.date(2026, 5, 5)) == [], "the ban is over"


def test_only_new_sites_are_banned_where_the_ban_is_of_new_connections(ru_law: Any) -> None:
    rule = banning("RU-MOW", only_started_from="2025-06-01")
    old = site_in("RU-MOW", period=DateRange(dt.date(2025, 5, 31), None))
    new = site_in("RU-MOW", period=DateRange(dt.date(2025, 6, 1), None))
    assert days_banned(rule, old) == []
    assert days_banned(rule, new) == [("2025-06-01", "2026-01-01")]


def test_norm_is_taken_as_it_is_in_memory(ru_law: Any) -> None:
    norm = Norm.objects.get(code="ru.ban")
    norm.in_force = Days([DateRange(dt.date(2025, 1, 1), dt.date(2025, 2, 1)), DateRange(dt.date(2025, 3, 1), None)])
    norm.miner_kinds = ["legal_entity"]
    assert days_banned(Ban(norm), site_in("RU-DA")) == [("2025-01-01", "2025-02-01"), ("2025-03-01", "2031-03-16")]
    individual = SiteFactory(miner=MinerFactory(individual=True), territory=Territory.objects.get(code="RU-DA"))
    assert days_banned(Ban(norm), individual) == []


def test_scope_asks_of_its_own_miners_only(ru_law: Any) -> None:
    rule, site, other = banning("RU-MOW"), site_in("RU-MOW"), site_in("RU-MOW")
    day = dt.date(2025, 5, 5)
    assert {row.pk for row in rule.breaches(day)} == {site.pk, other.pk}
    assert {row.pk for row in rule.breaches(day, Scope(miner_ids=(other.miner_id,)))} == {other.pk}
