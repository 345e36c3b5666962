"""The linkage: what is linked, what is not, and that clerks have the last word."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from registry.choices import RunStatus
from registry.errors import Refusal
from registry.models import Link, Linkage, Sighting
from registry.services import linkage
from registry.services.linkage import LOCK, link_sightings
from registry.services.links import link_review
from tests.factories import MergerFactory, MinerFactory, SightingFactory, SiteFactory, TerritoryFactory

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def site() -> Any:
    """A company in Irkutsk with a hall, and others in the same place."""
    for number in range(5):
        SiteFactory(miner=MinerFactory(name=f"ООО «Енисей {number}»"), address=f"ул. Мира, {number}")
    return SiteFactory(miner=MinerFactory(name="ООО «Байкал Хэш»"), address="ул. Ленина, 12", capacity_kw=400)


def seen(site: Any, **facts: Any) -> Sighting:
    return SightingFactory(**{"territory": site.territory, "name": "Байкал Хеш", "address": "Ленина 12"} | facts)


def link() -> dict[int, Any]:
    """After a run: of each sighting, what it is linked to."""
    run = link_sightings(now=NOW)
    assert run.status == RunStatus.DONE, run.failure
    return {
        row.sighting_id: row.miner if row.miner_id else row.other
        for row in Link.objects.select_related("miner", "other")
        if row.holds
    }


def rows() -> list[tuple[Any, ...]]:
    return sorted(Link.objects.values_list("pk", "sighting", "miner", "other", "weight", "status", "verdict"))


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"name": "ИП «БАЙКАЛ ХЭШ»"},
        {"address": "г. Иркутск, улица Ленина, д. 12", "name": "Байкал Хэш", "power_kw": 410},
        {"name": "Общество с ограниченной ответственностью Байкал Хэш"},
    ],
)
def test_sighting_is_linked_to_the_miner_whose_name_and_address_it_tells(site: Any, facts: dict[str, Any]) -> None:
    sighting = seen(site, **facts)
    assert link() == {sighting.pk: site.miner}
    row = Link.objects.get(sighting=sighting, miner=site.miner)
    assert (row.probability or 0) >= 0.95
    assert row.comparison["place"] == {"level": "the same", "weight": row.comparison["place"]["weight"]}


@pytest.mark.parametrize(
    "facts",
    [
        {"address": "Ленина 21"},
        {"address": "Ленина 12а"},
        {"name": "", "address": ""},
        {"name": "Хакасия Дата", "address": "Ленина 12"},
    ],
)
def test_sighting_is_not_linked_when_the_house_or_the_name_is_another(site: Any, facts: dict[str, Any]) -> None:
    seen(site, **facts)
    assert link() == {}


def test_house_with_its_letter_apart_is_the_same_house(site: Any) -> None:
    other = SiteFactory(miner=MinerFactory(name="Ангара Дата"), address="пр. Гагарина, 7 б")
    sighting = seen(site, name="Ангара Дата", address="Гагарина, д. 7Б")
    assert link() == {sighting.pk: other.miner}


def test_known_sightings_are_not_linked_but_others_may_be_linked_to_them(site: Any) -> None:
    metered = SightingFactory(territory=site.territory, metering_point="X", name="Алтай Вольт", address="Лесная 5")
    later = seen(site, name="Алтай Вольт", address="Лесная 5")
    assert link() == {later.pk: metered}


def test_sightings_of_a_third_kind_are_linked_to_the_first_of_them(site: Any) -> None:
    first, second, third = (seen(site, name="Саяны Ватт", address="Лесная 9") for _ in range(3))
    assert link() == {second.pk: first, third.pk: first}


def test_sighting_linked_to_one_that_is_linked_to_a_miner_leads_to_the_miner(site: Any) -> None:
    first = seen(site)
    second = seen(site, name="Байкал Хеш", power_kw=None, device_count=90)
    assert link() == {first.pk: site.miner, second.pk: site.miner}


def test_merged_miner_is_linked_as_the_one_that_it_is(site: Any) -> None:
    merger = MergerFactory(miner=site.miner)
    sighting = seen(site)
    assert link() == {sighting.pk: merger.same_as}


def test_second_run_changes_nothing(site: Any) -> None:
    for number in range(6):
        seen(site, name="Байкал Хэш" if number % 2 else "Байкал Ток", device_count=number + 1)
    link()
    before = rows()
    link()
    assert rows() == before != []
    assert Linkage.objects.count() == 2


def test_link_goes_when_it_no_longer_follows(site: Any) -> None:
    sighting = seen(site)
    link()
    Sighting.objects.filter(pk=sighting.pk).update(name="Хакасия", address="Садовая 1")
    assert link() == {}
    Sighting.objects.filter(pk=sighting.pk).update(metering_point="X")
    link()
    assert not Link.objects.filter(sighting=sighting).exists()


@pytest.mark.parametrize("verdict", ["different", "unsure"])
def test_pair_is_not_linked_again_when_a_clerk_did_not_say_same(site: Any, verdict: str) -> None:
    sighting = seen(site)
    link()
    link_review(link=Link.objects.get(sighting=sighting, status="linked"), verdict=verdict, user=None, now=NOW)
    assert link() == {}
    assert Link.objects.get(sighting=sighting, miner=site.miner).verdict == verdict


def test_verdict_same_stays_and_takes_the_place_of_what_the_model_linked(site: Any) -> None:
    sighting = seen(site, name="Никто", address="Нигде 3")
    made = Link.objects.create(sighting=sighting, miner=site.miner, status="doubtful")
    link_review(link=made, verdict="same", user=None, now=NOW)
    assert link() == {sighting.pk: site.miner}
    Sighting.objects.filter(pk=sighting.pk).update(name="Енисей 3", address="Мира 3")
    assert link() == {sighting.pk: site.miner}


def test_sampled_pair_stays_on_file_when_it_no_longer_follows(site: Any) -> None:
    sighting = seen(site)
    link()
    Link.objects.filter(sighting=sighting).update(sampled=True)
    Sighting.objects.filter(pk=sighting.pk).update(name="Хакасия", address="Садовая 1")
    assert link() == {}
    assert Link.objects.get(sighting=sighting, miner=site.miner).status == "separate"


def test_run_without_anything_to_compare_is_done_at_once(db: None) -> None:
    SightingFactory()
    run = link_sightings(now=NOW)
    assert (run.status, run.sightings, run.pairs, run.parameters) == ("done", 1, 0, {})


def test_run_records_what_it_stood_on(site: Any) -> None:
    seen(site)
    run = link_sightings(now=NOW)
    assert run.settings["library"].startswith("splink 5")
    assert run.parameters["origin"].startswith("fixed: fewer than")
    assert run.parameters["strata"]["linked"]["pairs"] == run.linked == 1


def test_run_that_was_cut_off_is_marked_and_two_do_not_run_at_once(site: Any, django_db_blocker: Any) -> None:
    dead = Linkage.objects.create()
    link_sightings(now=NOW)
    dead.refresh_from_db()
    assert dead.status == RunStatus.FAILED
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            with pytest.raises(Refusal, match="runs already"):
                link_sightings(now=NOW)
            # A closed connection's lock is held until the server has noticed, and the next test would meet it.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    finally:
        other.close()


def test_regions_are_told_apart(site: Any) -> None:
    elsewhere = TerritoryFactory(code="RU-KYA", name="Krasnoyarsk Krai")
    seen(site, territory=elsewhere)
    assert link() == {}


def test_run_that_fails_says_why_and_keeps_the_links(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sighting = seen(site)
    assert link() == {sighting.pk: site.miner}
    before = rows()
    monkeypatch.setattr("registry.services.linkage.MEMORY", "1MB")
    run = link_sightings(now=NOW)
    assert run.status == RunStatus.FAILED
    assert "Out of Memory" in run.failure
    assert "\n" not in run.failure
    assert "SELECT" not in run.failure
    assert rows() == before


def test_what_a_killed_run_left_on_the_disk_is_gone_after_the_next(site: Any, settings: Any) -> None:
    folder = settings.DATA_DIR / "linkage" / connection.settings_dict["NAME"]
    folder.mkdir(parents=True)
    (folder / "handed.csv").write_text("names of people")
    seen(site)
    link_sightings(now=NOW)
    assert not folder.exists()


def test_what_a_clerk_says_while_a_run_is_under_way_stands(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run knew nothing of it, and would link the sighting a second time, or lead it on from where it now leads."""
    sighting, other = seen(site), SightingFactory()
    made = Link.objects.create(sighting=sighting, miner=MinerFactory(), status="doubtful")
    merge = linkage._merge

    def after_a_clerk(*given: Any) -> None:
        link_review(link=made, verdict="same", user=None, now=NOW)
        Sighting.objects.filter(pk=other.pk).delete()
        merge(*given)

    monkeypatch.setattr(linkage, "_merge", after_a_clerk)
    assert link() == {sighting.pk: made.miner}
    monkeypatch.undo()
    assert link() == {sighting.pk: made.miner}


def test_link_does_not_lead_on_where_a_clerk_linked_its_end_meanwhile(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = SightingFactory(territory=site.territory)
    first, second = (seen(site, name="Саяны Ватт", address="Лесная 9") for _ in range(2))
    onward = Link.objects.create(sighting=first, other=start, status="doubtful")
    merge = linkage._merge

    def after_a_clerk(*given: Any) -> None:
        link_review(link=onward, verdict="same", user=None, now=NOW)
        merge(*given)

    monkeypatch.setattr(linkage, "_merge", after_a_clerk)
    assert link() == {first.pk: start}
    monkeypatch.undo()
    assert link() == {first.pk: start, second.pk: start}
