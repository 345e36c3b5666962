"""`manage.py sample`: the same register from the same seed, labelled throughout, near the published shares."""

import datetime as dt
import hashlib
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Q
from stdnum.ru import inn

from registry.models import Declaration, Identifier, Miner, Reading, Register, Registration, Sighting, Site, Territory
from registry.services.device_models import device_models_load
from registry.services.territories import TerritoryRow, territories_load, territories_store

AS_OF = "2026-01-15"

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    territories_load()
    territories_store(rows=[TerritoryRow("RU-IRK-x-angarsk", "Angarsk", "municipality", "RU-IRK")])
    device_models_load()
    russia = Territory.objects.get(code="RU")
    for code, kind in (("ru.miners", "miners"), ("ru.operators", "operators")):
        Register.objects.create(code=code, name=code, kind=kind, territory=russia)


def sample(out: Path, *arguments: str) -> str:
    said = io.StringIO()
    call_command("sample", "--as-of", AS_OF, "--out", str(out), *arguments, stdout=said)
    return said.getvalue()


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_register_looks_like_the_published_figures_when_sampled(ready, tmp_path):
    sample(tmp_path / "out", "--miners", "3000")

    assert Miner.objects.count() == 3000
    obliged = Miner.objects.filter(kind__in=("legal_entity", "entrepreneur", "operator"), country__code="RU")
    shares = []
    for day in (dt.date(2025, 1, 1), dt.date(2025, 6, 19), dt.date.fromisoformat(AS_OF)):
        operating = obliged.operating(day)
        held = Q(registrations__period__contains=day)
        shares.append(operating.filter(held).distinct().count() / operating.count())
    assert shares == sorted(shares)
    # “About 30 percent” in June 2025, less than one third at the end of 2025.
    assert 0.22 < shares[1] < 0.36
    assert 0.26 < shares[2] < 0.37

    seen = Miner.objects.filter(sightings__isnull=False).distinct().count() / 3000
    # By name or identifier alone, of the half year that several lists cover and of the years before.
    assert 0.35 < seen < 0.6
    assert Sighting.objects.filter(miner=None).exists()
    assert Sighting.objects.values("kind").distinct().count() == 7
    assert Miner.objects.filter(territory__code="RU-IRK-x-angarsk").exists()
    assert Miner.objects.exclude(country__code="RU").exists()
    statuses = set(Registration.objects.values_list("status", flat=True))
    assert {"active", "excluded", "suspended", "refused", "applied", "withdrawn"} <= statuses
    private = Site.objects.filter(miner__kind="individual").values("metering_point")
    assert Reading.objects.filter(metering_point__in=private, energy_kwh__gt=6000).exists()
    late = [row for row in Declaration.objects.all() if row.declared_on > month_after(row.month).replace(day=20)]
    assert 0 < len(late) < Declaration.objects.count() / 10


def test_lists_overlap_and_the_truth_is_told_when_sampled(ready, tmp_path):
    said = sample(tmp_path / "out", "--miners", "1500")

    truth = json.loads((tmp_path / "out" / "truth.json").read_text())
    whole = truth["all"]
    assert f"truth: {whole['operations']} operations, {whole['registered']} of them registered" in said
    # Of whom nobody knows the size, the estimates cannot tell who is too small; so they lie between these two.
    assert whole["rate"] < truth["all_but_too_small"]["rate"] < truth["all_but_individuals"]["rate"]
    assert f"too small for the duty {truth['all_but_too_small']['rate']:.1%}" in said
    assert sum(size["operations"] for size in truth["by_size_kw"].values()) == whole["operations"]
    assert truth["on_no_file"] + Miner.objects.operating(dt.date.fromisoformat(AS_OF)).count() == whole["operations"]
    lately = Sighting.objects.filter(seen_on__gt=dt.date.fromisoformat(AS_OF) - dt.timedelta(days=182))
    for code in ("grid_anomaly", "network_traffic", "pool", "complaint", "other_register", "sample_random_audit"):
        assert lately.filter(list__code=code).count() > 20, code
    seized = lately.filter(kind="seizure", name="", miner__isnull=False)
    assert not seized.filter(miner__registrations__period__contains=F("seen_on")).exists()
    assert lately.filter(miner=None, metering_point="").exclude(name="", address="").exists()
    twice = lately.values("miner").exclude(miner=None).annotate(lists=Count("list", distinct=True))
    assert twice.filter(lists__gte=2).count() > 20
    # Words lead to nobody whose place is on no file, so that a report of one of them names its miner.
    assert lately.filter(miner__isnull=False, miner__sites=None).count() > 50


def month_after(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=32)).replace(day=1)


def test_every_row_is_labelled_and_no_number_can_be_real_when_sampled(ready, tmp_path):
    sample(tmp_path / "out", "--miners", "300")

    assert not Miner.objects.exclude(name__startswith="Synthetic miner", note="synthetic sample").exists()
    assert not Sighting.objects.exclude(source__startswith="Synthetic", note="synthetic sample").exists()
    for value in Identifier.objects.filter(scheme="ru.inn").values_list("value", flat=True):
        assert inn.is_valid(value)
        # There is no region 00.
        assert value.startswith("00")


def test_files_and_register_are_the_same_when_the_seed_is_the_same(ready, tmp_path):
    first = sample(tmp_path / "a", "--miners", "200", "--seed", "5")
    again = sample(tmp_path / "b", "--miners", "200", "--seed", "5")
    other = sample(tmp_path / "c", "--miners", "200", "--seed", "6")

    assert digests(tmp_path / "a") == digests(tmp_path / "b") != digests(tmp_path / "c")
    assert "miners: 200 rows, 200 created, 0 changed, 0 unchanged" in first
    assert "miners: 200 rows, 0 created, 0 changed, 200 unchanged" in again
    assert "miners: 200 rows, 200 created" in other
    assert Miner.objects.count() == 400


@pytest.mark.parametrize("arguments", [["--seed", "14"], ["--seed", "6", "--miners", "1000001"]])
def test_sample_is_refused_when_another_bears_the_same_numbers(ready, tmp_path, arguments):
    sample(tmp_path / "a", "--miners", "5", "--seed", "5")

    with pytest.raises(CommandError, match="miners bear the same numbers"):
        sample(tmp_path / "b", "--miners", "5", *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--miners", "0"], "--miners must lie between"),
        (["--miners", "10000000"], "--miners must lie between"),
        (["--as-of", "2024-11-30"], "--as-of must lie between"),
        (["--as-of", "2999-01-01"], "--as-of must lie between"),
    ],
)
def test_sample_is_refused_when_a_number_makes_no_sense(ready, arguments, words):
    with pytest.raises(CommandError, match=words):
        call_command("sample", *arguments)


def test_sample_is_refused_when_the_registers_are_not_on_file():
    with pytest.raises(CommandError, match=r"run “manage\.py seed” first"):
        call_command("sample")
    territories_load()
    with pytest.raises(CommandError, match=r"run “manage\.py law load” first"):
        call_command("sample")
