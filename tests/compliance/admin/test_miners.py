"""A miner's page says at a glance what it holds, what it breaches and why, and what it owes."""

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import Finding, LawPack
from compliance.services.recomputation import recompute
from registry.models import Miner, Territory
from tests.factories import MinerFactory, ReadingFactory, RegistrationFactory, SiteFactory, UserFactory

DAY = dt.date(2026, 11, 22)


@pytest.fixture
def page_of(admin: Client):
    def get(miner: Miner) -> str:
        recompute(as_of=DAY)
        with time_machine.travel(dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC), tick=False):
            return admin.get(reverse("admin:registry_miner_change", args=[miner.pk])).content.decode()

    return get


def miner_in(code: str, **more: object) -> Miner:
    return MinerFactory(territory=Territory.objects.get(code=code), **more)


def test_a_breach_is_told_with_its_article_its_link_and_the_fact(ru_law: LawPack, page_of) -> None:
    miner = miner_in("RU-MOW", operating=("2025-02-01", None))
    page = page_of(miner)
    finding = Finding.objects.get(norm__code="ru.registration.miner")
    assert "since 2025-02-01" in page
    assert finding.norm.article in page
    assert f'href="{finding.norm.url}"' in page
    assert "none in “Register of miners" in page
    assert reverse("admin:compliance_finding_change", args=[finding.pk]) in page


def test_a_reading_above_the_limit_stands_out(ru_law: LawPack, page_of) -> None:
    miner = miner_in("RU-MOW", individual=True)
    site = SiteFactory(miner=miner)
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2026, 10, 1), energy_kwh=9000)
    page = page_of(miner)
    assert "9,000 kWh" in page
    assert "above the limit of 6,000 kWh" in page


def test_a_missing_fact_is_named_and_not_counted_as_a_breach(ru_law: LawPack, page_of) -> None:
    miner = miner_in("RU-MOW", individual=True)
    page = page_of(miner)
    assert "not known is <strong>energy drawn in a month</strong>" in page
    assert "No breach is on record today, but not everything can be decided" in page


def test_a_miner_in_order_is_told_to_be_in_order(ru_law: LawPack, page_of) -> None:
    miner = miner_in("RU-MOW", operating=("2026-11-10", None))
    RegistrationFactory(miner=miner, period=("2026-11-10", None), register__code="ru.miners")
    page = page_of(miner)
    assert "No breach is on record today." in page
    assert "Nothing: it was never fined." in page


def test_the_page_takes_no_more_queries_for_seventy_sites_than_for_twenty(ru_law: LawPack, admin: Client) -> None:
    miner = miner_in("RU-MOW", individual=True)
    SiteFactory.create_batch(21, miner=miner)
    address = reverse("admin:registry_miner_change", args=[miner.pk])
    admin.get(address)
    with CaptureQueriesContext(connection) as few:
        admin.get(address)
    SiteFactory.create_batch(50, miner=miner)
    with CaptureQueriesContext(connection) as many:
        admin.get(address)
    assert len(many) == len(few)


def test_the_glance_is_kept_from_those_who_may_read_the_miner_only(ru_law: LawPack) -> None:
    miner = miner_in("RU-MOW", operating=("2025-02-01", None))
    reader = UserFactory(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_miner"))
    client = Client()
    client.force_login(reader)
    page = client.get(reverse("admin:registry_miner_change", args=[miner.pk])).content.decode()
    assert miner.name in page
    assert "At a glance" not in page
