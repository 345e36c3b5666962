"""Imports: taking a file in, and seeing to it that somebody runs it."""

import datetime as dt
import hashlib
import json
import logging

from celery import current_app
from django.contrib.auth.models import AbstractBaseUser
from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from kombu.exceptions import OperationalError

from registry.choices import ImportStatus
from registry.models import Import

log = logging.getLogger(__name__)

RUN_TASK = "registry.run_import"
QUEUE_TASK = "registry.run_queued_imports"
# An import that waits longer than this was not announced (the broker was gone); one that runs for longer than this
# may have lost its worker.
NOT_ANNOUNCED = dt.timedelta(seconds=10)
MAYBE_LOST = dt.timedelta(seconds=60)
GIVE_UP = dt.timedelta(hours=6)


def import_create(
    *,
    noun: str,
    file: File,
    file_name: str,
    user: AbstractBaseUser | None,
    dry_run: bool = False,
    announce: bool = True,
) -> Import:
    """Keeps the file and announces it to the workers; where the broker is gone, the schedule finds it later.

    `announce` is false for a caller that runs the import itself.
    """
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    with transaction.atomic():
        import_run = Import(
            noun=noun,
            file_name=file_name[:255],
            sha256=digest.hexdigest(),
            dry_run=dry_run,
            user_id=user.pk if user else None,
        )
        # The name in the store is ours: the sender's may hold anything.
        suffix = ".xlsx" if file_name.lower().endswith(".xlsx") else ".csv"
        import_run.file.save(f"{noun}-{digest.hexdigest()[:16]}{suffix}", file, save=False)
        import_run.save()
        if announce:
            transaction.on_commit(lambda: _announce(import_run.pk))
    return import_run


def _announce(import_id: int) -> None:
    try:
        current_app.send_task(RUN_TASK, args=[import_id], ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("Import #%s waits, as the broker does not answer: %s", import_id, error)


def imports_left_over(now: dt.datetime) -> QuerySet[Import]:
    """Imports that nobody was told of, and those whose worker may have died."""
    return Import.objects.filter(
        Q(status=ImportStatus.QUEUED, created_at__lt=now - NOT_ANNOUNCED)
        | Q(status=ImportStatus.RUNNING, started_at__lt=now - MAYBE_LOST)
    ).order_by("pk")


def imports_give_up(now: dt.datetime) -> int:
    """Ends imports that were begun again and again for hours: something in them kills the worker."""
    return Import.objects.filter(status=ImportStatus.RUNNING, created_at__lt=now - GIVE_UP).update(
        status=ImportStatus.FAILED,
        finished_at=now,
        failure="The import did not end within six hours, however often it was begun. Split the file.",
    )


def imports_schedule() -> None:
    """Puts the look for left-over imports on the schedule; a clerk's own setting of it stays."""
    every, _ = IntervalSchedule.objects.get_or_create(every=10, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.get_or_create(
        name="Run imports that wait",
        defaults={
            "task": QUEUE_TASK,
            "interval": every,
            "args": json.dumps([]),
            "description": "Runs imports that were handed in while the broker was gone, or whose worker died.",
            "expire_seconds": 10,
        },
    )
