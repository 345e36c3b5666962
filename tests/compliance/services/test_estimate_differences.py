"""The difference of two runs: its parts add up exactly, and each change of the register moves its own part."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from compliance.models import Estimate, EstimateDifference
from compliance.services.estimate_asking import difference_compute
from compliance.services.estimate_differences import STEPS, difference, difference_store
from compliance.services.estimates import estimate_request, estimate_run
from registry import models
from registry.errors import Refusal
from registry.services.lists import list_change
from tests.databases import settle
from tests.estimated_register import AS_OF, an_hour_passes, mined
from tests.factories import LinkFactory, MinerFactory, RegistrationFactory, SightingFactory

pytestmark = pytest.mark.django_db

LATER = dt.date(2026, 11, 15)


def run(place: models.Territory, **given: Any) -> Estimate:
    now = timezone.now()
    asked = {"kind": "whole", "as_of": AS_OF, "bootstrap": 0, "seed": 1, "by": "none", **given}
    made = estimate_request(territory=place, now=now, **asked)
    estimate_run(estimate_id=made.pk, now=now)
    made.refresh_from_db()
    assert made.status == "done", made.failure
    return made


def before() -> dt.datetime:
    return timezone.now() - dt.timedelta(minutes=30)


@pytest.fixture(scope="module")
def russia(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[models.Territory]:
    """One register for all tests; what each of them changes is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        place = mined(3, 500)
        an_hour_passes()
        settle()
        yield place
        transaction.set_rollback(True)


def moved(parts: dict[str, Any]) -> set[str]:
    """Codes of the parts in which any figure moved."""
    return {part["code"] for part in parts["parts"] if any(Decimal(value or 0) for value in part["values"].values())}


def adds_up(parts: dict[str, Any]) -> None:
    for name, whole in parts["difference"].items():
        told = [Decimal(part["values"][name]) for part in parts["parts"] if part["values"][name] is not None]
        assert whole is not None
        assert sum(told) == Decimal(whole), name
        assert Decimal(parts["later"][name]) - Decimal(parts["earlier"][name]) == Decimal(whole), name


def late_sighting(place: models.Territory) -> None:
    for miner in models.Miner.objects.filter(registrations=None, sightings=None).order_by("pk")[:20]:
        SightingFactory(miner=miner, seen_on=AS_OF, territory=miner.territory)


def corrected_link(place: models.Territory) -> None:
    for sighting in models.Sighting.objects.filter(miner=None).order_by("pk"):
        LinkFactory(sighting=sighting, miner=models.Miner.objects.filter(registrations=None).order_by("pk")[0])


def merged_person(place: models.Territory) -> None:
    one, other = models.Miner.objects.filter(registrations__isnull=False).order_by("pk")[:2]
    models.Merger.objects.create(miner=one, same_as=other)


CHANGES = {"late_data": late_sighting, "corrected_links": corrected_link, "merged_persons": merged_person}


@pytest.mark.parametrize("code", CHANGES)
def test_what_was_recorded_later_moves_its_own_part_and_no_other(russia, code):
    for miner in models.Miner.objects.order_by("pk")[:30]:
        SightingFactory(seen_on=AS_OF, territory=miner.territory)
    an_hour_passes()
    earlier = run(russia, known_at=before())
    CHANGES[code](russia)
    found = difference(earlier, run(russia))
    assert moved(found) == {code}
    adds_up(found)


@pytest.mark.parametrize("facts", [{}, {"random_sample": True}, {"window": DateRange(AS_OF, None)}])
def test_what_a_list_sees_and_how_it_was_kept_is_late_data(russia, facts):
    traffic, complaint = (models.SightingList.objects.get(code=code) for code in ("network_traffic", "complaint"))
    list_change(row=traffic, everywhere=False, territories=[russia])
    an_hour_passes()
    earlier = run(russia, known_at=before())
    if facts:
        list_change(row=complaint, **facts)
    else:
        list_change(row=traffic, territories=[models.Territory.objects.get(code="RU-MOW")])
    found = difference(earlier, run(russia))
    assert moved(found) == {"late_data"}
    adds_up(found)


def test_later_day_moves_registrations_and_sightings_apart(russia):
    for miner in models.Miner.objects.filter(registrations=None).order_by("pk")[:25]:
        RegistrationFactory(miner=miner, period=(dt.date(2026, 11, 5), None))
    mined(4, 100, first=dt.date(2026, 11, 1), last=LATER)
    an_hour_passes()
    found = difference(run(russia, known_at=before()), run(russia, as_of=LATER, known_at=before()))
    assert moved(found) == {"new_registrations", "new_sightings"}
    registered = {part["code"]: part["values"]["registered"] for part in found["parts"]}
    assert Decimal(registered["new_registrations"]) == 25
    adds_up(found)


