"""Meter readings: the energy that one metering point drew in one month."""

from django.db import models
from django.db.models.functions import Now

from registry.models.history import before_change
from registry.models.miners import Miner


@before_change
class Reading(models.Model):
    """The energy drawn at one metering point in one calendar month, as the grid operator reports it.

    It belongs to whatever site carries that metering point; a reading may come before the site is on file.
    """

    metering_point = models.CharField(max_length=64)
    month = models.DateField(help_text="The first day of the month.")
    energy_kwh = models.DecimalField("energy, kWh", max_digits=16, decimal_places=3)
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("metering_point", "month"),
                name="reading_once_a_month",
                violation_error_message="This metering point already has a reading for that month.",
            ),
            models.CheckConstraint(
                condition=models.Q(energy_kwh__gte=0),
                name="reading_not_negative",
                violation_error_message="Energy is zero or more kWh.",
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1),
                name="reading_month_starts_on_the_first",
                violation_error_message="Give the month by its first day.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metering_point} {self.month:%Y-%m}"


class MonthlyEnergy(models.Model):
    """What one miner drew in one month over all its sites: a view over readings and sites, never written.

    `next_month` is the next month for which any of its sites has a reading, null after the last; `year_to_date_kwh`
    adds up the calendar year up to and with the month.
    """

    pk = models.CompositePrimaryKey("miner_id", "month")
    miner = models.ForeignKey(Miner, models.DO_NOTHING, related_name="monthly_energy")
    month = models.DateField()
    energy_kwh = models.DecimalField(max_digits=16, decimal_places=3)
    next_month = models.DateField(null=True)
    year_to_date_kwh = models.DecimalField(max_digits=16, decimal_places=3)

    class Meta:
        managed = False
        db_table = "registry_monthlyenergy"

    def __str__(self) -> str:
        return f"{self.miner_id} {self.month:%Y-%m}"
