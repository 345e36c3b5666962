"""Runs of the estimate: the same figures in any order, read-only once done, reproduced from what was known then."""

import datetime as dt
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from compliance.models import Estimate, EstimateCell, LawPack
from compliance.selectors.capture_lists import lists_known
from compliance.selectors.known import Known
from compliance.services.estimate_checks import estimate_verify
from compliance.services.estimate_faults import request_faults
from compliance.services.estimate_questions import months_before, windows_of
from compliance.services.estimate_results import canonical, sha256_of
from compliance.services.estimate_schedule import monthly_runs
from compliance.services.estimates import (
    cells_open,
    estimate_cell_compute,
    estimate_finish,
    estimate_prepare,
    estimate_request,
    estimate_run,
    estimates_stalled,
)
from registry import models
from registry.errors import Refusal
from registry.services.lists import list_change
from tests.databases import settle
from tests.estimated_register import AS_OF, an_hour_passes, mined, quietly
from tests.factories import (
    LinkFactory,
    MinerFactory,
    RegistrationFactory,
    SightingFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

OPERATIONS = 500


@pytest.fixture(scope="module")
def russia(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[models.Territory]:
    """One register for all tests; what each of them changes is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        place = mined(1, OPERATIONS)
        an_hour_passes()
        settle()
        yield place
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def plain(russia: models.Territory, django_db_blocker: DjangoDbBlocker) -> Iterator[Estimate]:
    """One finished run without a bootstrap."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield run(russia, bootstrap=0, user=UserFactory())
        transaction.set_rollback(True)


def asked(place: models.Territory, **given: Any) -> Estimate:
    now = timezone.now()
    defaults: dict[str, Any] = {
        "known_at": now - dt.timedelta(minutes=30),
        "kind": "whole",
        "as_of": AS_OF,
        "bootstrap": 20,
        "seed": 7,
        "history": 3,
    }
    return estimate_request(territory=place, now=now, **{**defaults, **given})


def run(place: models.Territory, **given: Any) -> Estimate:
    made = asked(place, **given)
    estimate_run(estimate_id=made.pk, now=timezone.now())
    made.refresh_from_db()
    assert made.status == "done", made.failure
    return made


@pytest.mark.parametrize("kind", ["whole", "regions"])
def test_result_is_the_same_whatever_the_order_of_the_cells(russia, kind):
    first, other = run(russia, kind=kind), asked(russia, kind=kind)
    estimate_prepare(estimate_id=other.pk, now=timezone.now())
    while cells := cells_open(other.pk):
        assert all(estimate_cell_compute(cell_id=pk, now=timezone.now()) for pk in reversed(cells))
    assert estimate_finish(estimate_id=other.pk, now=timezone.now())
    other.refresh_from_db()
    assert other.result_sha256 == first.result_sha256 == sha256_of(first.result)
    assert first.done == first.total == first.cells.count()


def test_headline_finds_the_rate_that_the_register_was_made_with(russia):
    told = run(russia).result["headline"]
    registered = models.Registration.objects.count()
    assert told["registered"] == registered
    assert told["status"] == "estimate"
    hidden = OPERATIONS - registered
    assert told["unregistered_interval"]["low"] < hidden * 1.1
    assert told["unregistered_interval"]["high"] > hidden * 0.9


def test_repeating_any_step_changes_nothing(russia):
    made = run(russia)
    before = Estimate.objects.filter(pk=made.pk).values().get()
    now = timezone.now()
    assert not estimate_prepare(estimate_id=made.pk, now=now)
    assert not any(estimate_cell_compute(cell_id=cell.pk, now=now) for cell in made.cells.all())
    assert not estimate_finish(estimate_id=made.pk, now=now)
    assert Estimate.objects.filter(pk=made.pk).values().get() == before


def test_run_is_not_finished_while_a_cell_is_open(russia):
    made = asked(russia)
    estimate_prepare(estimate_id=made.pk, now=timezone.now())
    assert not estimate_finish(estimate_id=made.pk, now=timezone.now())


@pytest.mark.parametrize("change", [{"result": {}}, {"seed": 8}, {"status": "running"}, {"lists": []}])
def test_run_that_is_done_cannot_be_changed(plain, change):
    made = plain
    with pytest.raises(DatabaseError), transaction.atomic():
        Estimate.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        EstimateCell.objects.filter(estimate=made).update(output={})
    with pytest.raises(DatabaseError), transaction.atomic():
        Estimate.objects.filter(pk=made.pk).delete()


def much_changes(place: models.Territory) -> None:
    """Late sightings, corrected and deleted ones, links, mergers, registrations, moves: all after the run."""
    mined(2, 60)
    first, second, *others = models.Sighting.objects.order_by("pk")[:30]
    first.seen_on = AS_OF + dt.timedelta(days=3)
    first.save()
    second.list = SightingFactory(seen_on=AS_OF).list
    second.save()
    for sighting in others[:8]:
        sighting.delete()
    loose = SightingFactory(seen_on=AS_OF)
    LinkFactory(sighting=loose, miner=MinerFactory())
    one, other = models.Miner.objects.filter(registrations=None).order_by("pk")[:2]
    models.Merger.objects.create(miner=one, same_as=other)
    RegistrationFactory(miner=other)
    entry = models.Registration.objects.order_by("pk")[0]
    entry.delete()
    site = models.Site.objects.order_by("pk")[0]
    site.capacity_kw = 9000
    site.save()
    narrowed = models.SightingList.objects.get(code="network_traffic")
    list_change(row=narrowed, everywhere=False, territories=[models.Territory.objects.get(code="RU-MOW")])


@pytest.mark.parametrize("kind", ["whole", "regions"])
def test_verification_reproduces_a_run_after_everything_has_changed(russia, kind):
    made = run(russia, kind=kind)
    much_changes(russia)
    found = estimate_verify(estimate_id=made.pk, now=timezone.now())
    assert found["same"], found["sentences"]
    assert made.result_sha256 in found["sentences"][0]
    made.refresh_from_db()
    assert made.verification == found
    again = run(russia, kind=kind, known_at=None)
    assert again.result_sha256 != made.result_sha256


@pytest.mark.parametrize("seen_first", [["RU-MOW"], ["RU"]])
def test_run_is_reproduced_after_its_list_sees_other_places(russia, seen_first):
    """Of what the list saw then, a territory goes, stays or comes back; what came later was not known."""
    whole, moscow = (models.Territory.objects.get(code=code) for code in ("RU", "RU-MOW"))
    complaint = models.SightingList.objects.get(code="complaint")
    list_change(row=complaint, everywhere=False, territories=[whole, moscow])
    first = models.Territory.objects.filter(code__in=seen_first)
    list_change(row=complaint, territories=first)
    an_hour_passes()
    made = run(russia, bootstrap=0)
    assert {each["code"]: each["territories"] for each in made.lists}["complaint"] == seen_first
    assert ("complaint" in made.result["strata"][0]["lists"]) == (seen_first == ["RU"])
    list_change(row=complaint, territories=[whole, moscow])
    list_change(row=complaint, territories=[moscow] if seen_first == ["RU"] else [whole])
    found = estimate_verify(estimate_id=made.pk, now=timezone.now())
    assert found["same"], found["sentences"]
    later = run(russia, bootstrap=0, known_at=None)
    assert ("complaint" in later.result["strata"][0]["lists"]) == (seen_first != ["RU"])
    tampered("DELETE FROM registry_listterritoryevent")
    found = estimate_verify(estimate_id=made.pk, now=timezone.now())
    assert "List complaint has other traits than then: territories." in found["sentences"]


def test_lists_of_before_the_history_have_seen_their_places_since_they_are_on_file(russia):
    complaint = models.SightingList.objects.get(code="complaint")
    list_change(row=complaint, everywhere=False, territories=[russia])
    an_hour_passes()
    tampered("DELETE FROM registry_listterritoryevent")
    tampered(import_module("registry.migrations.0006_lists_over_time").BEGIN)
    known = {each.code: each.territories for each in lists_known(Known(timezone.now() - dt.timedelta(minutes=30)))}
    assert known["complaint"] == ("RU",)


def test_history_of_what_a_list_sees_outlives_the_list(russia):
    made = models.SightingList.objects.create(code="short", name="Short", kind="audit", everywhere=False)
    made.territories.add(russia)
    made.delete()
    told = models.ListTerritory._meta.get_field("events").related_model.objects.order_by("pgh_id")
    assert list(told.values_list("pgh_label", "territory")) == [("insert", russia.pk), ("delete", russia.pk)]


def tampered(sql: str) -> None:
    with quietly(), connection.cursor() as cursor:
        cursor.execute(sql)


COMPLAINT = "(SELECT id FROM registry_sightinglist WHERE code = 'complaint')"
TAMPERED = {
    "Of list complaint": f"UPDATE registry_sighting SET source = 'forged' WHERE list_id = {COMPLAINT}",
    "List complaint had": f"DELETE FROM registry_sighting WHERE id = (SELECT max(id) FROM registry_sighting"
    f" WHERE list_id = {COMPLAINT})",
    "List register had": "DELETE FROM registry_registration WHERE id = (SELECT max(id) FROM registry_registration)",
    "Where the operations lie": "UPDATE registry_site SET capacity_kw = capacity_kw + 1000",
    "other traits": "UPDATE registry_sightinglist SET conditional_on_unregistered = true WHERE code = 'complaint'",
    "gives other figures": "UPDATE compliance_estimatecell SET output = jsonb_set(output, '{U,N}', '1')"
    " WHERE task = 'model'",
    "does not have the hash": "UPDATE compliance_estimate SET result = jsonb_set(result, '{sentence}', '\"40\"')",
    "kept ones": "UPDATE compliance_estimatecell SET input = jsonb_set(input, '{left_out}', '[\"x\"]')"
    " WHERE task = 'model'",
}


@pytest.mark.parametrize("said", TAMPERED)
def test_verification_says_what_was_tampered_with(plain, said):
    tampered(TAMPERED[said])
    found = estimate_verify(estimate_id=plain.pk, now=timezone.now())
    assert not found["same"]
    assert any(said in sentence for sentence in found["sentences"]), found["sentences"]


def test_verification_finds_a_forged_history(plain):
    made = plain
    sighting = models.Sighting.objects.filter(list__code="complaint").order_by("pk")[0]
    sighting.seen_on = AS_OF + dt.timedelta(days=1)
    sighting.save()
    assert estimate_verify(estimate_id=made.pk, now=timezone.now())["same"]
    tampered("DELETE FROM registry_sightingevent")
    found = estimate_verify(estimate_id=made.pk, now=timezone.now())
    assert any("List complaint had" in sentence for sentence in found["sentences"]), found["sentences"]


def test_run_that_is_not_done_is_not_verified(russia):
    with pytest.raises(Refusal, match="is not done"):
        estimate_verify(estimate_id=asked(russia).pk, now=timezone.now())


def test_place_without_anybody_on_a_list_says_so(russia):
    nowhere = models.Territory.objects.create(code="AQ", name="Antarctica", kind="country")
    for kind in ("whole", "regions"):
        made = run(nowhere, kind=kind)
        assert estimate_verify(estimate_id=made.pk, now=timezone.now())["same"]
    assert "No operation is on any list" in Estimate.objects.filter(kind="whole").latest("pk").result["sentence"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"as_of": dt.date(2199, 1, 1)}, "as_of"),
        ({"months": 0}, "months"),
        ({"by": "colour"}, "by"),
        ({"bootstrap": -1}, "bootstrap"),
        ({"history": 0}, "history"),
        ({"kind": "whatever"}, "kind"),
        ({"headline": {"colour": 1}}, "headline"),
        ({"headline": {"active_alpha": -1}}, "headline"),
        ({"mining_kw": (2.0, 1.0)}, "mining_kw"),
        ({"kind": "regions", "mining_kw": (1.0, 2.0)}, "mining_kw"),
        ({"hash_rate_ths": (2.0, 1.0), "hash_price": 0.05, "price_per_kwh": 0.05}, "hash_rate_ths"),
        ({"hash_rate_ths": (1.0, 2.0), "hash_price": 0.05}, "price_per_kwh"),
        ({"hash_price": 0.05}, "hash_price"),
        ({"above_threshold": 0.5}, "above_threshold"),
    ],
)
def test_bad_question_is_refused_in_words(given, field):
    before = Estimate.objects.count()
    with pytest.raises(Refusal) as refused:
        asked(TerritoryFactory(country=True), **given)
    assert list(refused.value.fields) == [field]
    assert Estimate.objects.count() == before


