"""Stale marks: what has changed since the totals were last computed, and the runs that recompute them."""

from django.db import models
from django.db.models.functions import Now

from compliance.choices import RunStatus, run_kinds, run_statuses
from registry.models import Territory


class StaleMark(models.Model):
    """One note by a trigger that the totals of a miner, of a cell, or (all null) of everything may have moved.

    Only ever appended; a run takes and deletes it in the transaction that brings the totals up to date.
    """

    miner_id = models.BigIntegerField(null=True)
    territory = models.ForeignKey(Territory, models.CASCADE, null=True, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=12, blank=True)
    source = models.CharField(max_length=40)
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.source} {self.marked_at}"


class Recomputation(models.Model):
    """One run over the totals, with its progress; the task, the command and the admin all read it here."""

    kind = models.CharField(max_length=8, choices=run_kinds)
    as_of = models.DateField()
    status = models.CharField(max_length=8, choices=run_statuses, default=RunStatus.RUNNING)
    done = models.PositiveIntegerField(default=0, help_text="Parts finished.")
    total = models.PositiveIntegerField(default=0, help_text="Parts to do.")
    failure = models.TextField(blank=True)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} as of {self.as_of}: {self.done} of {self.total}"
