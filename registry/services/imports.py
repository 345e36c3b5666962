"""Imports: taking a file in, and seeing to it that somebody runs it."""

import datetime as dt
import hashlib
import json
import logging

from celery import current_app
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.core.files import File
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from kombu.exceptions import OperationalError

from registry.choices import ImportStatus
from registry.models import (
    Account,
    Declaration,
    Device,
    Identifier,
    Impediment,
    Import,
    Miner,
    Ownership,
    Reading,
    Registration,
    Sighting,
    Site,
)

log = logging.getLogger(__name__)

RUN_TASK = "registry.run_import"
QUEUE_TASK = "registry.run_queued_imports"
# An import that waits longer than this was not announced (the broker was gone); one that runs for longer than this
# may have lost its worker.
NOT_ANNOUNCED = dt.timedelta(seconds=10)
MAYBE_LOST = dt.timedelta(seconds=60)
GIVE_UP = dt.timedelta(hours=6)

# What a file of each noun writes: handing one in takes the same permissions as writing its rows one by one, and its
# refused rows are read by who may read the others.
WRITES: dict[str, tuple[type[Model], ...]] = {
    "miners": (Miner, Identifier),
    "ownerships": (Ownership,),
    "sites": (Site,),
    "devices": (Device,),
    "registrations": (Registration,),
    "sightings": (Sighting,),
    "readings": (Reading,),
    "declarations": (Declaration,),
    "accounts": (Account,),
    "impediments": (Impediment,),
}


def noun_permissions(noun: str, *verbs: str) -> list[str]:
    """The permissions on all that a file of the noun holds; none for a noun that cannot be imported."""
    return [
        f"{model._meta.app_label}.{verb}_{model._meta.model_name}" for model in WRITES.get(noun, ()) for verb in verbs
    ]


def nouns_readable(user: PermissionsMixin | AnonymousUser) -> list[str]:
    """The nouns of whose files the user may read the rows."""
    return [noun for noun in WRITES if user.has_perms(noun_permissions(noun, "view"))]


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