def test_list_that_does_not_see_the_place_is_left_out_with_a_notice(russia):
    complaint = models.SightingList.objects.get(code="complaint")
    complaint.everywhere = False
    complaint.save()
    complaint.territories.add(models.Territory.objects.get(code="RU-IRK"))
    made = run(russia, known_at=None)
    assert any("Complaints does not see" in each for each in made.result["left_out"]), made.result["left_out"]
    assert "complaint" not in made.result["strata"][0]["lists"]


def test_cell_that_cannot_be_computed_fails_the_run_in_a_sentence(russia):
    made = asked(russia)
    estimate_prepare(estimate_id=made.pk, now=timezone.now())
    cell = made.cells.order_by("position")[0]
    EstimateCell.objects.filter(pk=cell.pk).update(input={**cell.input, "traits": []})
    estimate_run(estimate_id=made.pk, now=timezone.now())
    made.refresh_from_db()
    assert made.status == "failed"
    assert made.failure.startswith("Cell 0 (model")
    assert cells_open(made.pk) == []


def test_run_is_stalled_when_nothing_has_happened_for_a_minute(russia):
    made = asked(russia)
    now = Estimate.objects.get(pk=made.pk).created_at
    assert estimates_stalled(now=now) == []
    assert estimates_stalled(now=now + dt.timedelta(minutes=5)) == [made.pk]
    estimate_run(estimate_id=made.pk, now=now)
    assert estimates_stalled(now=now + dt.timedelta(minutes=5)) == []


