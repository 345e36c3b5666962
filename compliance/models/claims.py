"""Claims: what somebody said about the size or the share of mining, as they said it, with its source."""

from django.db import models

from compliance.choices import confidences
from registry.models import Territory


class Claim(models.Model):
    """One sourced statement; it stands beside our figures and is never mixed into them."""

    code = models.CharField(max_length=80, unique=True)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="claims")
    said_by = models.CharField(max_length=200)
    said_on = models.DateField()
    statement = models.TextField(help_text="What was said, in our words.")
    quote = models.TextField(blank=True, db_default="", default="", help_text="What was said, word for word.")
    where_said = models.CharField(
        max_length=200, blank=True, db_default="", default="", help_text="The paper, agency, conference or hearing."
    )
    about_on = models.DateField(
        null=True, blank=True, help_text="The day that the figure is about; the day it was said if left empty."
    )
    bounds = models.CharField(
        max_length=32, help_text="What it bounds: registration_rate, registered, operations, energy, …"
    )
    low = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    high = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    unit = models.CharField(max_length=32, blank=True, help_text="share (0 to 1), miners, kWh a year, RUB, …")
    url = models.URLField(max_length=500, blank=True)
    confidence = models.CharField(max_length=1, choices=confidences)

    class Meta:
        ordering = ("said_on", "code")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low__isnull=True)
                | models.Q(high__isnull=True)
                | models.Q(low__lte=models.F("high")),
                name="claim_low_up_to_high",
                violation_error_message="The lower figure of a claim exceeds its higher one.",
            ),
            models.CheckConstraint(
                condition=~models.Q(unit="share") | (models.Q(low__gte=0) & models.Q(high__lte=1)),
                name="claim_share_up_to_one",
                violation_error_message="A share lies between 0 and 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.said_by}, {self.said_on}"
