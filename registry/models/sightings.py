"""Sightings: signs of mining seen by somebody, with or without a known miner behind them."""

from django.db import models
from django.db.models.functions import Now

from registry.choices import sighting_kinds
from registry.models.history import before_change
from registry.models.lists import SightingList
from registry.models.miners import Miner
from registry.models.territories import Territory


@before_change
class Sighting(models.Model):
    """One sign of mining reported by one source on one day."""

    kind = models.CharField(max_length=16, choices=sighting_kinds)
    list = models.ForeignKey(
        SightingList,
        models.PROTECT,
        related_name="sightings",
        help_text="The list that it is on; by default the one of its kind.",
    )
    source = models.CharField(max_length=120, help_text="Who reported it, such as the grid operator's name.")
    reference = models.CharField(max_length=120, help_text="The source's own number of the report; once per source.")
    seen_on = models.DateField()
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="sightings")
    miner = models.ForeignKey(
        Miner,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="sightings",
        help_text="Leave it empty where nobody knows who it was.",
    )
    name = models.CharField(
        max_length=300, blank=True, db_default="", default="", help_text="Who is said to mine there, as reported."
    )
    address = models.CharField(max_length=300, blank=True, db_default="", default="", help_text="As reported.")
    metering_point = models.CharField(max_length=64, blank=True)
    power_kw = models.DecimalField("power, kW", max_digits=14, decimal_places=3, null=True, blank=True)
    device_count = models.PositiveIntegerField(null=True, blank=True)
    url = models.URLField(blank=True, max_length=500)
    note = models.TextField(blank=True)
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=("territory", "seen_on"), name="sighting_place_and_day"),
            models.Index(fields=("seen_on", "id"), name="sighting_by_day"),
            models.Index(fields=("metering_point",), name="sighting_point", condition=~models.Q(metering_point="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("source", "reference"),
                name="sighting_once_per_source",
                violation_error_message="This source already has a report of that number.",
            ),
            models.CheckConstraint(
                condition=models.Q(power_kw__isnull=True) | models.Q(power_kw__gt=0),
                name="sighting_power_positive",
                violation_error_message="Power is a positive number of kW; leave it empty where it is not known.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.reference}"
