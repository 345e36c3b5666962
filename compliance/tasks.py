"""What compliance does in the background: each task may run twice, and reads the clock for the services below it."""

from typing import Any

from celery import Task, group, shared_task
from django.utils import timezone

from compliance.choices import EstimateKind, RunKind
from compliance.models import Estimate
from compliance.reports.issue import report_issue
from compliance.services import estimates, recomputation
from compliance.services.estimate_asking import difference_compute
from compliance.services.estimate_checks import estimate_verify
from compliance.services.estimate_schedule import monthly_runs
from compliance.services.reports import report_send
from registry.errors import Refusal

# Attempts after a failure that may pass: after 1, 2, 4, then every 8 minutes, for some two hours. No wait may outlast
# the broker's visibility timeout, or it would hand the waiting task out again.
SEND_RETRIES = 16
LONGEST_WAIT = 480
# Few enough that a worker that dies loses little.
CELLS_PER_TASK = 3
# Of the priorities of the broker, of which 0 is the first.
LAST = 9


@shared_task(name="compliance.issue_report", bind=True)
def issue_report(self: Task) -> str:
    """Issue today's compliance report for the schedule that asks, once a day however often it is run, and send it."""
    now = timezone.now()
    today = timezone.localdate(now)
    schedule = getattr(self.request, "periodic_task_name", None) or "by hand"
    report = report_issue(as_of=today, created_at=now, key=f"{schedule}, {today}")
    send_report.delay(report.pk)
    return report.number


@shared_task(name="compliance.send_report", bind=True, max_retries=SEND_RETRIES)
def send_report(self: Task, report_id: int) -> Any:
    """Mail one report to its recipients; tries again where the failure may pass, the reason is kept with the report."""
    try:
        report_send(report_id=report_id, now=timezone.now())
    except Refusal as refusal:
        if refusal.retry:
            raise self.retry(exc=refusal, countdown=min(LONGEST_WAIT, 60 * 2**self.request.retries)) from refusal


@shared_task(name="compliance.recompute_rates")
def recompute_rates() -> None:
    """Count all registration rates again as of today."""
    recomputation.recompute(as_of=timezone.localdate(), kinds=[RunKind.RATES])


@shared_task(name="compliance.recompute_exposure")
def recompute_exposure() -> None:
    """Read all norms against the whole register again as of today, and price what is open."""
    recomputation.recompute(as_of=timezone.localdate(), kinds=[RunKind.EXPOSURE])


@shared_task(name="compliance.refresh_stale")
def refresh_stale() -> int:
    """Bring the totals up to date with what has changed; the number of marks that were taken."""
    return recomputation.refresh_stale(as_of=timezone.localdate())


@shared_task(name="compliance.estimate")
def estimate(estimate_id: int) -> None:
    """Bring a run of the estimate forward: collect its tables, share its open cells out, or put its result together."""
    now = timezone.now()
    estimates.estimate_prepare(estimate_id=estimate_id, now=now)
    cells = estimates.cells_open(estimate_id)
    if not cells:
        estimates.estimate_finish(estimate_id=estimate_id, now=now)
        return
    # Cells are shared out in turn, since those of one stratum, which cost alike, follow each other.
    tasks = max(1, -(-len(cells) // CELLS_PER_TASK))
    # What keeps totals fresh goes before.
    group(estimate_cell.s(estimate_id, cells[first::tasks]) for first in range(tasks)).apply_async(priority=LAST)


@shared_task(name="compliance.estimate_cell")
def estimate_cell(estimate_id: int, cell_ids: list[int]) -> int:
    """Compute those of the cells that are open and nobody else's; whoever computes the last one brings the run forward.

    Returns how many it computed.
    """
    computed = sum(estimates.estimate_cell_compute(cell_id=pk, now=timezone.now()) for pk in cell_ids)
    if computed and estimates.phase_over(cell_ids):
        estimate.delay(estimate_id)
    return computed


@shared_task(name="compliance.resume_estimates")
def resume_estimates() -> list[int]:
    """Take up again the runs whose worker died, and those that never reached one."""
    stalled = estimates.estimates_stalled(now=timezone.now())
    for pk in stalled:
        estimate.delay(pk)
    return stalled


@shared_task(name="compliance.verify_estimate")
def verify_estimate(estimate_id: int) -> None:
    """Compute a finished run again and keep whether all is the same."""
    estimate_verify(estimate_id=estimate_id, now=timezone.now())


@shared_task(name="compliance.estimate_difference")
def estimate_difference(earlier_id: int, later_id: int) -> None:
    """Split the difference of two finished runs into its parts and keep them."""
    difference_compute(earlier_id=earlier_id, later_id=later_id)


@shared_task(name="compliance.estimate_national")
def estimate_national() -> list[int]:
    """The month's run by size of every country with a pack and sightings, once a month however often it is run."""
    return [estimate_start(run) for run in monthly_runs(kind=EstimateKind.WHOLE, now=timezone.now())]


@shared_task(name="compliance.estimate_regions")
def estimate_regions() -> list[int]:
    """The month's run region by region, of the same countries."""
    return [estimate_start(run) for run in monthly_runs(kind=EstimateKind.REGIONS, now=timezone.now())]


def estimate_start(run: Estimate) -> int:
    estimate.delay(run.pk)
    return run.pk
