"""Run: one import from its stored file to its counts, in one transaction."""

import datetime as dt
import time
from collections.abc import Callable

from django.db import DataError, IntegrityError, connection, connections, transaction
from django.db.models.functions import Now

from registry.choices import ImportStatus
from registry.errors import Refusal
from registry.intake.apply import Counts, apply, keep_errors
from registry.intake.check import discard, lookups_load, resolve, stage
from registry.intake.nouns import NOUNS, Noun
from registry.intake.readers import open_table
from registry.models import Import, RowError

Progress = Callable[[int], object]

# Imports wait for each other, or a reading could miss the site that another is about to store; of one import, a
# second run does not even begin.
_RUN_LOCK = 7_201
_APPLY_LOCK = 7_202
ATTEMPTS = 3
BIG = 10_000


class _Undo(Exception):
    """Takes back what a dry run has stored."""


def import_run(*, import_id: int, today: dt.date, progress: Progress | None = None) -> Import:
    """Checks and applies the file. Safe to run again: an import that is done, or is being run elsewhere, is left alone.

    Either all good rows are applied or, where the file as a whole is refused, none; see `Import.failure` then.
    """
    try:
        with transaction.atomic():
            if _claimed(import_id):
                _run(Import.objects.get(pk=import_id), today, progress or (lambda rows: None))
    except Refusal as refusal:
        _fail(import_id, refusal.sentence)
    except FileNotFoundError:
        _fail(import_id, "The file is no longer in the store. Hand it in again.")
    except (IntegrityError, DataError) as error:
        reason = str(error).strip().splitlines()[0]
        _fail(import_id, f"The database refused the rows, and nothing was applied: {reason}.")
    return Import.objects.get(pk=import_id)


def _claimed(import_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_RUN_LOCK, import_id])
        if not cursor.fetchone()[0]:
            return False
    return Import.objects.filter(pk=import_id, status__in=(ImportStatus.QUEUED, ImportStatus.RUNNING)).exists()


def _fail(import_id: int, sentence: str) -> None:
    Import.objects.filter(pk=import_id).update(status=ImportStatus.FAILED, failure=sentence, finished_at=Now())


def _run(run: Import, today: dt.date, progress: Progress) -> None:
    noun = NOUNS.get(run.noun)
    if noun is None:
        raise Refusal("noun_unknown", f"“{run.noun}” cannot be imported; files may list {', '.join(NOUNS)}.")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
    RowError.objects.filter(import_run=run).delete()
    with _Beside(run.pk) as beside, run.file.open("rb") as file:
        beside.started()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_APPLY_LOCK])
        table = open_table(file.file, size=run.file.size)

        def both(rows: int) -> None:
            beside.progress(rows)
            progress(rows)

        rows = stage(noun, table, lookups_load(today), both)
    counts, refused = _applied(noun, table.header, run)
    Import.objects.filter(pk=run.pk).update(
        status=ImportStatus.DONE,
        failure="",
        rows=rows,
        created=counts.created,
        changed=counts.changed,
        unchanged=counts.unchanged,
        refused=refused,
        finished_at=Now(),
    )
    discard()
    if counts.created + counts.changed > BIG and not run.dry_run:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(noun.analyze)}")


def _applied(noun: Noun, header: list[str], run: Import) -> tuple[Counts, int]:
    """Checks and applies again where somebody stored one of the rows by another door in between."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                resolve(noun, header)
                counts = _apply(noun, header, run)
                return counts, keep_errors(header, run.pk)
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _apply(noun: Noun, header: list[str], run: Import) -> Counts:
    if not run.dry_run:
        return apply(noun, frozenset(header), run.pk)
    counts = Counts(0, 0, 0)
    try:
        with transaction.atomic():
            counts = apply(noun, frozenset(header), run.pk)
            raise _Undo
    except _Undo:
        return counts


class _Beside:
    """Shows the progress of an import on a connection of its own: what the import itself writes is not visible yet."""

    every_seconds = 1.0

    def __init__(self, import_id: int) -> None:
        self.import_id = import_id
        self.connection = connections.create_connection("default")
        self.shown_at = time.monotonic()

    def __enter__(self) -> "_Beside":
        return self

    def __exit__(self, *exc: object) -> None:
        self.connection.close()

    def started(self) -> None:
        self._write("status = 'running', started_at = now(), rows = 0")

    def progress(self, rows: int) -> None:
        if time.monotonic() - self.shown_at >= self.every_seconds:
            self._write("rows = %s", rows)
            self.shown_at = time.monotonic()

    def _write(self, what: str, *values: int) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"UPDATE registry_import SET {what} WHERE id = %s", [*values, self.import_id])
