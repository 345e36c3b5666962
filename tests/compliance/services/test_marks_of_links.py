"""After links, verdicts and mergers the refreshed counts are those of a full recomputation."""

import datetime as dt
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import LawPack, RegistrationRate
from compliance.selectors.counts import MEASURES
from compliance.selectors.totals import headline
from compliance.services.recomputation import recompute, refresh_stale
from registry.models import Link, Merger, Miner, Sighting, Site, Territory
from tests.factories import (
    LinkFactory,
    MergerFactory,
    MinerFactory,
    RegistrationFactory,
    SightingFactory,
    SiteFactory,
)

AS_OF = dt.date(2026, 11, 22)
SEEN = dt.date(2026, 10, 1)
REVIEWED = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def rates() -> list[tuple[Any, ...]]:
    return sorted(RegistrationRate.objects.values_list("as_of", "territory", "kind", *MEASURES), key=str)


def places() -> list[Territory]:
    return list(Territory.objects.filter(code__in=("RU-MOW", "RU-DA", "RU-IRK")).order_by("code"))


def refreshed_as_recomputed() -> None:
    refresh_stale(as_of=AS_OF)
    refreshed = rates()
    recompute(as_of=AS_OF)
    assert refreshed == rates()


def test_linked_sightings_are_one_operation_and_registered_with_their_miner(ru_law: LawPack) -> None:
    moscow, dagestan, _ = places()
    miner = MinerFactory(territory=moscow)
    RegistrationFactory(miner=miner, period=DateRange(dt.date(2025, 1, 1), None))
    first = SightingFactory(territory=dagestan, seen_on=SEEN)
    second = SightingFactory(territory=dagestan, seen_on=SEEN)
    recompute(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (2, 0)
    LinkFactory(sighting=second, miner=None, other=first)
    refresh_stale(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (1, 0)
    link = LinkFactory(sighting=first, miner=miner)
    refresh_stale(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (1, 1)
    Link.objects.filter(pk=link.pk).update(verdict="different", reviewed_at=REVIEWED)
    refresh_stale(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (1, 0)
    refreshed_as_recomputed()


def test_merged_miner_is_seen_once_and_registered_where_either_is(ru_law: LawPack) -> None:
    moscow, dagestan, _ = places()
    merger = MergerFactory.build(miner=MinerFactory(territory=dagestan), same_as=MinerFactory(territory=moscow))
    RegistrationFactory(miner=merger.miner, period=DateRange(dt.date(2025, 1, 1), None))
    SightingFactory(miner=merger.miner, seen_on=SEEN)
    SightingFactory(miner=merger.same_as, seen_on=SEEN)
    recompute(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (2, 1)
    merger.save()
    refresh_stale(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (1, 1)
    refreshed_as_recomputed()
    merger.miner.registrations.all().delete()
    refresh_stale(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (1, 0)
    merger.delete()
    refresh_stale(as_of=AS_OF)
    assert headline(AS_OF).sighted == 2
    refreshed_as_recomputed()


def change(chance: Random, number: int) -> None:
    """Some change, by plain SQL or by a row, of whatever moves operations."""
    sightings, miners = list(Sighting.objects.order_by("pk")), list(Miner.objects.order_by("pk"))
    links, sites = list(Link.objects.order_by("pk")), list(Site.objects.order_by("pk"))
    what = chance.randrange(10)
    if what == 0:
        SightingFactory(
            territory=chance.choice(places()),
            seen_on=SEEN + dt.timedelta(days=number),
            miner=chance.choice([None, None, *miners]),
            metering_point=chance.choice(["", "X", "Y"]),
        )
    elif what in (1, 2):
        free = [s for s in sightings[8:] if not s.links.exists()]
        if free:
            to_miner = chance.random() < 0.5
            LinkFactory(
                sighting=chance.choice(free),
                miner=chance.choice(miners) if to_miner else None,
                other=None if to_miner else chance.choice(sightings[:8]),
                doubtful=chance.random() < 0.3,
            )
    elif what == 3 and links:
        verdict = chance.choice(["same", "different", "unsure"])
        Link.objects.filter(pk=chance.choice(links).pk).update(verdict=verdict, reviewed_at=REVIEWED)
    elif what == 4 and links:
        chance.choice(links).delete()
    elif what == 5 and not Merger.objects.exists():
        MergerFactory(miner=miners[0], same_as=miners[1])
    elif what == 5:
        Merger.objects.all().delete()
    elif what == 6:
        Sighting.objects.filter(pk=chance.choice(sightings).pk).update(
            miner=chance.choice([None, *miners]), territory=chance.choice(places())
        )
    elif what == 7:
        site = chance.choice(sites)
        Site.objects.filter(pk=site.pk).update(metering_point=chance.choice([f"M{site.pk}", f"Z{number}"]))
    elif what == 8:
        free = [miner for miner in miners if not miner.registrations.exists()]
        if free:
            RegistrationFactory(miner=chance.choice(free), period=DateRange(SEEN, None), number=f"N{number}")
    else:
        Miner.objects.filter(pk=chance.choice(miners).pk).update(territory=chance.choice(places()))
    if number % 5 == 0:
        free = chance.choice(["X", "Y"])
        if not Site.objects.filter(metering_point=free).exists():
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE registry_site SET metering_point = %s WHERE id = %s", [free, chance.choice(sites).pk]
                )


@pytest.mark.parametrize("seed", range(3))
def test_refresh_equals_a_full_recomputation_after_every_change_of_what_operations_rest_on(
    ru_law: LawPack, seed: int
) -> None:
    chance = Random(seed)
    for number in range(4):
        SiteFactory(miner=MinerFactory(territory=chance.choice(places())), metering_point=f"M{number}")
    for _ in range(16):
        SightingFactory(
            territory=chance.choice(places()),
            seen_on=SEEN,
            metering_point=chance.choice(["", "", "X", "Y", "M0", "M1"]),
        )
    recompute(as_of=AS_OF)
    for number in range(15):
        change(chance, number)
        refreshed_as_recomputed()
