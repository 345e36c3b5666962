"""Runs of the estimate: asked for, prepared from the register as known then, computed cell by cell, finished once."""

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q, QuerySet

from compliance.choices import EstimateKind, RunStatus
from compliance.estimates.linkage import Review
from compliance.estimates.results import kept
from compliance.estimates.strata import Settings
from compliance.models import Estimate, EstimateCell
from compliance.selectors.capture_catalogue import catalogue_known
from compliance.selectors.captures import By
from compliance.selectors.known import safe_horizon
from compliance.selectors.size_limits import EDGES, energy_limits, packs_of
from compliance.services.estimate_cells import PHASES, cell_output, phase_of
from compliance.services.estimate_code import code_version
from compliance.services.estimate_failures import FAILURES, estimate_failed
from compliance.services.estimate_faults import energy_asked, known_at_fault, request_faults
from compliance.services.estimate_inputs import Inputs, inputs_collect
from compliance.services.estimate_questions import question_of, windows_of
from compliance.services.estimate_results import Computed, canonical, matching_by, result_of, sha256_of
from registry.errors import Refusal
from registry.models import Territory
from registry.selectors.linkage import linkage_quality

MONTHS, MONTHS_OF_REGIONS, BOOTSTRAP = 3, 24, 1000
BY: By = "size"
# Without a sign of life for so long, a run is taken up again.
STALLED_AFTER = dt.timedelta(seconds=60)


def is_standard(
    months: int,
    by: By,
    bootstrap: int,
    headline: dict[str, Any] | None,
    known_at: dt.datetime | None,
) -> bool:
    """Whether a run asks what everybody's run asks. Only such runs are shown as the service's figure: who may ask for
    a run may try assumptions, and does not speak for the service by that."""
    return (months, by) == (MONTHS, BY) and bootstrap >= BOOTSTRAP and not headline and known_at is None


def estimate_request(
    *,
    kind: str,
    territory: Territory,
    as_of: dt.date,
    now: dt.datetime,
    months: int = MONTHS,
    by: By = BY,
    bootstrap: int = BOOTSTRAP,
    history: int = MONTHS_OF_REGIONS,
    seed: int | None = None,
    known_at: dt.datetime | None = None,
    headline: dict[str, Any] | None = None,
    mining_kw: tuple[float, float] | None = None,
    hash_rate_ths: tuple[float, float] | None = None,
    hash_price: float | None = None,
    price_per_kwh: float | None = None,
    above_threshold: float | None = None,
    user: AbstractBaseUser | None = None,
) -> Estimate:
    """Store a numbered run that waits for a worker. `known_at` is at most the time until which all is settled.

    `headline` are settings of the arithmetic that differ from the method's defaults. To be set beside the lists:
    `mining_kw`, the range of the power that obliged mining draws, or `hash_rate_ths`, that of mining's hash rate, with
    `hash_price` per TH/s and day, `price_per_kwh` in the same money, and the part of it `above_threshold` (all).
    Raises Refusal.
    """
    energy, faults = energy_asked(kind, mining_kw, hash_rate_ths, hash_price, price_per_kwh, above_threshold)
    fields = {**request_faults(kind, as_of, now, months, by, bootstrap, history, known_at), **faults}
    try:
        settings = Settings.from_json({**(headline or {}), "bootstrap": bootstrap})
    except (ValueError, TypeError) as error:
        fields.setdefault("bootstrap" if "bootstrap" in fields else "headline", str(error))
    if fields:
        raise Refusal("estimate_refused", next(iter(fields.values())), fields)
    horizon = safe_horizon()
    known = min(horizon, known_at) if known_at else horizon
    if fault := known_at_fault(known):
        raise Refusal("estimate_refused", fault, {"known_at": fault})
    windows = windows_of(kind, as_of, months=months, history=history)
    with transaction.atomic():
        return Estimate.objects.create(
            kind=kind,
            territory=territory,
            as_of=as_of,
            window_from=windows[0].seen_from,
            known_at=known,
            settings={
                "months": months,
                "by": by,
                "bootstrap": bootstrap,
                "history": history if kind == EstimateKind.REGIONS else 1,
                "standard": is_standard(months, by, bootstrap, headline, known_at),
                "edges": [f"{edge:f}" for edge in EDGES],
                "headline": settings.to_json(),
                "energy": energy,
                "catalogue": _catalogue(as_of) if kind == EstimateKind.WHOLE else None,
            },
            # A whole number that JavaScript can hold, so that it comes back as it was given.
            seed=secrets.randbits(52) if seed is None else seed,
            code_version=code_version(),
            law={"packs": packs_of(territory), "limits": energy_limits(territory, as_of)},
            user_id=user.pk if user else None,
        )


