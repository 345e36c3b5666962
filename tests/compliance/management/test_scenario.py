"""`manage.py scenario` prints what a scenario on file or in a file adds up to, and keeps nothing."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from compliance.models import LawPack, Scenario
from compliance.services.recomputation import recompute
from registry.models import Territory
from tests.factories import MinerFactory

DAY = dt.date(2026, 11, 22)
FINE = """
pack: ru
title: A fine
changes:
  - penalty: {norms: [ru.registration.miner]}
    amount: {low: 200000, high: 2000000, currency: RUB}
"""


@pytest.fixture
def company(ru_law: LawPack) -> None:
    MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    recompute(as_of=DAY)


def test_a_file_is_answered_and_not_kept(company: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fine.yaml"
    file.write_text(FINE, encoding="utf-8")
    before = Scenario.objects.count()
    call_command("scenario", str(file))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["A fine", "As of 2026-11-22, pack ru"]
    changed = next(line for line in lines if "amount changed" in line)
    assert "0 findings, -1 without a price, 200,000 to 2,000,000 RUB" in changed
    assert Scenario.objects.count() == before


def test_every_ready_made_scenario_is_listed_and_answered(company: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("scenario")
    listed = capsys.readouterr().out
    codes = list(Scenario.objects.filter(ready_made=True).values_list("code", flat=True))
    assert {"ru.scenario.2m", "ru.scenario.limit-halved"} <= set(codes)
    for code in codes:
        assert f"{code}: " in listed
        call_command("scenario", code, "--as-of", "2026-11-01")
        assert "As of 2026-11-01, pack ru" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pack: ru", "must be a mapping"),
        ("[", "neither YAML nor JSON"),
        ("{pack: xx, changes: []}", "is not loaded"),
        ("{pack: ru, changes: [{book: ru.nothing}]}", r"changes\[0\].book"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(ru_law: LawPack, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=words):
        call_command("scenario", str(file))


def test_a_code_that_is_not_on_file_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match=r"no scenario of the code ru\.nothing"):
        call_command("scenario", "ru.nothing")
