"""Cases: what an authority does about one breach of one norm by one miner."""

import pghistory
from django.db import models
from django.db.models.functions import Now

from compliance.choices import CaseStatus, case_statuses
from compliance.models.findings import Finding
from compliance.models.norms import Norm
from registry.models import Miner


@pghistory.track()
class Case(models.Model):
    """One proceeding against one miner under one norm for one day of offence; it may rest on a finding."""

    miner = models.ForeignKey(Miner, models.PROTECT, related_name="cases")
    norm = models.ForeignKey(Norm, models.PROTECT, related_name="cases")
    finding = models.ForeignKey(Finding, models.SET_NULL, null=True, blank=True, related_name="cases")
    offence_on = models.DateField(help_text="The day of the offence; the norm must have been in force on it.")
    opened_on = models.DateField()
    status = models.CharField(max_length=8, choices=case_statuses, default=CaseStatus.OPEN)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opened_on__gte=models.F("offence_on")),
                name="case_not_before_its_offence",
                violation_error_message="A case cannot be opened before the day of the offence.",
            )
        ]

    def __str__(self) -> str:
        return f"Case {self.pk}: {self.miner}"