def test_other_settings_move_the_model(russia):
    found = difference(
        run(russia, known_at=before()), run(russia, known_at=before(), by="size", headline={"active_alpha": 19.0})
    )
    assert moved(found) == {"changed_model"}
    adds_up(found)


def test_changed_law_moves_its_part(russia):
    miners = models.Miner.objects.order_by("pk")[:40]
    models.Site.objects.filter(miner__in=[miner.pk for miner in miners]).update(capacity_kw=5)
    models.Miner.objects.filter(pk__in=[miner.pk for miner in miners]).update(kind="individual")
    an_hour_passes()
    earlier, later = run(russia, known_at=before()), run(russia, known_at=before())
    limits = [{"norm": "made-up", "kinds": ["individual"], "kwh_month": "6000", "kw": "8.219"}]
    law = run_under(russia, limits)
    assert moved(difference(earlier, later)) == set()
    found = difference(earlier, law)
    assert moved(found) == {"changed_law"}
    adds_up(found)


def run_under(place: models.Territory, limits: list[dict[str, Any]]) -> Estimate:
    now = timezone.now()
    made = estimate_request(
        territory=place, now=now, kind="whole", as_of=AS_OF, bootstrap=0, seed=1, by="none", known_at=before()
    )
    Estimate.objects.filter(pk=made.pk).update(law={**made.law, "limits": limits})
    estimate_run(estimate_id=made.pk, now=now)
    return Estimate.objects.get(pk=made.pk)


@pytest.mark.parametrize("seed", range(3))
def test_parts_add_up_exactly_whatever_changed(russia, seed):
    draw = Random(seed)
    earlier = run(russia, known_at=before(), by=draw.choice(["none", "size"]))
    for change in CHANGES.values():
        if draw.random() < 0.7:
            change(russia)
    mined(10 + seed, draw.randint(20, 80), rate=draw.random(), last=LATER)
    for entry in models.Registration.objects.order_by("pk")[: draw.randint(0, 30)]:
        entry.delete()
    MinerFactory()
    adds_up(difference(earlier, run(russia, as_of=draw.choice([AS_OF, LATER]), by=draw.choice(["none", "size"]))))


def test_no_middle_is_made_up_where_a_run_has_no_point(russia):
    earlier = run(russia, known_at=before())
    few = mined(20, 25, places=[models.Territory.objects.create(code="KZ", name="Kazakhstan", kind="country")])
    kazakhstan = models.Territory.objects.get(code="KZ")
    assert few == russia
    thin, other = run(kazakhstan), run(kazakhstan)
    assert thin.result["headline"]["status"] != "estimate"
    found = difference(thin, other)
    assert "rate" not in found["difference"]
    assert set(found["difference"]) >= {"registered", "rate_low", "rate_high"}
    assert any("has no point" in note for note in found["notes"])
    with pytest.raises(Refusal, match="pick two of one"):
        difference(earlier, thin)


def test_difference_is_kept_once(russia):
    earlier, later = run(russia, known_at=before()), run(russia)
    first = difference_store(earlier_id=earlier.pk, later_id=later.pk)
    assert difference_store(earlier_id=earlier.pk, later_id=later.pk) == first
    assert EstimateDifference.objects.count() == 1
    assert [part["code"] for part in first.parts["parts"]] == [step.code for step in STEPS]
    with pytest.raises(Refusal, match="no estimate 0"):
        difference_store(earlier_id=0, later_id=later.pk)


def test_parts_that_somebody_computes_already_are_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for them asks every few seconds, and each time the worker is asked too."""
    computed: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "compliance.services.estimate_asking.difference_store",
        lambda *, earlier_id, later_id: computed.append((earlier_id, later_id)),
    )
    other = connection.copy()
    lock, key = "(hashtext('headframe estimate difference'), hashtext('1 2'))", {"earlier_id": 1, "later_id": 2}
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_lock{lock}")
            assert difference_compute(**key) is None
            difference_compute(earlier_id=1, later_id=3)
            assert computed == [(1, 3)]
            cursor.execute(f"SELECT pg_advisory_unlock{lock}")
            difference_compute(**key)
            assert computed == [(1, 3), (1, 2)]
            # It was given back.
            cursor.execute(f"SELECT pg_try_advisory_lock{lock}")
            assert cursor.fetchone() == (True,)
            cursor.execute(f"SELECT pg_advisory_unlock{lock}")
    finally:
        other.close()
