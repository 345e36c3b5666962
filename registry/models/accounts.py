"""Accounts: what is known in money of one year of a miner."""

from django.db import models
from django.db.models.functions import Now

from registry.models.history import before_change
from registry.models.miners import Miner


@before_change
class Account(models.Model):
    """The turnover, the gain and the damage done of one miner in one calendar year; each is empty where not known."""

    miner = models.ForeignKey(Miner, models.CASCADE, related_name="accounts")
    year = models.PositiveSmallIntegerField()
    turnover = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    gain = models.DecimalField(
        max_digits=20, decimal_places=2, null=True, blank=True, help_text="The income from mining."
    )
    damage = models.DecimalField(
        max_digits=20, decimal_places=2, null=True, blank=True, help_text="The damage to others, as established."
    )
    currency = models.CharField(max_length=3, help_text="ISO 4217.")
    source = models.CharField(max_length=200, help_text="The document that says so.")
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("miner", "year"),
                name="account_once_a_year",
                violation_error_message="This miner already has an account of that year.",
            ),
            models.CheckConstraint(
                condition=models.Q(year__gte=2009, year__lte=2100),
                name="account_year_plausible",
                violation_error_message="Give the year with four digits, from 2009 on.",
            ),
            models.CheckConstraint(
                condition=(models.Q(turnover__isnull=True) | models.Q(turnover__gte=0))
                & (models.Q(gain__isnull=True) | models.Q(gain__gte=0))
                & (models.Q(damage__isnull=True) | models.Q(damage__gte=0)),
                name="account_not_negative",
                violation_error_message="Turnover, gain and damage are zero or more; leave empty what is not known.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.miner_id} {self.year}"
