"""The register's tasks: they take ids, may run twice, and read the clock for what they call."""

from celery import shared_task
from django.utils import timezone

from registry.errors import Refusal
from registry.intake.run import import_run
from registry.services.imports import QUEUE_TASK, RUN_TASK, imports_give_up, imports_left_over
from registry.services.linkage import LINK_TASK, link_sightings


@shared_task(name=RUN_TASK)
def run_import(import_id: int) -> None:
    import_run(import_id=import_id, today=timezone.localdate())


@shared_task(name=QUEUE_TASK)
def run_queued_imports() -> None:
    now = timezone.now()
    imports_give_up(now)
    for import_id in imports_left_over(now).values_list("pk", flat=True):
        import_run(import_id=import_id, today=timezone.localdate(now))


@shared_task(name=LINK_TASK, acks_late=True, reject_on_worker_lost=True)
def link_anew() -> str:
    """A run that is underway elsewhere finds the same links, so this one leaves it at that."""
    try:
        run = link_sightings(now=timezone.now())
    except Refusal as refusal:
        return refusal.sentence
    return f"{run}: {run.get_status_display()}"