def _catalogue(day: dt.date) -> dict[str, Any]:
    """The devices that there are, with their hash: kept with the run, for the catalogue has no history."""
    found = catalogue_known(day)
    return {**found, "sha256": sha256_of(found["models"])}


def estimate_prepare(*, estimate_id: int, now: dt.datetime) -> bool:
    """Collect the tables of a run that waits, with their receipt, as its cells; false where that was done already.

    Where they cannot be collected the run has failed.
    """
    try:
        with transaction.atomic():
            return _collected(estimate_id, now)
    except FAILURES as error:
        estimate_failed(estimate_id, "Its tables could not be collected", error, now)
        return False


def _collected(estimate_id: int, now: dt.datetime) -> bool:
    run = Estimate.objects.select_for_update().select_related("territory").get(pk=estimate_id)
    if run.started_at is not None or run.status != RunStatus.RUNNING:
        return False
    inputs = inputs_collect(question_of(run))
    EstimateCell.objects.bulk_create(
        EstimateCell(
            estimate=run,
            position=position,
            task=part.task,
            territory_id=part.territory_id,
            month=part.month,
            stratum=part.stratum,
            input=part.input,
        )
        for position, part in enumerate(inputs.parts)
    )
    Estimate.objects.filter(pk=run.pk).update(
        lists=inputs.lists,
        settings={**run.settings, "facts": {**inputs.facts, "review": _review()}},
        total=len(inputs.parts),
        started_at=now,
    )
    return True


def _review() -> dict[str, Any] | None:
    """What the review of sampled links says of the error of matching as the run is made, from then on kept with it."""
    counts = linkage_quality().beta_counts
    if counts is None:
        return None
    # Counts of a Beta distribution, less the half that a review's draws add to each.
    found, missed, wrong, right = (max(0.0, count - 0.5) for count in counts)
    return Review(kept(found), kept(missed), kept(wrong), kept(wrong + right)).to_json()


def cells_open(estimate_id: int) -> list[int]:
    """Ids of the open cells of the first phase that has any, in their order; empty once the run is done or failed."""
    open_cells = EstimateCell.objects.filter(
        estimate_id=estimate_id, computed_at=None, estimate__status=RunStatus.RUNNING
    )
    rows = list(open_cells.order_by("position").values_list("pk", "task"))
    first = min((phase_of(task) for _, task in rows), default=0)
    return [pk for pk, task in rows if phase_of(task) == first]


def estimate_cell_compute(*, cell_id: int, now: dt.datetime) -> bool:
    """Compute one open cell and write it; false where it is computed already, or somebody is at it.

    The cell is claimed by a lock, which goes when a worker dies: then the cell is open again. Where it cannot be
    computed the run has failed.
    """
    try:
        with transaction.atomic():
            return _computed(cell_id, now)
    except FAILURES as error:
        cell = EstimateCell.objects.defer("input", "output").get(pk=cell_id)
        where = f"Cell {cell.position} ({cell.task}{', ' + cell.stratum if cell.stratum else ''})"
        estimate_failed(cell.estimate_id, f"{where} could not be computed", error, now)
        return False


def _computed(cell_id: int, now: dt.datetime) -> bool:
    cell = (
        EstimateCell.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("estimate")
        .filter(pk=cell_id, computed_at=None, estimate__status=RunStatus.RUNNING)
        .first()
    )
    if cell is None:
        return False
    run = cell.estimate
    choices = []
    if phase_of(cell.task):
        earlier = EstimateCell.objects.filter(estimate=run, task__in=PHASES[0]).order_by("position")
        choices = list(earlier.values_list("output", flat=True))
        if None in choices:
            return False
    output = cell_output(
        cell.task,
        cell.input,
        settings=_settings(run),
        seed=run.seed,
        choices=[each for each in choices if each],
        matching=matching_by(run.settings["facts"], _settings(run)),
    )
    EstimateCell.objects.filter(pk=cell.pk).update(output=output, computed_at=now)
    Estimate.objects.filter(pk=run.pk).update(done=F("done") + 1)
    return True


