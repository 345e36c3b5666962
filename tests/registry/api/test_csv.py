"""CSV of any list."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection

from registry.api.renderers import CHUNK
from tests.factories import MinerFactory, SiteFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_list_is_csv_when_it_is_asked_for_by_header_or_by_parameter(api):
    miner = MinerFactory(name='ООО "Ангара", Иркутск', note="две\nстроки")
    by_header = api.get("miners/", headers={"Accept": "text/csv"})
    assert by_header["Content-Type"] == "text/csv; charset=utf-8"
    assert by_header["Content-Disposition"] == 'attachment; filename="miner.csv"'
    text = b"".join(by_header).decode()
    assert text == api.csv("miners/", format="csv")
    (row,) = rows(text)
    assert row == {
        "id": str(miner.pk),
        "name": 'ООО "Ангара", Иркутск',
        "kind": "legal_entity",
        "territory": "RU-IRK",
        "country": "RU",
        "operating_from": "2024-11-01",
        "operating_to": "",
        "identifiers": f"ru.inn={miner.identifiers.get().value}",
        "note": "две\nстроки",
        "import_run": "",
        "created_at": row["created_at"],
    }


@pytest.mark.parametrize("start", list("=+-@\t\r"))
def test_text_that_a_spreadsheet_would_run_is_guarded(api, start):
    MinerFactory(name=f"{start}1+1|'x'!A1", note=f"a{start}")
    (row,) = rows(api.csv("miners/"))
    assert row["name"] == f"'{start}1+1|'x'!A1"
    assert row["note"] == f"a{start}"


def test_negative_number_is_left_as_it_is(api):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_site DROP CONSTRAINT site_capacity_positive")
    SiteFactory(capacity_kw=Decimal("-1.5"))
    (row,) = rows(api.csv("sites/"))
    assert row["capacity_kw"] == "-1.500"


def test_same_filters_apply(api):
    irkutsk, moscow = MinerFactory(), MinerFactory(territory=TerritoryFactory(code="RU-MOS", name="Moscow Oblast"))
    assert [row["id"] for row in rows(api.csv("miners/", territory="RU-MOS"))] == [str(moscow.pk)]
    assert [row["id"] for row in rows(api.csv("miners/", as_of="2020-01-01"))] == []
    assert [row["id"] for row in rows(api.csv("miners/", ordering="-id"))] == [str(moscow.pk), str(irkutsk.pk)]
    assert api.csv("miners/", id="999999999999999999999").count("\n") == 1


def test_whole_list_comes_however_long_and_in_pieces(api):
    for _ in range(3):
        MinerFactory(note="я" * CHUNK)
    pieces = list(api.get("miners/", {"format": "csv"}))
    assert len(pieces) >= 3
    assert len(rows(b"".join(pieces).decode())) == 3


def test_pages_are_refused_in_csv(api):
    response = api.get("miners/", {"format": "csv", "page_size": 10})
    assert (response.status_code, response.json()["code"]) == (400, "no_pages_in_csv")


def test_percent_and_quotes_in_a_filter_are_data(api):
    MinerFactory(name="100% 'mine' \\ {x} %s")
    assert len(rows(api.csv("miners/", search="100% 'mine' \\ {x} %s"))) == 1
    assert len(rows(api.csv("miners/", search="100%%"))) == 0
