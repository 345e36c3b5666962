"""A clerk hands a file in and reads what was refused."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from registry.intake.run import import_run
from registry.models import Import, Reading, RowError
from tests.api_client import user_with

GOOD_AND_BAD = b"metering_point,month,energy_kwh\nMP-1,2025-03,100\nMP-2,2025-03,=lots\n"


@pytest.fixture
def handed_in(admin: Client) -> Import:
    upload = SimpleUploadedFile("march.csv", GOOD_AND_BAD)
    answer = admin.post(reverse("admin:registry_import_add"), {"noun": "readings", "file": upload})
    run = Import.objects.get()
    assert answer.url == reverse("admin:registry_import_change", args=[run.pk])
    return run


def test_the_page_follows_by_itself_while_the_import_waits(admin: Client, handed_in: Import) -> None:
    page = admin.get(reverse("admin:registry_import_change", args=[handed_in.pk])).content.decode()
    assert "Waiting for the worker" in page
    assert 'hx-trigger="every 1s"' in page


def test_refused_rows_are_shown_with_line_column_value_and_reason(admin: Client, handed_in: Import) -> None:
    import_run(import_id=handed_in.pk, today=dt.date(2026, 1, 1))
    assert Reading.objects.get().metering_point == "MP-1"
    page = admin.get(reverse("admin:registry_import_change", args=[handed_in.pk])).content.decode()
    error = RowError.objects.get()
    assert (error.line, error.column, error.value) == (3, "energy_kwh", "=lots")
    assert f'<td>3</td><td>energy_kwh</td><td class="hf-mono">=lots</td><td>{error.reason}</td>' in page
    assert "hx-trigger" not in page.split('id="import-progress"')[1].split(">")[0]


def test_refused_rows_come_as_csv_that_no_spreadsheet_runs(admin: Client, handed_in: Import) -> None:
    import_run(import_id=handed_in.pk, today=dt.date(2026, 1, 1))
    answer = admin.get(reverse("admin:registry_import_refused", args=[handed_in.pk]))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "line,column,value,code,reason"
    assert lines[1].startswith("3,energy_kwh,'=lots,")


def test_file_is_refused_from_one_who_may_not_write_its_rows_one_by_one(admin: Client) -> None:
    clerk = user_with([Import], ("view", "add"))
    clerk.is_staff = True
    clerk.save()
    client = Client()
    client.force_login(clerk)
    upload = SimpleUploadedFile("a.csv", b"miner,kind,source,from\n")
    page = client.post(reverse("admin:registry_import_add"), {"noun": "impediments", "file": upload})
    assert "You may not write impediments" in page.content.decode()
    assert not Import.objects.exists()