def estimate_finish(*, estimate_id: int, now: dt.datetime) -> bool:
    """Put the result together where no cell is open any more; false where one is, or somebody has done so already."""
    run = Estimate.objects.select_related("territory").get(pk=estimate_id)
    if run.status != RunStatus.RUNNING or run.started_at is None or run.cells.filter(computed_at=None).exists():
        return False
    try:
        result = canonical(result_from(run, computed_cells(run)))
        finished = Estimate.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
            status=RunStatus.DONE, result=result, result_sha256=sha256_of(result), finished_at=now
        )
    except FAILURES as error:
        return estimate_failed(run.pk, "The result could not be put together", error, now)
    return bool(finished)


def estimate_run(*, estimate_id: int, now: dt.datetime) -> None:
    """All of a run in this process, as the command does it; beside workers that are at it too."""
    estimate_prepare(estimate_id=estimate_id, now=now)
    while todo := cells_open(estimate_id):
        if not [pk for pk in todo if estimate_cell_compute(cell_id=pk, now=now)]:
            break
    estimate_finish(estimate_id=estimate_id, now=now)


def estimates_stalled(*, now: dt.datetime) -> list[int]:
    """Runs with something left to do at which nobody is: no cell is locked, and for a minute none was computed."""
    before = now - STALLED_AFTER
    running = Estimate.objects.filter(status=RunStatus.RUNNING, created_at__lt=before)
    quiet = running.filter(Q(started_at=None) | Q(started_at__lt=before)).exclude(cells__computed_at__gte=before)
    return [pk for pk in quiet.order_by("pk").values_list("pk", flat=True) if not _somebody_is_at(pk)]


def _somebody_is_at(estimate_id: int) -> bool:
    with transaction.atomic():
        open_cells = EstimateCell.objects.filter(estimate_id=estimate_id, computed_at=None)
        free = list(open_cells.select_for_update(skip_locked=True).values_list("pk", flat=True))
        unlocked = list(Estimate.objects.filter(pk=estimate_id).select_for_update(skip_locked=True).values_list("pk"))
        return open_cells.count() > len(free) or not unlocked


def computed_cells(run: Estimate) -> list[Computed]:
    """The cells in their order, as the result reads them."""
    cells = run.cells.order_by("position").iterator(chunk_size=500)
    return [Computed(cell.task, cell.stratum, cell.territory_id, cell.input, cell.output or {}) for cell in cells]


def result_from(run: Estimate, cells: Iterable[Computed], facts: dict[str, Any] | None = None) -> dict[str, Any]:
    rows: QuerySet[Any, Any] = Territory.objects.filter(above__ancestor=run.territory_id)
    return result_of(
        run.kind,
        list(cells),
        settings=_settings(run),
        seed=run.seed,
        facts=run.settings["facts"] if facts is None else facts,
        as_of=run.as_of,
        known_on=run.known_at.date(),
        window=run.settings["months"],
        energy=run.settings.get("energy"),
        catalogue=run.settings.get("catalogue"),
        places={pk: (code, name) for pk, code, name in rows.values_list("pk", "code", "name")},
    )


def _settings(run: Estimate) -> Settings:
    return Settings.from_json(run.settings["headline"])


def phase_over(cell_ids: Iterable[int]) -> bool:
    """Whether of the run and phase to which these cells belong none is open any more."""
    first = EstimateCell.objects.filter(pk__in=list(cell_ids)).values_list("estimate_id", "task").first()
    if first is None:
        return False
    tasks = PHASES[phase_of(first[1])]
    return not EstimateCell.objects.filter(estimate_id=first[0], task__in=tasks, computed_at=None).exists()


def inputs_of(run: Estimate) -> Inputs:
    """What the run would be computed from today, of what was known at its time; nothing is stored."""
    with transaction.atomic():
        return inputs_collect(question_of(run))
