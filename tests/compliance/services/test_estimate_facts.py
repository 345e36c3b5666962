"""What stands beside a run: devices and their catalogue, power behind a hash rate, and pairs linked or not."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from compliance.models import Estimate
from compliance.services.estimate_checks import estimate_verify
from compliance.services.estimates import estimate_request, estimate_run
from registry import models
from tests.databases import settle
from tests.estimated_register import AS_OF, an_hour_passes, mined, quietly
from tests.factories import DeviceFactory, DeviceModelFactory, LinkFactory, SightingFactory

pytestmark = pytest.mark.django_db

OLD, NEW = {"hashrate": Decimal(100), "power_w": Decimal(3000)}, {"hashrate": Decimal(200), "power_w": Decimal(3000)}
HASHING: dict[str, Any] = {"hash_rate_ths": (5e6, 15e6), "hash_price": 0.05, "price_per_kwh": 0.05}


@pytest.fixture(scope="module")
def russia(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[models.Territory]:
    """Registered operations with old devices on file, and reports of nobody known."""
    with django_db_blocker.unblock(), transaction.atomic():
        place = mined(1, 300)
        old = DeviceModelFactory(name="Old", **OLD)
        DeviceModelFactory(name="New", **NEW)
        DeviceModelFactory(name="Not yet", hashrate=Decimal(900), power_w=Decimal(3000), released_month="2026-11")
        DeviceModelFactory(name="Other", algorithm="Scrypt", hashrate=Decimal(900), power_w=Decimal(3000))
        held = models.Site.objects.filter(miner__registrations__isnull=False).order_by("pk")
        for site in held[:20]:
            DeviceFactory(site=site, model=old, batch=True)
        # Gone before the day, and of somebody who is not in the register.
        new = models.DeviceModel.objects.get(name="New")
        DeviceFactory(site=held[0], model=new, period=(dt.date(2025, 1, 1), dt.date(2026, 1, 1)))
        DeviceFactory(site=models.Site.objects.filter(miner__registrations=None)[0], model=new)
        an_hour_passes()
        settle()
        yield place
        transaction.set_rollback(True)


def run(place: models.Territory, **given: Any) -> Estimate:
    now = timezone.now()
    made = estimate_request(
        territory=place,
        now=now,
        **{
            "known_at": now - dt.timedelta(minutes=30),
            "kind": "whole",
            "as_of": AS_OF,
            "bootstrap": 0,
            "seed": 7,
            **given,
        },
    )
    estimate_run(estimate_id=made.pk, now=now)
    made.refresh_from_db()
    assert made.status == "done", made.failure
    return made


def by_hash_rate(made: Estimate) -> Any:
    return made.result["shares"][2]


def verified(made: Estimate) -> list[str]:
    found = estimate_verify(estimate_id=made.pk, now=timezone.now())
    return [] if found["same"] else found["sentences"]


def test_share_by_hash_rate_follows_the_devices_on_file(russia):
    made = run(russia, by="none")
    devices = made.settings["facts"]["devices"]
    assert devices["rows"] == 20
    [figures] = devices["strata"].values()
    assert figures[:4] == [20, 200, 200 * 100, 200 * 3]
    assert devices["least"] == pytest.approx(100 / 3)
    power, hashing = made.result["shares"][1:]
    # Everybody on one device: the share is that of the power, and the interval reaches to the best of the catalogue.
    assert hashing["share"] == pytest.approx(power["share"])
    assert hashing["registered"] == pytest.approx(power["registered"] * 100 / 3)
    assert hashing["interval"]["low"] < power["interval"]["low"]
    assert hashing["interval"]["high"] == pytest.approx(power["interval"]["high"], rel=0.01)
    assert "Illustrative" in hashing["note"]
    assert "15.0 to 30.0 J/TH" in hashing["note"]


def test_without_devices_on_file_the_share_by_hash_rate_is_unknown(russia):
    models.Device.objects.all().delete()
    made = run(russia, by="none", known_at=None)
    assert by_hash_rate(made)["share"] is None
    assert "no registered operation" in by_hash_rate(made)["why_none"]


def test_catalogue_and_devices_may_change_and_the_run_is_reproduced(russia):
    made = run(russia, **HASHING)
    catalogue = made.settings["catalogue"]
    assert (catalogue["count"], catalogue["efficiency_j_per_th"]) == (2, {"min": 15, "median": 22.5, "max": 30})
    models.DeviceModel.objects.filter(name="Old").update(power_w=Decimal(9000))
    DeviceModelFactory(name="Better", hashrate=Decimal(900), power_w=Decimal(3000))
    models.Device.objects.order_by("pk")[0].delete()
    later = models.Device.objects.order_by("pk")[0]
    later.quantity = 4000
    later.save()
    assert verified(made) == []
    assert run(russia, known_at=None, **HASHING).result_sha256 != made.result_sha256


def test_forged_devices_are_found(russia):
    made = run(russia)
    models.Device.objects.order_by("pk")[0].delete()
    assert verified(made) == []
    models.Device.pgh_event_model.objects.all().delete()
    assert any("Which devices stand" in sentence for sentence in verified(made))


def test_power_behind_a_hash_rate_stands_beside_the_lists(russia):
    plain, beside = run(russia), run(russia, **HASHING)
    assert plain.result["energy"] is None
    shown = beside.result["energy"]["by_hash_rate"]
    # The break-even is 0.05 x 1000 / (24 x 1.1 x 0.05) = 37.9 J/TH, so both devices earn their electricity.
    assert [shown[name]["kw"] for name in ("lower", "best", "upper")] == pytest.approx(
        [5e6 * 15 * 1.01 / 1000, 10e6 * 22.5 * 1.10 / 1000, 15e6 * 30 * 1.20 / 1000]
    )
    energy = beside.result["headline"]["energy"]
    assert [energy["low"], energy["high"]] == [shown["lower"]["operations"], shown["upper"]["operations"]]
    assert beside.result["headline"]["unregistered"] == plain.result["headline"]["unregistered"]


def test_lists_and_hash_rate_that_exclude_each_other_are_a_conflict(russia):
    told = run(russia, **{**HASHING, "hash_rate_ths": (1e9, 2e9)}).result["headline"]
    assert told["status"] == "conflict"
    assert "W14" in [each["code"] for each in told["warnings"]]


def reported(status: str) -> list[models.Link]:
    """Reports of nobody known on every list, each perhaps of an operation that another list saw."""
    seen = models.Miner.objects.filter(sightings__isnull=False).distinct().order_by("pk")[:30]
    listed = list(models.SightingList.objects.exclude(kind="register").order_by("code"))
    return [
        LinkFactory(
            sighting=SightingFactory(
                seen_on=AS_OF, territory=miner.territory, list=listed[at % len(listed)], kind="complaint"
            ),
            miner=miner,
            status=status,
            probability=0.8 if status == "doubtful" else 0.99,
        )
        for at, miner in enumerate(seen)
    ]


def as_if(russia: models.Territory, change: dict[str, Any]) -> float:
    """The rate that a run gives once all links say so."""
    models.Link.objects.update(**change)
    made = run(russia, by="none", known_at=None)
    rate: float = made.result["headline"]["rate"]
    return rate


@pytest.mark.parametrize(
    ("status", "fact", "change"),
    [
        ("doubtful", "doubtful_linked", {"status": "linked"}),
        ("linked", "none_linked", {"status": "separate"}),
    ],
)
def test_rate_at_a_threshold_is_that_of_a_register_linked_so(russia, status, fact, change):
    reported(status)
    made = run(russia, by="none", known_at=None)
    rates = made.settings["facts"]["rates_at_thresholds"]
    [other] = {"doubtful_linked", "none_linked"} - {fact}
    assert (rates[status], rates[other]) == (30, None)
    assert verified(made) == []
    [notice] = [each for each in made.result["headline"]["warnings"] if each["code"] == "W13"]
    own = made.result["headline"]["rate"]
    assert notice["facts"]["rates"] == sorted([own, rates[fact]])
    assert rates[fact] == pytest.approx(as_if(russia, change)) != own
    assert "The rate runs from" in notice["message"]


def test_without_a_pair_that_the_model_made_there_are_no_thresholds(russia):
    for link in reported("doubtful"):
        link.verdict, link.reviewed_at = "different", timezone.now()
        link.save()
    made = run(russia, by="none", known_at=None)
    assert made.settings["facts"]["rates_at_thresholds"] is None


def warning(made: Estimate, code: str) -> dict[str, Any] | None:
    return next((each for each in made.result["headline"]["warnings"] if each["code"] == code), None)


def test_reports_that_only_the_model_can_place_leave_a_range_until_somebody_reviews(russia):
    named = run(russia)
    assert named.settings["facts"]["by_model"] is not None
    with quietly():
        models.Sighting.objects.filter(list__kind="complaint").update(miner=None)
    made = run(russia)
    within = models.Sighting.objects.filter(seen_on__range=(made.window_from, made.as_of))
    part = within.filter(miner=None, metering_point="").count() / within.count()
    assert made.settings["facts"]["by_model"] == pytest.approx(part)
    assert named.settings["facts"]["by_model"] < part
    told = warning(made, "W13")
    assert told is not None
    assert told["facts"]["least"] == pytest.approx(1 - part / 4)
    headline = made.result["headline"]
    assert (headline["status"], headline["rate"]) == ("range", None)
    assert headline["published"]["high"] > headline["interval"]["high"]


def test_errors_that_a_review_found_are_taken_out_and_the_run_is_reproduced(russia, monkeypatch):
    plain = run(russia)
    review = {"found": 160.0, "missed": 40.0, "false_links": 0.0, "different": 400.0}
    monkeypatch.setattr("compliance.services.estimates._review", lambda: review)
    made = run(russia, bootstrap=4)
    unregistered = [
        each.result["headline"]["unregistered"] or each.result["headline"]["unregistered_at_least"]
        for each in (made, plain)
    ]
    assert unregistered[0] < 0.95 * unregistered[1]
    cell = made.cells.filter(task="model").order_by("position")[0]
    before = plain.cells.filter(task="model").order_by("position")[0]
    assert cell.input == before.input
    assert cell.output["matched"]["linked"] == before.output["U"]["N"]
    assert estimate_verify(estimate_id=made.pk, now=timezone.now())["same"]


def test_unknown_sizes_are_allotted_to_the_classes(russia):
    with quietly():
        models.Site.objects.filter(pk__in=models.Site.objects.order_by("pk")[:90].values("pk")).update(capacity_kw=None)
    made = run(russia, bootstrap=4)
    assert not any("unknown" in each["name"] for each in made.result["strata"])
    told = warning(made, "B13")
    assert told is not None
    assert 0 < told["facts"]["allotted"] <= 90
    assert estimate_verify(estimate_id=made.pk, now=timezone.now())["same"]
