"""The linkage on a sample whose truth is known: whose name and address a report tells with slips."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Exists, OuterRef

from registry.models import Link, Register, Sighting, Site, Territory
from registry.services.linkage import link_sightings
from registry.services.territories import territories_load

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)


def test_nine_of_ten_links_are_right_and_most_are_found_when_the_model_is_trained(
    settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    territories_load()
    for code, kind in (("ru.miners", "miners"), ("ru.operators", "operators")):
        Register.objects.create(code=code, name=code, kind=kind, territory=Territory.objects.get(code="RU"))
    call_command("sample", "--miners", "6000", "--as-of", "2026-01-15", stdout=io.StringIO())

    run = link_sightings(now=NOW)

    assert run.parameters["origin"] == "trained, seed 20260101"
    linked = list(Link.objects.filter(status="linked").select_related("sighting", "miner", "other"))
    right = [link for link in linked if like(link.sighting.address, told(link)) or like(link.sighting.name, told(link))]
    assert len(right) > 0.9 * len(linked)
    written = Site.objects.filter(address=OuterRef("address"), territory=OuterRef("territory"))
    told_well = Sighting.objects.filter(Exists(written), miner=None, metering_point="").exclude(name="")
    found = told_well.filter(links__status="linked", links__verdict="").distinct()
    assert found.count() > 0.8 * told_well.count() > 20
    again = link_sightings(now=NOW)
    assert (again.parameters, again.linked, again.doubtful) == (run.parameters, run.linked, run.doubtful)


def told(link: Link) -> str:
    if link.other is not None:
        return f"{link.other.name} {link.other.address}"
    assert link.miner is not None
    return " ".join([link.miner.name, *link.miner.sites.values_list("address", flat=True)])


def like(text: str, other: str) -> bool:
    """Whether the beginning of the text stands in the other: slips leave the first letters as they are, mostly."""
    return bool(text) and text[:2] in other
