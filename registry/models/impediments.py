"""Impediments: facts on file that may bar a person from mining."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now

from registry.choices import impediment_kinds
from registry.models.history import before_change
from registry.models.miners import Miner


@before_change
class Impediment(models.Model):
    """One such fact about one miner (or an owner on file) during a period, with the document that establishes it.

    None on file means that nothing is known against the person, which counts as nothing.
    """

    miner = models.ForeignKey(Miner, models.CASCADE, related_name="impediments")
    kind = models.CharField(max_length=16, choices=impediment_kinds)
    period = DateRangeField(help_text="From the day on which it took effect to the day on which it had ended.")
    source = models.CharField(max_length=200, help_text="The judgment, list or document that says so.")
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("miner", "kind", "source"),
                name="impediment_once_per_source",
                violation_error_message="This source is already on file for this miner.",
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False) & models.Q(period__startswith__isnull=False),
                name="impediment_period_has_a_start",
                violation_error_message="The period needs a first day, and may not end before it starts.",
            ),
            models.CheckConstraint(
                condition=~models.Q(source=""),
                name="impediment_has_a_source",
                violation_error_message="Name the document that establishes it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.source}"