def test_monthly_runs_are_asked_for_once(russia, ru_law_of_russia: None):
    now = dt.datetime(2026, 11, 2, 3, tzinfo=dt.UTC)
    assert [(each.territory.code, each.as_of) for each in monthly_runs(kind="whole", now=now)] == [("RU", AS_OF)]
    assert monthly_runs(kind="whole", now=now) == []
    assert len(monthly_runs(kind="regions", now=now)) == 1


@pytest.fixture
def ru_law_of_russia(russia: models.Territory) -> None:
    """A pack without a norm: that there is law in the country is enough."""
    LawPack.objects.create(code="ru", title="Russia", territory=russia, time_zone="UTC", version="1", sha256="")


def test_windows_end_with_the_months():
    found = windows_of("regions", dt.date(2026, 10, 31), months=3, history=3)
    assert [(each.seen_from, each.seen_to) for each in found] == [
        (dt.date(2026, 6, 1), dt.date(2026, 8, 31)),
        (dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
        (dt.date(2026, 8, 1), dt.date(2026, 10, 31)),
    ]
    assert months_before(dt.date(2026, 3, 31), 1) == dt.date(2026, 2, 28)


def test_hash_does_not_depend_on_how_numbers_are_written():
    assert sha256_of({"b": 1.0, "a": [2, 3.5]}) == sha256_of({"a": (2.0, 3.5), "b": 1})
    assert canonical({"x": 5.0}) == {"x": 5}


def test_electricity_stands_beside_the_lists_and_is_never_averaged_with_them(russia, plain):
    beside = run(russia, bootstrap=0, mining_kw=(100_000.0, 400_000.0))
    energy = beside.result["headline"]["energy"]
    assert 100 < energy["low"] < energy["high"] < 2000
    assert beside.result["headline"]["unregistered"] == plain.result["headline"]["unregistered"]
    conflict = run(russia, bootstrap=0, mining_kw=(1e7, 2e7))
    assert conflict.result["headline"]["status"] == "conflict"
    assert [each["unit"] for each in plain.result["shares"]] == ["operations", "kW", "TH/s"]


@pytest.mark.parametrize("error", [TypeError("no such thing"), IndexError("out of range"), ProgrammingError("a\nb")])
def test_tables_that_cannot_be_collected_fail_the_run_in_a_line(russia, monkeypatch, error):
    def broken(*_: Any) -> None:
        raise error

    made = asked(russia)
    monkeypatch.setattr("compliance.services.estimates.inputs_collect", broken)
    estimate_run(estimate_id=made.pk, now=timezone.now())
    made.refresh_from_db()
    first = str(error).splitlines()[0]
    assert (made.status, made.failure) == (
        "failed",
        f"Its tables could not be collected: {type(error).__name__}: {first}",
    )
    assert estimates_stalled(now=timezone.now() + dt.timedelta(hours=1)) == []


def test_output_that_the_database_does_not_take_fails_the_run_and_is_not_tried_for_ever(russia, monkeypatch):
    made = asked(russia)
    estimate_prepare(estimate_id=made.pk, now=timezone.now())
    monkeypatch.setattr("compliance.services.estimates.cell_output", lambda *_, **__: {"low": float("nan")})
    estimate_run(estimate_id=made.pk, now=timezone.now())
    made.refresh_from_db()
    assert made.status == "failed"
    assert made.failure.startswith("Cell 0 (model")


def test_lost_connection_leaves_the_run_to_be_taken_up_again(russia, monkeypatch):
    def lost(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    made = asked(russia)
    monkeypatch.setattr("compliance.services.estimates.inputs_collect", lost)
    with pytest.raises(OperationalError):
        estimate_prepare(estimate_id=made.pk, now=timezone.now())
    made.refresh_from_db()
    assert made.status == "running"
    assert estimates_stalled(now=timezone.now() + dt.timedelta(hours=1)) == [made.pk]


def test_run_as_known_before_there_were_lists_is_refused(russia):
    with pytest.raises(Refusal, match="The lists are on file since") as refused:
        asked(russia, known_at=timezone.now() - dt.timedelta(days=300))
    assert list(refused.value.fields) == ["known_at"]


def test_today_is_the_day_of_the_service_and_not_of_greenwich(russia, ru_law_of_russia: None):
    one_in_the_morning = dt.datetime(2026, 10, 31, 22, tzinfo=dt.UTC)
    with timezone.override("Europe/Moscow"):
        assert request_faults("whole", dt.date(2026, 11, 1), one_in_the_morning, 3, "size", 0, 1, None) == {}
        assert "as_of" in request_faults("whole", dt.date(2026, 11, 2), one_in_the_morning, 3, "size", 0, 1, None)
        assert [each.as_of for each in monthly_runs(kind="whole", now=one_in_the_morning)] == [AS_OF]


@pytest.mark.parametrize("given", [{"by": "kind"}, {"months": 1}])
def test_run_of_another_question_does_not_stand_for_that_of_the_month(russia, ru_law_of_russia: None, given):
    asked(russia, **given)
    assert len(monthly_runs(kind="whole", now=dt.datetime(2026, 11, 2, 3, tzinfo=dt.UTC))) == 1
