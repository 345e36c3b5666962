"""Capture tables against a plain reading of the register in Python, as it was known after each of its changes."""

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from compliance.selectors.captures import Histories, Links, Sizing, Window, collect, open_links
from compliance.selectors.known import Known
from registry import models
from registry.choices import MinerKind, TerritoryKind
from tests.estimated_register import an_hour_passes
from tests.factories import (
    LinkFactory,
    MinerFactory,
    RegisterFactory,
    RegistrationFactory,
    SightingFactory,
    SiteFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db

WINDOWS = [
    Window(dt.date(2025, 1, 1), dt.date(2025, 3, 31), dt.date(2025, 3, 31)),
    Window(dt.date(2025, 2, 1), dt.date(2025, 4, 30), dt.date(2025, 4, 30)),
]
SIZING = Sizing(
    (Decimal(15), Decimal(150), Decimal(1000)),
    ((MinerKind.INDIVIDUAL, Decimal("8.2")), ("", Decimal("8.2"))),
)
NAMES = ["under 15 kW", "15 to 150 kW", "150 to 1,000 kW", "1,000 kW and more"]
KEPT = {
    "miner": models.Miner,
    "sighting": models.Sighting,
    "site": models.Site,
    "link": models.Link,
    "merger": models.Merger,
    "registration": models.Registration,
    "reading": models.Reading,
}


def snapshot() -> dict[str, list[dict[str, Any]]]:
    return {noun: list(model.objects.order_by("pk").values()) for noun, model in KEPT.items()}


class Scene:
    """A small register that changes at random."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        country = TerritoryFactory(country=True)
        abroad = TerritoryFactory(country=True, code="KZ", name="Kazakhstan")
        self.russia = country
        irkutsk, moscow = TerritoryFactory(), TerritoryFactory(code="RU-MOW", name="Moscow")
        self.places = [country, irkutsk, moscow, TerritoryFactory(municipality=True, parent=irkutsk), abroad]
        self.lists = list(models.SightingList.objects.exclude(kind="register").order_by("code")[:4])
        self.register = RegisterFactory()

    def day(self) -> dt.date:
        return dt.date(2024, 12, 1) + dt.timedelta(days=self.random.randint(0, 170))

    def period(self) -> DateRange:
        start = self.day()
        end = self.random.choice([None, None, start + dt.timedelta(days=self.random.randint(1, 90))])
        return DateRange(start, end, "[)")

    def grow(self) -> None:
        draw = self.random
        for _ in range(8):
            MinerFactory(
                kind=draw.choice(MinerKind.values),
                territory=draw.choice(self.places),
                operating=DateRange(dt.date(2024, 11, 1), draw.choice([None, None, self.day()]), "[)"),
                identifiers=False,
            )
        miners = list(models.Miner.objects.order_by("pk"))
        for miner in draw.sample(miners, 5):
            SiteFactory(
                miner=miner,
                period=self.period(),
                metering_point=draw.choice([None, f"MP-{draw.randint(1, 10**6)}"]),
                capacity_kw=draw.choice([None, Decimal(5), Decimal("14.9"), Decimal(15), Decimal(2000)]),
            )
        for miner in draw.sample(miners, 4):
            if not miner.registrations.exists():
                RegistrationFactory(miner=miner, register=self.register, status="expired", period=self.ended())
        points = [site.metering_point for site in models.Site.objects.all() if site.metering_point] + ["MP-x", "MP-y"]
        for _ in range(18):
            sort = draw.choice(["miner", "point", "nobody"])
            SightingFactory(
                list=draw.choice(self.lists),
                territory=draw.choice(self.places),
                seen_on=self.day(),
                miner=draw.choice(miners) if sort == "miner" else None,
                metering_point=draw.choice(points) if sort == "point" else "",
                power_kw=draw.choice([None, None, Decimal(3), Decimal("8.2"), Decimal(150), Decimal("999.5")]),
            )
        for point in points:
            for month in (dt.date(2025, 1, 1), dt.date(2025, 3, 1)):
                if draw.random() < 0.4:
                    models.Reading.objects.get_or_create(
                        metering_point=point, month=month, defaults={"energy_kwh": draw.choice([100, 7300, 200_000])}
                    )
        self.link(miners)
        merged = set(models.Merger.objects.values_list("miner_id", flat=True))
        roots = set(models.Merger.objects.values_list("same_as_id", flat=True))
        one, other = draw.sample(miners, 2)
        if one.pk not in merged | roots and other.pk not in merged:
            models.Merger.objects.create(miner=one, same_as=other)

    def ended(self) -> DateRange:
        start = self.day()
        return DateRange(start, start + dt.timedelta(days=self.random.randint(20, 120)), "[)")

    def link(self, miners: list[models.Miner]) -> None:
        draw = self.random
        loose = list(
            models.Sighting.objects.filter(miner=None, metering_point="", links=None, linked_from=None).order_by("pk")
        )
        for sighting in loose[::2]:
            earlier = [each for each in loose[1::2] if each.pk < sighting.pk]
            other = draw.choice(earlier) if earlier and draw.random() < 0.6 else None
            models.Link.objects.create(
                sighting=sighting,
                other=other,
                miner=None if other else draw.choice(miners),
                status=draw.choice(["linked", "linked", "doubtful"]),
            )

    def change(self) -> None:
        draw = self.random
        for sighting in draw.sample(list(models.Sighting.objects.order_by("pk")), 5):
            sighting.seen_on, sighting.power_kw = self.day(), draw.choice([None, Decimal(40)])
            sighting.save()
            sighting.list = draw.choice(self.lists)
            sighting.save()
        for model, number in ((models.Sighting, 3), (models.Registration, 1), (models.Site, 1), (models.Miner, 1)):
            for row in draw.sample(list(model.objects.filter(**self.free(model)).order_by("pk")), number):
                row.delete()
        for miner in draw.sample(list(models.Miner.objects.order_by("pk")), 3):
            miner.territory = draw.choice(self.places)
            miner.save()
        for link in models.Link.objects.order_by("pk")[:2]:
            link.verdict, link.reviewed_at = draw.choice(["same", "different"]), timezone.now()
            link.save()
        models.Merger.objects.order_by("pk")[:1].get().delete()
        self.grow()

    def free(self, model: Any) -> dict[str, Any]:
        return {"merged_into_it": None, "merger": None} if model is models.Miner else {}


def read_plainly(rows: dict[str, list[dict[str, Any]]], scene: Scene, by: str, regions: bool) -> Counter:
    """Count (window, place, stratum, below, code) operation by operation."""
    merged = {row["miner_id"]: row["same_as_id"] for row in rows["merger"]}
    miners = {row["id"]: row for row in rows["miner"]}
    owner = {row["metering_point"]: row["miner_id"] for row in rows["site"] if row["metering_point"]}
    sightings = {row["id"]: row for row in rows["sighting"]}
    links = {
        row["sighting_id"]: row
        for row in rows["link"]
        if row["verdict"] == "same" or (not row["verdict"] and row["status"] == "linked")
    }

    def miner_of(row: dict[str, Any]) -> int | None:
        return row["miner_id"] or owner.get(row["metering_point"]) or links.get(row["id"], {}).get("miner_id")

    def unit_of(row: dict[str, Any]) -> tuple[str, Any]:
        root = sightings.get(links.get(row["id"], {}).get("other_id"), row)
        miner = miner_of(row) or miner_of(root)
        if miner:
            return "miner", merged.get(miner, miner)
        return ("point", root["metering_point"]) if root["metering_point"] else ("single", root["id"])

    first, last = WINDOWS[0].seen_from, WINDOWS[-1].seen_to
    reports = defaultdict(list)
    for row in sightings.values():
        if first <= row["seen_on"] <= last:
            reports[unit_of(row)].append(row)
    people = defaultdict(list)
    for miner in miners:
        people["miner", merged.get(miner, miner)].append(miner)
    units = set(reports) | {
        unit for unit, members in people.items() if any(r["miner_id"] in members for r in rows["registration"])
    }
    parent = {place.pk: place for place in models.Territory.objects.all()}

    def above(place_id: int) -> list[models.Territory]:
        found = [parent[place_id]]
        while found[-1].parent_id:
            found.append(parent[found[-1].parent_id])
        return found

    counted: Counter = Counter()
    for unit in units:
        miner = miners.get(unit[1]) if unit[0] == "miner" else None
        seen = sorted(reports[unit], key=lambda row: (row["seen_on"], row["id"]))
        place_id = miner["territory_id"] if miner else seen[-1]["territory_id"]
        lineage = above(place_id)
        if scene.russia not in lineage:
            continue
        region = next((each.pk for each in lineage if each.kind == TerritoryKind.REGION), None)
        sites = [
            site
            for site in rows["site"]
            if site["miner_id"] in people[unit]
            and site["period"].lower <= last
            and (site["period"].upper is None or site["period"].upper > first)
        ]
        kw = max((row["power_kw"] for row in seen if row["power_kw"] is not None), default=None)
        if kw is None:
            built = [site["capacity_kw"] for site in sites if site["capacity_kw"] is not None]
            kw = sum(built) if built else None
        if kw is None:
            points = [site["metering_point"] for site in sites] if unit[0] == "miner" else [unit[1]]
            months: Counter = Counter()
            for reading in rows["reading"]:
                if reading["metering_point"] in points and first <= reading["month"] <= last:
                    months[reading["month"]] += reading["energy_kwh"]
            kw = max(months.values()) / 730 if months else None
        kind = miner["kind"] if miner else ""
        below = kind in ("", MinerKind.INDIVIDUAL) and kw is not None and kw < Decimal("8.2")
        sized = "size unknown" if kw is None else NAMES[sum(kw >= edge for edge in SIZING.edges)]
        stratum = {"size": sized, "kind": kind or "kind unknown", "none": "all"}[by]
        entries = [row["period"] for row in rows["registration"] if row["miner_id"] in people[unit]]
        for number, window in enumerate(WINDOWS):
            day = window.registered_on
            held = any(day in entry for entry in entries)
            works = any(day in miners[member]["operating"] for member in people[unit])
            on = {row["list_id"] for row in seen if window.seen_from <= row["seen_on"] <= window.seen_to}
            on &= {each.pk for each in scene.lists}
            code = sum(2 << place for place, each in enumerate(scene.lists) if each.pk in on)
            code += int(held and (works or bool(on)))
            if code:
                counted[number, region if regions else None, stratum, below, code] += 1
    return counted


@pytest.mark.parametrize("seed", range(4))
def test_histories_are_those_of_a_plain_reading_as_known_after_each_change(seed: int) -> None:
    scene = Scene(seed)
    scene.grow()
    scene.grow()
    was = [snapshot()]
    an_hour_passes()
    scene.change()
    was.append(snapshot())
    an_hour_passes()
    scene.change()
    was.append(snapshot())
    now = timezone.now()
    for hours, rows in zip((2, 1, 0), was, strict=True):
        by, regions = scene.random.choice(["size", "size", "kind", "none"]), scene.random.choice([True, False])
        found = collect(
            windows=WINDOWS,
            known=Known(now + dt.timedelta(minutes=30) - dt.timedelta(hours=hours)),
            territory=scene.russia,
            by=by,
            sizing=SIZING,
            lists=[each.pk for each in scene.lists],
            regions=regions,
        )
        counted = Counter({(row.window, row.place_id, row.stratum, row.below, row.code): row.n for row in found})
        assert counted
        assert counted == read_plainly(rows, scene, by, regions), (seed, hours)


@pytest.mark.parametrize(("links", "units"), [("holding", 3), ("doubtful", 1), ("reviewed", 4)])
def test_links_count_by_how_sure_they_are_and_doubtful_ones_are_followed_to_their_end(links: Links, units: int) -> None:
    """Four reports in a chain of links: a clerk's “different” beside the first, one linked, two doubtful."""
    place = TerritoryFactory()
    first, second, third, fourth = (SightingFactory(seen_on=dt.date(2025, 3, 3), territory=place) for _ in range(4))
    LinkFactory(sighting=second, miner=None, other=first, status="doubtful", probability=0.6)
    LinkFactory(sighting=third, miner=None, other=second, status="doubtful", probability=0.9)
    LinkFactory(sighting=third, miner=None, other=first, status="doubtful", probability=0.7)
    LinkFactory(sighting=fourth, miner=None, other=third, status="linked", probability=0.99)
    LinkFactory(sighting=fourth, verdict="different", reviewed_at=timezone.now(), status="linked", probability=0.999)
    known = Known(timezone.now() + dt.timedelta(hours=1))

    def asked(links: Links, *, again: bool = False) -> list[Histories]:
        return collect(
            windows=WINDOWS[:1], known=known, territory=models.Territory.objects.get(code="RU"), by="none",
            sizing=SIZING, lists=[first.list_id], links=links, again=again,
        )  # fmt: skip

    assert sum(row.n for row in asked(links)) == units
    assert open_links(known) == (1, 3)
    assert sum(row.n for row in asked("holding", again=True)) == 3


def test_region_within_a_region_counts_in_the_outer_one() -> None:
    """As in countries whose provinces have counties: both are regions by ISO 3166-2."""
    country = TerritoryFactory(country=True, code="IE", name="Ireland")
    province = TerritoryFactory(code="IE-C", name="Connaught", parent=country)
    county = TerritoryFactory(code="IE-LM", name="Leitrim", parent=province)
    seen = [SightingFactory(territory=place, seen_on=WINDOWS[0].seen_to) for place in (county, province, country)]
    found = collect(
        windows=WINDOWS[:1],
        known=Known(timezone.now()),
        territory=country,
        by="none",
        sizing=SIZING,
        lists=[seen[0].list_id],
        regions=True,
    )
    assert {(row.place_id, row.n) for row in found} == {(province.pk, 2), (None, 1)}
