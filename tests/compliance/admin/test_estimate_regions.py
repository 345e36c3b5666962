"""Regions of a run: those with a figure of their own first, the others folded, in the order that was asked for."""

import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.admin.estimate_regions import regions_context
from tests.estimates import finished_estimate
from tests.factories import TerritoryFactory


def region(
    name: str, *, weight: float | None, unregistered: float | None, rate: float | None, suppressed: bool = False
) -> dict[str, Any]:
    return {
        "territory": f"RU-{name}",
        "name": name,
        "registered": 1234,
        "unregistered": unregistered,
        "rate": rate,
        "low": None if rate is None else rate / 2,
        "high": rate,
        "rate_own": rate,
        "suppressed": suppressed,
        "weight": weight,
    }


REGIONS = [
    region("Omsk", weight=0.9, unregistered=10, rate=0.3),
    region("Tula", weight=0.2, unregistered=4000, rate=0.4, suppressed=True),
    region("Kursk", weight=0, unregistered=2000, rate=0.2),
    region("Penza", weight=None, unregistered=None, rate=None),
    region("Perm", weight=0.7, unregistered=None, rate=0.1),
]
MONTH = {
    "month": "2026-10-31", "rate": 0.3, "low": 0.2, "high": 0.4, "smoothed": 0.3, "smoothed_low": 0.2,
    "smoothed_high": 0.4, "provisional": False, "regions": REGIONS,
}  # fmt: skip


def names(order: str) -> list[list[str]]:
    found = regions_context({"months": [MONTH]}, order)
    return [[each["name"] for each in group["rows"]] for group in found["groups"]]


def test_regions_with_a_figure_of_their_own_come_first_and_the_unknown_last() -> None:
    assert names("") == [["Kursk", "Omsk", "Perm"], ["Tula", "Penza"]]
    assert names("rate") == [["Omsk", "Kursk", "Perm"], ["Tula", "Penza"]]
    assert names("name") == [["Kursk", "Omsk", "Perm"], ["Penza", "Tula"]]
    assert names("no such column") == names("")


def test_page_folds_the_regions_that_borrow_and_asks_no_more_for_more_of_them(admin: Client) -> None:
    place = TerritoryFactory(country=True)
    run = finished_estimate(place, kind="regions", result={"months": [MONTH], "q_fitted": True})
    where = reverse("admin:compliance_estimate_change", args=[run.pk])
    text = admin.get(where, {"by": "rate"}).content.decode()
    folded = text.index("<details><summary")
    assert text.index(">Omsk") < folded < text.index('<th scope="row">Tula')
    assert "2 regions with no figure of their own, in the window that ended in October 2026" in text
    assert re.search(r'aria-sort="descending"><a[^>]*>Rate<', text)
    assert "2,000" in text
    with CaptureQueriesContext(connection) as few:
        admin.get(where)
    larger = finished_estimate(place, kind="regions", result={"months": [{**MONTH, "regions": REGIONS * 20}]})
    where = reverse("admin:compliance_estimate_change", args=[larger.pk])
    with CaptureQueriesContext(connection) as many:
        admin.get(where)
    assert len(few) == len(many)


def test_regions_without_any_weight_are_told_apart_from_those_with_some() -> None:
    none = [{**each, "weight": 0} for each in REGIONS]
    assert regions_context({"months": [{**MONTH, "regions": none}]})["no_weight"]
    assert not regions_context({"months": [MONTH]})["no_weight"]
    assert not regions_context({"months": [{**MONTH, "regions": []}]})["no_weight"]


def test_page_says_why_no_region_has_a_weight(admin: Client) -> None:
    regions = [{**each, "weight": 0} for each in REGIONS]
    run = finished_estimate(
        TerritoryFactory(country=True), kind="regions", result={"months": [{**MONTH, "regions": regions}]}
    )
    text = admin.get(reverse("admin:compliance_estimate_change", args=[run.pk]), {"by": "low"}).content.decode()
    assert "0 % is what was found" in text
    assert '<a class="hf-link" href="?by=low" aria-current="true">plausible</a>' in text
