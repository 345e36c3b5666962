"""Links: which sightings may be of the same operation, as a model weighs it and as a clerk sees it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from registry.choices import RunStatus, Verdict, link_statuses, run_statuses, verdicts
from registry.models.history import before_change
from registry.models.miners import Miner
from registry.models.sightings import Sighting


class Linkage(models.Model):
    """One run of the linkage: its settings, its model, how many pairs it compared and what it made of them."""

    status = models.CharField(max_length=8, choices=run_statuses, default=RunStatus.RUNNING)
    settings = models.JSONField(default=dict, help_text="Thresholds, comparisons, seed, version of the library.")
    parameters = models.JSONField(default=dict, help_text="The trained probabilities, by comparison and level.")
    sightings = models.PositiveIntegerField(default=0, help_text="Sightings without a miner or a metering point.")
    pairs = models.PositiveIntegerField(default=0)
    linked = models.PositiveIntegerField(default=0)
    doubtful = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Linkage {self.pk}"


@before_change
class Link(models.Model):
    """One pair: a sighting of nobody known, and a miner on file or an earlier sighting that it may be about.

    It holds where a clerk said so, or where no clerk said anything and the model linked it. `other` is never itself
    linked to a sighting, so what a sighting is about is found in one step.
    """

    sighting = models.ForeignKey(Sighting, models.CASCADE, related_name="links")
    miner = models.ForeignKey(Miner, models.CASCADE, null=True, blank=True, related_name="links")
    other = models.ForeignKey(Sighting, models.CASCADE, null=True, blank=True, related_name="linked_from")
    weight = models.FloatField(null=True, blank=True, help_text="Match weight, in bits.")
    probability = models.FloatField(null=True, blank=True, help_text="That both are the same operation, by the model.")
    status = models.CharField(max_length=8, choices=link_statuses)
    comparison = models.JSONField(default=dict, help_text="What agreed and what did not, with the weight of each.")
    sampled = models.BooleanField(
        default=False, help_text="Drawn at random for review, so that its verdict measures the linkage."
    )
    verdict = models.CharField(max_length=9, choices=verdicts, blank=True, default="", db_default="")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    linkage = models.ForeignKey(Linkage, models.SET_NULL, null=True, blank=True, related_name="links")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=("status", "probability"), name="link_by_status"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(miner__isnull=True, other__isnull=False)
                | models.Q(miner__isnull=False, other__isnull=True),
                name="link_to_a_miner_or_a_sighting",
                violation_error_message="A link leads to a miner or to another sighting, not to both.",
            ),
            models.CheckConstraint(
                condition=models.Q(other__isnull=True) | models.Q(other__lt=models.F("sighting")),
                name="link_to_an_earlier_sighting",
                violation_error_message="A link leads to a sighting that came in earlier.",
            ),
            models.UniqueConstraint(
                fields=("sighting", "miner", "other"),
                nulls_distinct=False,
                name="link_once",
                violation_error_message="This pair is on file already.",
            ),
            models.UniqueConstraint(
                fields=("sighting",),
                condition=models.Q(verdict=Verdict.SAME) | models.Q(verdict="", status="linked"),
                name="link_that_holds_once",
                violation_error_message="This sighting is linked already; say of that link first that it is different.",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="") | models.Q(reviewed_at__isnull=False),
                name="link_verdict_has_a_time",
                violation_error_message="A verdict needs the time at which it was given.",
            ),
        ]

    def __str__(self) -> str:
        other = f"miner {self.miner_id}" if self.miner_id else f"sighting {self.other_id}"
        return f"Sighting {self.sighting_id} and {other}"

    @property
    def holds(self) -> bool:
        return self.verdict == Verdict.SAME or (not self.verdict and self.status == "linked")
