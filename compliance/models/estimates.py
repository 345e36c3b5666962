"""Estimates of all mining: numbered runs, each with the receipt from which it can be computed again."""

import pgtrigger
from django.conf import settings as project
from django.db import models
from django.db.models.functions import Now

from compliance.choices import RunStatus, estimate_kinds, run_statuses
from registry.models import Territory

# A run that is done says the same for ever; only whether it was verified, and whose it was, may change.
FROZEN = """OLD."status" = 'done' AND
    to_jsonb(OLD.*) - '{verification,user_id}'::text[] IS DISTINCT FROM
    to_jsonb(NEW.*) - '{verification,user_id}'::text[]"""


class Estimate(models.Model):
    """One run, numbered by its id: what was asked, what it was computed from, and what came out.

    `settings`, `lists`, `law` and `code_version` with the seed are its receipt: the register as known at `known_at`
    gives the same tables, and these the same `result`, to the last digit, however many workers share the cells.
    A run without `started_at` waits for a worker.
    """

    kind = models.CharField(max_length=8, choices=estimate_kinds)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    as_of = models.DateField(help_text="The last day of the window.")
    window_from = models.DateField(help_text="The first day of the window.")
    known_at = models.DateTimeField(help_text="What was recorded later does not count.")
    settings = models.JSONField(help_text="All that steers the computation; see docs/methods/registration-estimate.md.")
    seed = models.BigIntegerField()
    code_version = models.CharField(max_length=80)
    law = models.JSONField(default=dict, help_text="Version and hash of each pack that it read, and what it took.")
    lists = models.JSONField(default=list, help_text="Each list with its traits, its rows, and the hash of these.")
    result = models.JSONField(null=True, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=8, choices=run_statuses, default=RunStatus.RUNNING)
    done = models.PositiveIntegerField(default=0, help_text="Cells computed.")
    total = models.PositiveIntegerField(default=0, help_text="Cells to compute.")
    failure = models.TextField(blank=True)
    user = models.ForeignKey(project.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    verification = models.JSONField(
        null=True, blank=True, help_text="When it was last computed again, whether all was the same, and what was not."
    )

    class Meta:
        ordering = ("-id",)
        triggers = [
            pgtrigger.Protect(name="done_once", operation=pgtrigger.Update, condition=pgtrigger.Condition(FROZEN)),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]
        indexes = [models.Index(fields=("territory", "as_of"), name="estimate_place_and_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window_from__lte=models.F("as_of")),
                name="estimate_window_not_empty",
                violation_error_message="The window begins on or before its last day.",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=RunStatus.DONE)
                | (models.Q(result__isnull=False) & ~models.Q(result_sha256="")),
                name="estimate_done_has_a_result",
            ),
        ]

    def __str__(self) -> str:
        return f"Estimate {self.pk}"

    @property
    def is_shown(self) -> bool:
        """Whether it may stand as the service's figure: not a try with settings of somebody's own."""
        return bool(self.settings.get("standard", True))


class EstimateCell(models.Model):
    """One part of a run that a worker computes by itself: its input, and once computed its output.

    Its chance comes from the run's seed and its position alone. A cell is written once, whoever computes it first.
    """

    estimate = models.ForeignKey(Estimate, models.CASCADE, related_name="cells")
    position = models.PositiveIntegerField()
    task = models.CharField(max_length=16, help_text="What is computed: model, bootstrap, region …")
    territory = models.ForeignKey(Territory, models.PROTECT, null=True, related_name="+")
    month = models.DateField(null=True)
    stratum = models.CharField(max_length=200, blank=True, help_text="Size class or kind of miner; empty for all.")
    input = models.JSONField()
    output = models.JSONField(null=True)
    computed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("estimate", "position")
        triggers = [
            pgtrigger.Protect(
                name="computed_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition('OLD."computed_at" IS NOT NULL'),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(fields=("estimate", "position"), name="estimate_cell_once"),
            models.CheckConstraint(
                condition=models.Q(output__isnull=True, computed_at__isnull=True)
                | models.Q(output__isnull=False, computed_at__isnull=False),
                name="estimate_cell_computed_has_output",
            ),
        ]
        indexes = [
            models.Index(
                fields=("estimate", "position"),
                name="estimate_cell_open",
                condition=models.Q(computed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.estimate_id}/{self.position}"


class EstimateDifference(models.Model):
    """Why two runs that are done differ: parts that add up exactly, computed once and kept."""

    earlier = models.ForeignKey(Estimate, models.CASCADE, related_name="+")
    later = models.ForeignKey(Estimate, models.CASCADE, related_name="+")
    parts = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("earlier", "later"), name="estimate_difference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.earlier_id} to {self.later_id}"
