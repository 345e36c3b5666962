"""A run of the estimate and the review of a pair of sightings, as a regulator and a clerk see them in a browser."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from compliance.models import Estimate
from compliance.services.estimates import estimate_request, estimate_run
from registry.models import Link, Territory
from tests.estimated_register import AS_OF, mined
from tests.factories import LinkFactory, SightingFactory

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def run(law: None) -> Estimate:
    places = list(Territory.objects.filter(code__in=("RU-IRK", "RU-MOW")))
    russia, now = mined(6, 300, places=places), timezone.now()
    made = estimate_request(kind="whole", territory=russia, as_of=AS_OF, now=now, bootstrap=0, seed=1)
    estimate_run(estimate_id=made.pk, now=now)
    return Estimate.objects.get(pk=made.pk)


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_the_page_of_a_run_says_its_sentence_and_each_warning_leads_to_its_meaning(run: Estimate, page: Page) -> None:
    page.goto(reverse("admin:compliance_estimate_change", args=[run.pk]))
    expect(page.get_by_text((run.result or {})["sentence"])).to_be_visible()
    expect(page.get_by_label("By stratum").locator(".hf-chart-wide svg")).to_be_visible()
    expect(page.get_by_text(run.result_sha256)).to_be_visible()
    page.set_viewport_size(PHONE)
    expect(page.get_by_label("By stratum").locator(".hf-chart-narrow svg")).to_be_visible()
    assert not scrolls_sideways(page), "The page of a run scrolls sideways on a phone."
    page.get_by_role("link", name="what it means").first.click()
    page.wait_for_url("**/docs/methods/warnings#*")
    expect(page.locator(":target")).to_be_visible()


def test_a_clerk_says_that_both_sides_are_the_same_and_the_next_pair_opens(law: None, page: Page) -> None:
    links = [doubtful(number) for number in (1, 2)]
    page.set_viewport_size(PHONE)
    page.goto(reverse("admin:registry_link_change", args=[links[0].pk]))
    expect(page.get_by_role("heading", name="Are these the same operation?")).to_be_visible()
    assert not scrolls_sideways(page), "The review of a pair scrolls sideways on a phone."
    page.get_by_role("button", name="The same operation").click()
    page.wait_for_url(f"**/registry/link/{links[1].pk}/change/")
    links[0].refresh_from_db()
    assert links[0].verdict == "same"


def test_a_list_is_entered_and_regions_are_sorted_on_a_phone(run: Estimate, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(reverse("admin:registry_sightinglist_add"))
    expect(page.get_by_label("from", exact=True)).to_be_visible()
    assert not scrolls_sideways(page), "The form of a list scrolls sideways on a phone."
    now = timezone.now()
    made = estimate_request(kind="regions", territory=run.territory, as_of=AS_OF, now=now, history=2, seed=1)
    estimate_run(estimate_id=made.pk, now=now)
    page.goto(reverse("admin:compliance_estimate_change", args=[made.pk]))
    page.locator(".hf-sorts:visible").first.get_by_role("link", name="rate", exact=True).click()
    page.wait_for_url("**?by=rate")
    expect(page.locator(".hf-sorts:visible").first.locator("[aria-current]")).to_have_text("rate")


def doubtful(number: int) -> Link:
    place = Territory.objects.get(code="RU-IRK")
    told: dict[str, Any] = {"name": f"Baikal Hash {number}", "address": f"Lenina {number}", "territory": place}
    first, second = (SightingFactory(seen_on=dt.date(2026, 10, day), **told) for day in (1, 2))
    made: Link = LinkFactory(doubtful=True, miner=None, sighting=second, other=first, probability=0.9 - number / 10)
    return made
