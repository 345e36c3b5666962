"""What a sighting is about, found through names, meters, links and mergers; and the same in plain Python."""

import datetime as dt
from random import Random
from typing import Any

import pytest
from django.db import connection

from registry.models import Link, Merger, Miner, Sighting, Site
from registry.selectors.operations import operations_sql
from tests.factories import LinkFactory, MergerFactory, MinerFactory, SightingFactory, SiteFactory

pytestmark = pytest.mark.django_db

About = tuple[int | None, str | None, int | None]


def abouts(**relations: Any) -> dict[int, About]:
    with connection.cursor() as cursor:
        cursor.execute(operations_sql(**relations))
        return {row[0]: row[1:4] for row in cursor.fetchall()}


def about(sighting: Sighting) -> About:
    return abouts()[sighting.pk]


def test_sighting_is_about_the_miner_that_it_names_before_all_else() -> None:
    named, site = MinerFactory(), SiteFactory()
    sighting = SightingFactory(miner=named, metering_point=site.metering_point)
    LinkFactory(sighting=sighting)
    assert about(sighting) == (named.pk, None, None)


def test_sighting_is_about_the_miner_of_its_meter_before_a_link() -> None:
    site = SiteFactory()
    sighting = SightingFactory(metering_point=site.metering_point)
    LinkFactory(sighting=sighting)
    assert about(sighting) == (site.miner_id, None, None)


def test_sighting_is_about_its_meter_or_itself_when_nothing_leads_on() -> None:
    metered, single = SightingFactory(metering_point="X"), SightingFactory()
    assert about(metered) == (None, "X", None)
    assert about(single) == (None, None, single.pk)


@pytest.mark.parametrize(
    ("link", "holds"),
    [
        ({}, True),
        ({"doubtful": True}, False),
        ({"separate": True}, False),
        ({"doubtful": True, "verdict": "same"}, True),
        ({"verdict": "different"}, False),
        ({"verdict": "unsure"}, False),
    ],
)
def test_link_leads_on_where_it_holds(link: dict[str, Any], holds: bool) -> None:
    if "verdict" in link:
        link = {**link, "reviewed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
    made = LinkFactory(**link)
    assert made.holds == holds
    assert about(made.sighting) == ((made.miner_id, None, None) if holds else (None, None, made.sighting_id))


@pytest.mark.parametrize("what", ["miner", "site", "link", "point", "single"])
def test_link_to_a_sighting_leads_to_what_that_is_about(what: str) -> None:
    site = SiteFactory()
    meter = {"site": site.metering_point, "point": "X"}.get(what, "")
    other = SightingFactory(known=what == "miner", metering_point=meter)
    if what == "link":
        LinkFactory(sighting=other)
    link = LinkFactory(to_a_sighting=True, other=other)
    assert about(link.sighting) == about(other)
    assert link.sighting_id > other.pk


def test_miner_who_is_merged_counts_as_the_one_that_it_is() -> None:
    merger = MergerFactory()
    link = LinkFactory(miner=merger.miner)
    assert about(link.sighting) == about(SightingFactory(miner=merger.miner)) == (merger.same_as_id, None, None)


def test_relations_may_be_others_than_the_tables_and_columns_are_passed_on() -> None:
    link = LinkFactory()
    none = "(SELECT NULL::bigint AS sighting_id, NULL::bigint AS miner_id, NULL::bigint AS other_id WHERE false)"
    assert abouts(links=none)[link.sighting_id] == (None, None, link.sighting_id)
    with connection.cursor() as cursor:
        cursor.execute(operations_sql(also=("list_id", "seen_on")))
        assert cursor.fetchone()[4:] == (link.sighting.list_id, link.sighting.seen_on)


def plainly() -> dict[int, About]:
    """The definition once more, one sighting at a time."""
    sites = dict(Site.objects.values_list("metering_point", "miner_id"))
    merged = dict(Merger.objects.values_list("miner_id", "same_as_id"))
    held = {link.sighting_id: link for link in Link.objects.all() if link.holds}
    sightings = {sighting.pk: sighting for sighting in Sighting.objects.all()}

    def look(sighting: Sighting) -> tuple[int | None, str | None, int | None]:
        miner = sighting.miner_id or (sites.get(sighting.metering_point) if sighting.metering_point else None)
        link = held.get(sighting.pk)
        if miner is None and link is not None:
            if link.other_id is not None:
                return look(sightings[link.other_id])
            miner = link.miner_id
        if miner is not None:
            return merged.get(miner, miner), None, None
        return (None, sighting.metering_point, None) if sighting.metering_point else (None, None, sighting.pk)

    return {pk: look(sighting) for pk, sighting in sightings.items()}


@pytest.mark.parametrize("seed", range(5))
def test_operations_of_a_random_register_are_those_of_the_plain_definition(seed: int) -> None:
    chance = Random(seed)
    miners = MinerFactory.create_batch(6, identifiers=False)
    for miner in miners[:2]:
        SiteFactory(miner=miner, metering_point=f"P{miner.pk}")
    Merger.objects.create(miner=miners[0], same_as=miners[5])
    meters = ["", "", "X", *(f"P{miner.pk}" for miner in miners[:2])]
    for _ in range(30):
        SightingFactory(miner=chance.choice([None, None, *miners[:3]]), metering_point=chance.choice(meters))
    early, late = (list(Sighting.objects.order_by("pk")[part]) for part in (slice(10), slice(10, 30)))
    for sighting in [*early, *late]:
        if chance.random() < 0.6:
            to_miner = sighting in early or chance.random() < 0.5
            LinkFactory(
                sighting=sighting,
                miner=chance.choice(miners) if to_miner else None,
                other=None if to_miner else chance.choice(early),
                doubtful=chance.random() < 0.3,
            )
    assert Miner.objects.count() == 6
    assert abouts() == plainly()
