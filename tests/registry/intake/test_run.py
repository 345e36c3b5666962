"""Runs of imports: one transaction, few statements, safe to begin again, told apart from each other."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from registry.choices import ImportStatus
from registry.intake.run import import_run
from registry.models import Identifier, Import, Miner, Reading, RowError
from registry.services.imports import import_create
from tests.factories import inn_of_company, ogrn
from tests.registry.intake.conftest import TODAY, counts

HEADER = "name,kind,territory,country,identifiers,operating_from\n"


def rows(first: int, last: int) -> str:
    return "".join(
        f"Miner {n},legal_entity,RU-IRK,RU,ru.inn={inn_of_company(n)} ru.ogrn={ogrn(n)},2025-01-01\n"
        for n in range(first, last)
    )


def queued(content: str, **kwargs) -> Import:
    file = ContentFile(content.encode())
    return import_create(noun="miners", file=file, file_name="m.csv", user=None, announce=False, **kwargs)


def test_nothing_is_stored_but_all_is_told_when_the_run_is_dry(run):
    run("miners", HEADER + rows(0, 2))

    data = HEADER + rows(1, 4).replace("Miner 1,", "Renamed,") + "Bad,legal_entity,RU,RU,ru.inn=1,2025-01-01\n"
    result = run("miners", data, dry_run=True)

    assert counts(result) == ("done", 2, 1, 0, 1)
    assert RowError.objects.filter(import_run=result).count() == 1
    assert sorted(Miner.objects.values_list("name", flat=True)) == ["Miner 0", "Miner 1"]
    assert counts(run("miners", data)) == ("done", 2, 1, 0, 1)


def test_number_of_statements_is_the_same_when_the_file_is_a_hundred_times_as_long(run):
    lengths = []
    for size, first in ((200, 0), (20_000, 1000)):
        with CaptureQueriesContext(connection) as captured:
            result = run("miners", HEADER + rows(first, first + size) + "bad,row\n")
        assert counts(result) == ("done", size, 0, 0, 1)
        # Planning statistics are brought up to date after a big load only.
        lengths.append(len([query for query in captured if not query["sql"].startswith("ANALYZE registry_")]))

    assert lengths[0] == lengths[1] < 60
    assert (Miner.objects.count(), Identifier.objects.count()) == (20_200, 40_400)


def test_workbook_gives_the_same_as_a_table_of_text_when_it_says_the_same(run, tmp_path):
    book = Workbook()
    book.active.append(["metering_point", "month", "energy_kwh"])
    book.active.append(["MP-1", "2025-03", 842000.5])
    book.active.append([4711, dt.date(2025, 4, 1), 12])
    book.save(tmp_path / "readings.xlsx")

    assert counts(run("readings", (tmp_path / "readings.xlsx").read_bytes(), name="r.xlsx")) == ("done", 2, 0, 0, 0)
    assert counts(run("readings", "metering_point;month;energy_kwh\nMP-1;2025-03;842000.500\n4711;2025-04;12\n")) == (
        "done",
        0,
        0,
        2,
        0,
    )
    assert Reading.objects.count() == 2


def test_import_is_left_alone_when_it_was_done_before(run):
    done = run("miners", HEADER + rows(0, 1))
    Miner.objects.all().delete()

    again = import_run(import_id=done.pk, today=TODAY)

    assert again.finished_at == done.finished_at
    assert not Miner.objects.exists()


def test_import_is_left_alone_when_somebody_else_is_running_it(places):
    waiting = queued(HEADER + rows(0, 1))
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(7201, %s)", [waiting.pk])
            assert import_run(import_id=waiting.pk, today=TODAY).status == ImportStatus.QUEUED
            # A closed connection's lock is held until the server has noticed.
            cursor.execute("SELECT pg_advisory_unlock(7201, %s)", [waiting.pk])
    finally:
        other.close()
    assert counts(import_run(import_id=waiting.pk, today=TODAY)) == ("done", 1, 0, 0, 0)


def test_import_fails_with_a_sentence_when_its_file_is_gone(places):
    waiting = queued(HEADER)
    waiting.file.storage.delete(waiting.file.name)

    result = import_run(import_id=waiting.pk, today=TODAY)

    assert (result.status, result.failure) == ("failed", "The file is no longer in the store. Hand it in again.")


DIE = """
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE TRIGGER die AFTER INSERT ON registry_identifier EXECUTE FUNCTION die();
"""


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_and_a_second_run_does_it_all_when_the_first_dies_in_the_middle(places):
    waiting = queued(HEADER + rows(0, 50))
    with connection.cursor() as cursor:
        cursor.execute(DIE)
    try:
        with pytest.raises(OperationalError):
            import_run(import_id=waiting.pk, today=TODAY)
        connection.close()
        assert not Miner.objects.exists()
        assert not Identifier.objects.exists()
        died = Import.objects.get(pk=waiting.pk)
        assert (died.status, died.created) == (ImportStatus.RUNNING, 0)
        assert died.started_at is not None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION die() CASCADE")

    assert counts(import_run(import_id=waiting.pk, today=TODAY)) == ("done", 50, 0, 0, 0)
