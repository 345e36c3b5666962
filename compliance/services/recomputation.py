"""Recomputation: bring the totals up to date, all of them or what is stale, at most one writer at a time."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import Error, connection, transaction
from django.db.models import Count
from django.db.models.functions import Now

from compliance.choices import RunKind, RunStatus
from compliance.models import Recomputation, StaleMark
from compliance.rules import Scope
from compliance.selectors.reach import cells_in_bulk, concerned
from compliance.selectors.totals import stored_day
from compliance.services.exposure import exposure_refresh
from compliance.services.findings import findings_refresh
from compliance.services.rates import rates_refresh
from registry.models import Miner

# Keys of advisory locks: one for whoever writes totals, and one per kind for a whole run.
WRITE_LOCK = 4_517_001
RUN_LOCKS = {RunKind.RATES: 4_517_002, RunKind.EXPOSURE: 4_517_003}

MINERS_PER_PART = 250_000
# Beyond this many stale cells a full run costs less than picking them out.
CELLS_AT_ONCE = 40
# Beyond this many miners whom the marks do not name, too.
OTHERS_AT_ONCE = 20_000

Progress = Callable[[int, int], None]
Cell = tuple[int, str]


def recompute(
    *, as_of: dt.date, kinds: Sequence[str] = (RunKind.EXPOSURE, RunKind.RATES), progress: Progress | None = None
) -> list[Recomputation]:
    """Compute findings, exposure and rates anew for the day and drop the marks that were there before it began.

    Each part is one transaction, so a run that dies leaves correct parts behind and can simply be repeated. Two runs
    at once wait for each other. Returns one record per kind, in the order of `kinds`.
    """
    marks = list(StaleMark.objects.values_list("pk", flat=True))
    runs = [_run(RunKind(kind), as_of, progress) for kind in kinds]
    if set(kinds) == {RunKind.RATES, RunKind.EXPOSURE}:
        StaleMark.objects.filter(pk__in=marks).delete()
    return runs


def refresh_stale(*, as_of: dt.date) -> int:
    """Bring the marked cells up to date and return how many marks were taken; at once zero where another is at it.

    The first time on a new day, or where everything or very many cells are marked, this is a full recomputation.
    """
    if stored_day() != as_of:
        return _recompute_unless_running(as_of)
    if not StaleMark.objects.exists():
        return 0
    with transaction.atomic():
        if not _locked("pg_try_advisory_xact_lock"):
            return 0
        marks = list(StaleMark.objects.values_list("pk", "miner_id", "territory_id", "kind", "source"))
        cells = {(territory, kind) for _, _, territory, kind, _ in marks if territory is not None}
        everything = any(miner is None and territory is None for _, miner, territory, _, _ in marks)
        bulk = cells_in_bulk(mark[1:] for mark in marks)
        others = set() if everything else concerned([mark[1:] for mark in marks])
        if not everything and len(cells) <= CELLS_AT_ONCE and len(others) <= OTHERS_AT_ONCE:
            miners = others | {miner for _, miner, _, _, _ in marks if miner is not None}
            cells |= set(Miner.objects.filter(pk__in=miners).values_list("territory_id", "kind").distinct())
            cells |= _refresh_findings(Scope(miner_ids=tuple(sorted(miners))), as_of) if miners else set()
            cells |= _refresh_findings(Scope(cells=tuple(sorted(bulk))), as_of) if bulk else set()
            exposure_refresh(day=as_of, cells=sorted(cells))
            rates_refresh(day=as_of, cells=sorted(cells))
            StaleMark.objects.filter(pk__in=[mark[0] for mark in marks]).delete()
            return len(marks)
    return _recompute_unless_running(as_of)


def _refresh_findings(scope: Scope, day: dt.date) -> set[Cell]:
    """Refresh the findings of the scope and return the cells in which they were or are counted."""
    before = _cells_of_findings(scope)
    findings_refresh(scope=scope, day=day)
    return before | _cells_of_findings(scope)


def _cells_of_findings(scope: Scope) -> set[Cell]:
    miners = scope.miners()
    cells: set[Cell] = set(miners.values_list("findings__territory_id", "findings__kind").distinct())
    return {cell for cell in cells if cell[0] is not None}


def _recompute_unless_running(as_of: dt.date) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUN_LOCKS[RunKind.EXPOSURE]])
        row = cursor.fetchone()
        if not (row and row[0]):
            return 0
        try:
            taken = StaleMark.objects.count()
            recompute(as_of=as_of)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCKS[RunKind.EXPOSURE]])
    return taken


def _run(kind: RunKind, as_of: dt.date, progress: Progress | None) -> Recomputation:
    with _alone(kind):
        parts = _parts() if kind == RunKind.EXPOSURE else []
        run = Recomputation.objects.create(kind=kind, as_of=as_of, total=len(parts) + 1)
        try:
            for part in parts:
                with _writing():
                    findings_refresh(scope=Scope(territory_ids=part), day=as_of)
                _step(run, progress)
            with _writing():
                if kind == RunKind.EXPOSURE:
                    exposure_refresh(day=as_of)
                else:
                    rates_refresh(day=as_of)
            _step(run, progress)
        except Error as error:
            _finish(run, RunStatus.FAILED, str(error))
            raise
        _finish(run, RunStatus.DONE)
    return run


def _step(run: Recomputation, progress: Progress | None) -> None:
    run.done += 1
    run.save(update_fields=["done"])
    if progress:
        progress(run.done, run.total)


def _finish(run: Recomputation, status: RunStatus, failure: str = "") -> None:
    run.status, run.failure = status, failure
    Recomputation.objects.filter(pk=run.pk).update(status=status, failure=failure, finished_at=Now())


def _parts() -> list[tuple[int, ...]]:
    """Territories in groups of about equal numbers of miners, so that one part is one short transaction."""
    sizes = Miner.objects.order_by("territory_id").values_list("territory_id").annotate(miners=Count("pk"))
    parts: list[list[int]] = [[]]
    filled = 0
    for territory_id, miners in sizes:
        if filled + miners > MINERS_PER_PART and parts[-1]:
            parts.append([])
            filled = 0
        parts[-1].append(territory_id)
        filled += miners
    return [tuple(part) for part in parts if part]


@contextmanager
def _writing() -> Iterator[None]:
    with transaction.atomic():
        _locked("pg_advisory_xact_lock")
        yield


def _locked(function: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [WRITE_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


@contextmanager
def _alone(kind: RunKind) -> Iterator[None]:
    """Hold the kind's lock for the whole run; whatever else still says that it runs was cut off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [RUN_LOCKS[kind]])
        try:
            Recomputation.objects.filter(kind=kind, status=RunStatus.RUNNING).update(
                status=RunStatus.FAILED, failure="The run was cut off; a later one took its place.", finished_at=Now()
            )
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCKS[kind]])
