"""`manage.py import`: what it prints, what it writes, how it exits."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from registry.models import Import, Miner, Reading
from tests import factories

GOOD = "metering_point,month,energy_kwh\nMP-1,2025-03,12\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def run(*arguments) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("import", *(str(argument) for argument in arguments), stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_counts_are_printed_when_all_rows_are_good(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text(GOOD)

    assert run(file, "--noun", "readings") == (0, "1 rows: 1 created, 0 changed, 0 unchanged, 0 refused.\n")


def test_nothing_is_stored_when_the_run_is_dry(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text(GOOD)

    code, said = run(file, "--noun", "readings", "--dry-run")

    assert code == 0
    assert said.startswith("Nothing was changed (dry run); it would be: 1 rows: 1 created")
    assert not Reading.objects.exists()


def test_errors_are_told_and_written_when_rows_are_refused(tmp_path):
    file, out = tmp_path / "r.csv", tmp_path / "errors.csv"
    file.write_text(GOOD + "MP-2,2025-03,-1\n" * 25)

    code, said = run(file, "--noun", "readings", "--errors", out)

    assert code == 1
    assert "line 3, energy_kwh: -1 is below zero. [negative]" in said
    assert "… and 5 more" in said
    with out.open(encoding="utf-8", newline="") as lines:
        written = list(csv.DictReader(lines))
    assert len(written) == 25
    assert written[0] == {
        "line": "3",
        "column": "energy_kwh",
        "value": "-1",
        "code": "negative",
        "reason": "-1 is below zero.",
    }


def test_file_is_refused_when_it_cannot_be_read(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("point,month\n")

    code, said = run(file, "--noun", "readings")

    assert code == 2
    assert said.startswith("The file has no column “metering_point” and “energy_kwh”.")
    assert Import.objects.get().status == "failed"


def test_file_is_refused_when_it_is_not_there(tmp_path):
    code, said = run(tmp_path / "nothing.csv", "--noun", "readings")

    assert (code, said) == (2, f"{tmp_path / 'nothing.csv'} cannot be read: No such file or directory.")
    assert not Import.objects.exists()


def test_help_lists_all_nouns_and_columns_when_asked(capsys):
    with pytest.raises(SystemExit):
        call_command("import", "--help")

    said = capsys.readouterr().out
    assert "* identifiers      One or more" in said
    for noun in ("miners", "sites", "devices", "registrations", "sightings", "readings", "declarations"):
        assert f"\n{noun}: " in said


def test_miner_is_known_by_its_number_when_a_second_file_comes(tmp_path):
    miner = factories.MinerFactory(name="Old")
    file = tmp_path / "m.csv"
    file.write_text(
        "identifiers,name,kind,territory,operating_from\n"
        f"{miner.identifiers.get()},New,legal_entity,RU-IRK,2024-11-01\n"
    )

    assert run(file, "--noun", "miners")[0] == 0
    assert Miner.objects.get().name == "New"
