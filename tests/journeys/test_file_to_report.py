"""The whole road: files go in, findings, rates and exposure come out of every door, and in a report."""

import csv
import io
import json
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from pypdf import PdfReader
from rest_framework.test import APIClient
from time_machine import travel

from compliance.models import LawPack, Report
from compliance.services.recomputation import refresh_stale
from compliance.tasks import issue_report
from registry.intake.run import import_run
from registry.services.tokens import token_create
from tests.factories import inn_of_company, inn_of_person

TODAY = date(2026, 11, 22)
BAIKAL, ALTAI, IVANOVA = inn_of_company(1), inn_of_company(2), inn_of_person(3)
FILES = {
    "miners": f"""name,kind,territory,country,identifiers,operating_from,operating_until
Baikal Hash (made up),legal_entity,RU-DA,RU,ru.inn={BAIKAL},2024-01-15,
Altai Coin (made up),legal_entity,RU-ALT,RU,ru.inn={ALTAI},2025-02-01,
Ivanova (made up),individual,RU-MOW,RU,ru.inn={IVANOVA},2025-06-01,
Nobody (made up),legal_entity,RU-MOW,RU,ru.inn=7707083890,2025-06-01,
""",
    "sites": f"""miner,name,territory,address,metering_point,capacity_kw,off_grid,from,until
ru.inn={BAIKAL},hall 1,RU-DA,,MP-1,500,no,2024-01-15,
ru.inn={IVANOVA},garage,RU-MOW,,MP-2,12,no,2025-06-01,
""",
    "registrations": f"""miner,register,number,status,applied_on,from,until,reason
ru.inn={ALTAI},ru.miners,0000000000001,active,2025-02-01,2025-02-20,,
""",
    "sightings": """kind,source,reference,seen_on,territory,miner,metering_point,power_kw,device_count,url,note
grid_anomaly,grid operator,A-1,2026-10-03,RU-DA,,MP-1,480,,,
seizure,police,B-1,2026-09-01,RU-ROS,,,,120,,
""",
    "readings": """metering_point,month,energy_kwh
MP-2,2026-09,5999
MP-2,2026-10,8000.5
""",
}


@pytest.fixture
def administrator(ru_law: LawPack) -> User:
    user: User = User.objects.create_superuser("clerk", password=None)
    return user


def test_files_become_findings_rates_exposure_and_a_report(
    administrator: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with travel(TODAY, tick=False):
        refused = _hand_in_files(tmp_path, capsys)
        assert "line 5" in refused
        assert "“7707083890” is not a valid ru.inn" in refused
        refresh_stale(as_of=TODAY)

        call_command("headline", "--json")
        headline = json.loads(capsys.readouterr().out)
        assert (headline["registered"], headline["on_file"], headline["sighted"]) == (1, 3, 2)
        assert headline["rates"]["obliged"] == {"registered": 1, "total": 3, "share": "0.3333"}

        _, key = token_create(user=administrator, name="journey")
        api = APIClient(headers={"authorization": f"Token {key}"})
        breaches = api.get("/api/v1/findings/", {"identifier": f"ru.inn={BAIKAL}", "as_of": str(TODAY)}).json()
        assert {row["norm"] for row in breaches["results"]} == {"ru.registration.miner", "ru.ban"}
        why = api.get(f"/api/v1/findings/{breaches['results'][0]['id']}/explanation/").json()
        assert why["facts"]
        assert why["norm"]["article"]

        page = Client()
        page.force_login(administrator)
        front = page.get("/admin/").content.decode()
        assert "33.3" in front

        call_command("report", "compliance", "--out", str(tmp_path / "out"))
        _same_figures_in_every_format(tmp_path / "out", headline)


def _hand_in_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    said = ""
    for noun, text in FILES.items():
        path = folder / f"{noun}.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit, match="1") if noun == "miners" else nullcontext():
            call_command("import", str(path), "--noun", noun)
        output = capsys.readouterr()
        said += output.out + output.err
    return said


def _same_figures_in_every_format(folder: Path, headline: dict[str, Any]) -> None:
    [figures] = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    [pdf] = folder.glob("*.pdf")
    [xlsx] = folder.glob("*.xlsx")
    text = "".join(page.extract_text() for page in PdfReader(pdf).pages)
    assert "1 of 3" in text
    cells = {
        cell for sheet in openpyxl.load_workbook(xlsx) for row in sheet.iter_rows(values_only=True) for cell in row
    }
    draft = next(book for book in headline["exposure"] if book["book"] == "ru.draft.2025-06" and book["currency"])
    assert float(draft["high"]) in cells
    assert draft["high"] in json.dumps(figures)


def test_the_same_file_by_the_api_changes_nothing(administrator: User, tmp_path: Path) -> None:
    for noun, text in FILES.items():
        (tmp_path / f"{noun}.csv").write_text(text, encoding="utf-8")
    with travel(TODAY, tick=False):
        with pytest.raises(SystemExit, match="1"):
            call_command("import", str(tmp_path / "miners.csv"), "--noun", "miners", verbosity=0)
        call_command("import", str(tmp_path / "sites.csv"), "--noun", "sites", verbosity=0)
        _, key = token_create(user=administrator, name="journey")
        api = APIClient(headers={"authorization": f"Token {key}"})
        before = _export(api)
        with (tmp_path / "sites.csv").open("rb") as file:
            answer = api.post("/api/v1/imports/", {"noun": "sites", "file": file}, format="multipart")
        assert answer.status_code == 202
        done = import_run(import_id=answer.json()["id"], today=TODAY)
        assert (done.status, done.created, done.changed, done.unchanged) == ("done", 0, 0, 2)
        assert _export(api) == before


def test_the_scheduled_report_is_kept_under_its_number(administrator: User) -> None:
    with travel(TODAY, tick=False):
        issue_report.apply(throw=True)
    report = Report.objects.get()
    assert report.number == "CR-2026-0001"
    assert sorted(report.files.values_list("format", flat=True)) == ["json", "pdf", "xlsx"]


def _export(api: APIClient) -> list[list[str]]:
    answer = api.get("/api/v1/sites/", headers={"accept": "text/csv"})
    content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(content)))
