"""Claims in the admin: a clerk enters them, and a pack's are only read."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import Claim, LawPack
from compliance.services.roles import roles_load
from registry.models import Territory
from tests.estimates import finished_estimate
from tests.factories import UserFactory


@pytest.fixture
def clerk(db: None) -> Client:
    roles_load()
    user = UserFactory(staff=True)
    user.groups.add(Group.objects.get(name="Clerk"))
    client = Client()
    client.force_login(user)
    return client


def form(**changes: object) -> dict[str, object]:
    return {
        "code": "paper.1",
        "territory": Territory.objects.get(code="RU").pk,
        "said_by": "A minister",
        "said_on": "2026-02-01",
        "where_said": "A hearing",
        "statement": "A third is registered.",
        "quote": "A third, at best",
        "low": "0.3",
        "high": "0.35",
        "unit": "share",
        "bounds": "registration_rate",
        "confidence": "M",
        **changes,
    }


def test_a_clerk_enters_a_claim_with_its_words_and_place(clerk: Client, ru_law: LawPack) -> None:
    answer = clerk.post(reverse("admin:compliance_claim_add"), form())
    claim = Claim.objects.get(code="paper.1")
    assert answer.status_code == 302
    assert (claim.quote, claim.where_said) == ("A third, at best", "A hearing")
    assert clerk.post(reverse("admin:compliance_claim_change", args=[claim.pk]), form(quote="")).status_code == 302
    assert Claim.objects.get(code="paper.1").quote == ""


def test_a_claim_under_the_code_of_a_pack_is_refused_in_words(clerk: Client, ru_law: LawPack) -> None:
    page = clerk.post(reverse("admin:compliance_claim_add"), form(code="ru.claim.paper")).content.decode()
    assert "change the pack and load it again" in page
    assert not Claim.objects.filter(code="ru.claim.paper").exists()


def test_a_claim_of_a_pack_is_shown_and_not_changed(clerk: Client, ru_law: LawPack) -> None:
    claim = Claim.objects.get(code="ru.claim.chebeskov-30-percent")
    address = reverse("admin:compliance_claim_change", args=[claim.pk])
    page = clerk.get(address).content.decode()
    assert "We have not completed this process yet" in page
    assert 'name="quote"' not in page
    assert clerk.post(address, form()).status_code == 403
    assert clerk.post(reverse("admin:compliance_claim_delete", args=[claim.pk]), {"post": "yes"}).status_code == 403


def test_the_list_says_how_each_claim_stands_beside_ours_in_as_many_queries_for_more(
    clerk: Client, ru_law: LawPack
) -> None:
    finished_estimate(Territory.objects.get(code="RU"), window=(dt.date(2025, 5, 1), dt.date(2025, 7, 31)))
    address = reverse("admin:compliance_claim_changelist")
    page = clerk.get(address).content.decode()
    assert "inside" in page
    assert "not compared" in page
    assert "not compared: 5 months apart" in page
    with CaptureQueriesContext(connection) as few:
        clerk.get(address)
    for number in range(10):
        clerk.post(reverse("admin:compliance_claim_add"), form(code=f"paper.{number}"))
    clerk.get(address)
    with CaptureQueriesContext(connection) as many:
        clerk.get(address)
    assert len(few) == len(many)
    claim = Claim.objects.get(code="ru.claim.chebeskov-30-percent")
    detail = clerk.get(reverse("admin:compliance_claim_change", args=[claim.pk])).content.decode()
    assert "The claim of 30 % of June 2025 lies inside the plausible range (24 to 38 in 100)" in detail


def test_an_analyst_reads_claims_and_enters_none(ru_law: LawPack) -> None:
    roles_load()
    user = UserFactory(staff=True)
    user.groups.add(Group.objects.get(name="Analyst"))
    client = Client()
    client.force_login(user)
    assert client.get(reverse("admin:compliance_claim_changelist")).status_code == 200
    assert client.get(reverse("admin:compliance_claim_add")).status_code == 403
