"""Runs of the estimate on the command line: made, shown, verified, compared."""

import datetime as dt
import io
import json
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.models import Estimate, LawPack
from compliance.services import queue
from registry import models
from tests.estimated_register import mined, quietly
from tests.factories import DeviceModelFactory

pytestmark = pytest.mark.django_db


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("estimate", *words, stdout=out)
    return out.getvalue()


def run(*words: str) -> Any:
    text = said("run", "RU", "--as-of", "2026-10-31", "--bootstrap", "0", "--seed", "7", *words)
    return text, Estimate.objects.latest("pk")


def test_run_is_made_shown_and_verified():
    mined(8, 300)
    text, made = run()
    assert made.result["sentence"] in text
    assert "A try with settings of its own" in text
    assert made.result_sha256 in text
    assert "Complaints (complaint): " in text
    assert not re.search("^W.*(grid_anomaly|complaint with)", text, re.MULTILINE)
    assert said("show", str(made.pk)) == text
    assert json.loads(said("show", str(made.pk), "--json"))["sentence"] == made.result["sentence"]
    assert "All is the same to the last digit" in said("verify", str(made.pk))


def test_the_runs_of_the_month_are_asked_for_once(monkeypatch):
    sent = []
    monkeypatch.setattr(queue.current_app, "send_task", lambda name, args=(), **_: sent.append((name, *args)))
    mined(8, 50, last=timezone.localdate(), first=timezone.localdate() - dt.timedelta(days=100))
    russia = models.Territory.objects.get(code="RU")
    LawPack.objects.create(code="ru", title="Russia", territory=russia, time_zone="UTC", version="1", sha256="")
    assert "is asked for: Russian Federation" in said("monthly")
    [made] = Estimate.objects.all()
    assert sent == [("compliance.estimate", made.pk)]
    assert made.status == "running"
    assert "are there already" in said("monthly")
    assert len(sent) == 1


def test_verification_that_fails_is_an_error():
    mined(8, 200)
    _, made = run()
    with quietly():
        models.Sighting.objects.filter(list__code="complaint").delete()
    with pytest.raises(CommandError, match="not reproduced") as failed:
        said("verify", str(made.pk))
    assert failed.value.returncode == 1


def test_difference_is_a_table_of_parts():
    mined(8, 300)
    _, first = run()
    _, second = run("--by", "none")
    lines = said("difference", str(first.pk), str(second.pk)).splitlines()
    assert [re.split(r"\s+", line)[0] for line in lines[2:10]] == [
        "late_data",
        "corrected_links",
        "merged_persons",
        "new_registrations",
        "new_sightings",
        "changed_law",
        "changed_model",
        "difference",
    ]


@pytest.mark.parametrize("words", [("run", "XX"), ("show", "0"), ("verify", "0"), ("difference", "0", "0")])
def test_what_there_is_not_is_said(words):
    with pytest.raises(CommandError, match="There is no") as failed:
        said(*words)
    assert failed.value.returncode == 2


def test_months_of_a_run_by_region_are_listed():
    mined(8, 200)
    text, made = run("--kind", "regions", "--history", "2")
    assert "2026-10-01: " in text
    assert "2 regions" in text
    assert made.kind == "regions"


def test_power_behind_a_hash_rate_is_printed_beside_the_rate():
    mined(8, 300)
    DeviceModelFactory()
    words = ("--hash-rate-ths", "5e6", "15e6", "--hash-price", "0.05", "--price-per-kwh", "0.05")
    text, made = run(*words, "--mining-kw", "100000", "300000", "--above-threshold", "0.5")
    # 3,500 W for 200 TH/s are 17.5 J/TH: half of 5 million TH/s, at a PUE of 1.01.
    assert "By the hash rate, lower: 44,188 kW at 17.5 J/TH" in text
    assert "By the hash rate, best: " in text
    assert "By the power drawn, upper: 300,000 kW: " in text
    assert "Share of kW: " in text
    assert "Share of TH/s: unknown. Hash rate per kW is unknown" in text
    assert said("show", str(made.pk)) == text
    with pytest.raises(CommandError, match="give it, 0 or more"):
        said("run", "RU", *words[:3])
