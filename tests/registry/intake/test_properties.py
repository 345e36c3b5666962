"""What holds for any file: it reads back, it changes nothing twice, the order of its rows does not matter."""

import csv
import datetime as dt
import io
from contextlib import contextmanager

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.models import Miner, Reading
from tests import factories
from tests.registry.intake.conftest import TODAY, counts

# Each example is rolled back, so that the fixture's places may serve all of them.
in_database = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADER = ("name", "kind", "territory", "country", "identifiers", "operating_from", "operating_until", "note")
PERSONS = ("entrepreneur", "individual")
line = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")), min_size=1, max_size=60)
names = line.map(str.strip).filter(bool)
notes = st.text(st.sampled_from("aЯ\\\n\t\"',; x"), max_size=30).map(str.strip)
days = st.dates(dt.date(2009, 1, 3), TODAY)


@st.composite
def miners(draw, number):
    kind = draw(st.sampled_from(["legal_entity", "entrepreneur", "individual", "operator"]))
    inn = factories.inn_of_person(number) if kind in PERSONS else factories.inn_of_company(number)
    start = draw(days)
    end = draw(st.none() | st.dates(start, TODAY).filter(lambda day: day > start)) if start < TODAY else None
    return {
        "name": draw(names),
        "kind": kind,
        "territory": draw(st.sampled_from(["RU", "RU-IRK", "RU-KYA", "KZ"])),
        "country": draw(st.sampled_from(["", "RU", "KZ"])),
        "identifiers": f"ru.inn={inn}" + (f" ru.ogrn={factories.ogrn(number)}" if draw(st.booleans()) else ""),
        "operating_from": start.isoformat(),
        "operating_until": end.isoformat() if end else "",
        "note": draw(notes),
    }


files = st.integers(1, 6).flatmap(lambda size: st.tuples(*(miners(number) for number in range(size))))


def text(rows, names=HEADER) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, names)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def on_file():
    return {
        " ".join(sorted(str(number) for number in miner.identifiers.all())): (
            miner.name,
            miner.kind,
            miner.territory.code,
            miner.country.code if miner.country else "",
            miner.operating.lower.isoformat(),
            miner.operating.upper.isoformat() if miner.operating.upper else "",
            miner.note,
        )
        for miner in Miner.objects.select_related("territory", "country").prefetch_related("identifiers")
    }


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(rows=files)
@in_database
def test_row_reads_back_when_it_was_applied(run, rows):
    with undone():
        assert counts(run("miners", text(rows))) == ("done", len(rows), 0, 0, 0)
        assert on_file() == {
            row["identifiers"]: tuple(value for name, value in row.items() if name != "identifiers") for row in rows
        }


@given(rows=files)
@in_database
def test_nothing_changes_when_a_file_comes_twice(run, rows):
    with undone():
        run("miners", text(rows))
        before = list(Miner.objects.order_by("pk").values())

        assert counts(run("miners", text(rows))) == ("done", 0, 0, len(rows), 0)
        assert list(Miner.objects.order_by("pk").values()) == before


@given(rows=files, data=st.data())
@in_database
def test_register_is_the_same_when_the_rows_are_shuffled(run, rows, data):
    shuffled = data.draw(st.permutations(rows))
    with undone():
        run("miners", text(rows))
        in_order = on_file()
    with undone():
        run("miners", text(shuffled))
        assert on_file() == in_order


@given(kwh=st.decimals(0, 10**12, places=3), point=names.map(lambda name: name[:64].strip()).filter(bool))
@in_database
def test_reading_is_exact_when_it_was_applied(run, kwh, point):
    with undone():
        row = {"metering_point": point, "month": "2025-03", "energy_kwh": f"{kwh:f}"}

        assert counts(run("readings", text([row], tuple(row)))) == ("done", 1, 0, 0, 0)
        assert list(Reading.objects.values_list("metering_point", "energy_kwh")) == [(point, kwh)]


@given(data=st.binary(max_size=300))
@in_database
def test_any_bytes_end_in_counts_or_a_sentence_when_handed_in(run, data):
    with undone():
        result = run("miners", HEADER_BYTES + data)

        assert result.status in ("done", "failed")
        assert (result.status == "failed") == bool(result.failure)
        assert result.refused + result.unchanged + result.created + result.changed == result.rows


HEADER_BYTES = ",".join(HEADER).encode() + b"\n"


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", b"\x00", b'"', b",", b"\r", b"name"])
def test_a_few_bytes_end_in_a_sentence_when_they_are_the_whole_file(run, data):
    result = run("miners", data)

    assert result.status == "failed"
    assert result.failure.endswith(".")
