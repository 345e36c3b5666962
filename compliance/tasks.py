"""What compliance does in the background: each task may run twice, and reads the clock for the services below it."""

from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from compliance.choices import RunKind
from compliance.reports.issue import report_issue
from compliance.services import recomputation
from compliance.services.reports import report_send
from registry.errors import Refusal

# Attempts after a failure that may pass: after 1, 2, 4, then every 8 minutes, for some two hours. No wait may outlast
# the broker's visibility timeout, or it would hand the waiting task out again.
SEND_RETRIES = 16
LONGEST_WAIT = 480


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
