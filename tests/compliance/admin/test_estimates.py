"""A regulator asks for a run in the admin, follows it, reads its page, and has it verified."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.models import Estimate
from compliance.services import queue
from compliance.services.estimate_checks import estimate_verify
from compliance.services.estimates import estimate_request, estimate_run
from registry import models
from tests.api_client import user_with
from tests.estimated_register import AS_OF, mined
from tests.estimates import finished_estimate
from tests.factories import DeviceFactory, DeviceModelFactory, TerritoryFactory


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue.current_app, "send_task", lambda name, args=(), **_: asked.append((name, *args)))
    return asked


@pytest.fixture
def russia(db: None) -> models.Territory:
    return mined(6, 400)


def run(place: models.Territory, **given: Any) -> Estimate:
    now = timezone.now()
    made = estimate_request(
        **{"kind": "whole", "territory": place, "as_of": AS_OF, "now": now, "bootstrap": 10, "seed": 1, **given}
    )
    estimate_run(estimate_id=made.pk, now=now)
    return Estimate.objects.get(pk=made.pk)


def page(admin: Client, made: Estimate) -> str:
    response = admin.get(reverse("admin:compliance_estimate_change", args=[made.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_run_is_asked_for_with_the_form_and_followed(admin, sent, db):
    place = TerritoryFactory(country=True)
    where = reverse("admin:compliance_estimate_add")
    assert admin.get(where).status_code == 200
    given = {"kind": "whole", "territory": place.pk, "as_of": "2026-10-31", "months": 3, "by": "size"}
    response = admin.post(where, given, follow=True)
    made = Estimate.objects.get()
    assert sent == [("compliance.estimate", made.pk)]
    assert made.user_id is not None
    assert "It waits for a worker" in response.content.decode()
    refused = admin.post(where, {**given, "as_of": "2199-01-01"})
    assert "is yet to come" in refused.content.decode()
    assert Estimate.objects.count() == 1


def test_energy_is_given_in_the_form_and_what_is_wrong_with_it_stands_at_its_field(admin, sent, db):
    place = TerritoryFactory(country=True)
    where = reverse("admin:compliance_estimate_add")
    given = {"kind": "whole", "territory": place.pk, "as_of": "2026-10-31", "months": 3, "by": "size"}
    hashed = {"hash_rate_ths": "5e6", "hash_rate_ths_to": "15e6", "hash_price": "0.05", "price_per_kwh": "0.05"}
    for wrong, field, words in (
        ({"mining_kw": "1000"}, "mining_kw_to", "two ends"),
        ({"mining_kw_to": "1000"}, "mining_kw", "two ends"),
        ({"mining_kw": "2000", "mining_kw_to": "1000"}, "mining_kw", "lower end first"),
        ({"mining_kw": "nan", "mining_kw_to": "1000"}, "mining_kw", "Enter a number"),
        ({"hash_price": "0.05"}, "hash_price", "goes with the hash rate"),
        ({**hashed, "price_per_kwh": ""}, "price_per_kwh", "what a kWh costs"),
        ({**hashed, "above_threshold": "1.1"}, "above_threshold", "less than or equal to 1"),
        ({"mining_kw": "1", "mining_kw_to": "2", "kind": "regions"}, "mining_kw", "not against its regions"),
    ):
        response = admin.post(where, {**given, **wrong})
        assert list(response.context["errors"] and response.context["adminform"].form.errors) == [field]
        assert words in str(response.context["adminform"].form.errors[field])
    assert not Estimate.objects.exists()
    admin.post(where, {**given, **hashed, "mining_kw": "1000", "mining_kw_to": "2500.5", "above_threshold": "0.8"})
    assert Estimate.objects.get().settings["energy"] == {
        "mining_kw": [1000.0, 2500.5],
        "hash_rate_ths": [5e6, 15e6],
        "above_threshold": 0.8,
        "hash_price": 0.05,
        "price_per_kwh": 0.05,
    }


def test_page_of_a_run_says_the_public_sentence_and_all_beside_it(admin, russia):
    made = run(russia)
    text = page(admin, made)
    assert made.result["sentence"] in text
    assert "A try with settings of its own" in text
    for warning in made.result["headline"]["warnings"]:
        assert f'href="/{warning["doc"].replace(".md", "")}"' in text
    assert made.result_sha256 in text
    assert text.count("<svg") >= 4
    assert "not verified yet" in text
    estimate_verify(estimate_id=made.pk, now=timezone.now())
    assert "verified" in page(admin, made)
    assert "All is the same to the last digit" in page(admin, made)


def test_pages_of_regions_of_failures_and_of_nobody(admin, russia):
    assert "Irkutsk Oblast" in page(admin, run(russia, kind="regions", history=2))
    nowhere = models.Territory.objects.create(code="AQ", name="Antarctica", kind="country")
    assert "No operation is on any list" in page(admin, run(nowhere))
    assert "No month of this run has a figure" in page(admin, run(nowhere, kind="regions", history=2))
    failed = estimate_request(kind="whole", territory=russia, as_of=AS_OF, now=timezone.now())
    Estimate.objects.filter(pk=failed.pk).update(status="failed", failure="It rained.")
    assert "It rained." in page(admin, failed)


def test_list_shows_progress_and_how_figures_moved(admin, russia):
    first, second = finished_estimate(russia), finished_estimate(russia)
    text = admin.get(reverse("admin:compliance_estimate_changelist")).content.decode()
    assert first.result["sentence"] in text
    assert f"Run {second.pk}" in text
    assert "How each window" in text
    assert "Russian Federation, Aug 2026 to Oct 2026" in text


def test_two_countries_are_not_revisions_of_each_other(admin, russia):
    first = finished_estimate(russia)
    here = models.Territory.objects.create(code="AQ", name="Antarctica", kind="country")
    finished_estimate(here)
    text = admin.get(reverse("admin:compliance_estimate_changelist")).content.decode()
    assert "How each window" not in text
    again = finished_estimate(russia)
    told = admin.get(reverse("admin:compliance_estimate_changelist")).context["triangle"]
    assert [each["number"] for row in told for each in row["runs"]] == [first.pk, again.pk]


def test_list_reads_no_result_whole(admin, russia):
    run(russia)
    run(russia, kind="regions", history=2)
    with CaptureQueriesContext(connection) as read:
        text = admin.get(reverse("admin:compliance_estimate_changelist")).content.decode()
    assert "2 months" in text
    assert not [each["sql"] for each in read if re.search(r'"result"(,| FROM)', each["sql"])]


def test_verification_is_asked_of_the_worker(admin, russia, sent):
    made = run(russia)
    where = reverse("admin:compliance_estimate_verify", args=[made.pk])
    assert admin.get(where).status_code == 405
    assert sent == []
    assert f'<form method="post" action="{where}">' in page(admin, made)
    assert admin.post(where).status_code == 302
    assert sent == [("compliance.verify_estimate", made.pk)]


def test_who_may_only_view_neither_asks_nor_verifies(db, russia):
    client, made = Client(), run(russia)
    user = user_with([Estimate])
    user.is_staff = True
    user.save()
    client.force_login(user)
    assert client.get(reverse("admin:compliance_estimate_change", args=[made.pk])).status_code == 200
    assert client.get(reverse("admin:compliance_estimate_add")).status_code == 403
    assert client.post(reverse("admin:compliance_estimate_verify", args=[made.pk])).status_code == 403
    assert "/verify/" not in page(client, made)


def test_page_of_a_run_shows_the_power_behind_a_hash_rate_and_what_the_share_by_hash_rate_assumes(admin, russia):
    model = DeviceModelFactory()
    for site in models.Site.objects.filter(miner__registrations__isnull=False).order_by("pk")[:20]:
        DeviceFactory(site=site, model=model)
    made = run(russia, by="none", hash_rate_ths=(5e6, 15e6), hash_price=0.05, price_per_kwh=0.05)
    text = page(admin, made)
    assert "Hash rate, at least" in text
    assert "88,375 kW" in text
    assert "17.5 J/TH" in text
    assert "never averaged" in text
    assert "Illustrative: the devices of the unregistered" in text
