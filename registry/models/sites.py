"""Sites: the places where a miner mines."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now

from registry.choices import land_uses
from registry.models.history import before_change
from registry.models.miners import Miner
from registry.models.territories import Territory


@before_change
class Site(models.Model):
    """One place at which a miner runs devices, from its first known day to the day on which it was closed."""

    miner = models.ForeignKey(Miner, models.CASCADE, related_name="sites")
    name = models.CharField(max_length=200, help_text="How the miner or the clerk calls the place; once per miner.")
    territory = models.ForeignKey(
        Territory, models.PROTECT, related_name="sites", help_text="As exactly as known: bans differ by municipality."
    )
    address = models.CharField(max_length=300, blank=True)
    metering_point = models.CharField(
        max_length=64, null=True, blank=True, unique=True, help_text="The grid operator's number of the supply point."
    )
    capacity_kw = models.DecimalField("capacity, kW", max_digits=14, decimal_places=3, null=True, blank=True)
    off_grid = models.BooleanField(
        "own off-grid generation",
        null=True,
        blank=True,
        help_text="Fed only by the miner's own generation, cut off from the grid. Unknown is an answer.",
    )
    interruptible_percent = models.DecimalField(
        "interruptible load, %",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="The part of the annual peak that can be shed on demand. Unknown is an answer.",
    )
    data_centre = models.BooleanField(
        "in a data centre", null=True, blank=True, help_text="Whether it lies in a data centre. Unknown is an answer."
    )
    land_use = models.CharField(
        max_length=12,
        choices=land_uses,
        blank=True,
        db_default="",
        default="",
        help_text="Empty where it is not known.",
    )
    host = models.ForeignKey(
        Miner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="hosted_sites",
        help_text="The infrastructure operator that serves this site, if another than the miner does.",
    )
    disclosed_on = models.DateField(
        null=True, blank=True, help_text="The day on which the host named the miner of this site to the authority."
    )
    period = DateRangeField(help_text="From the first known day of mining here to the day on which it had ended.")
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("miner", "name"),
                name="site_name_once_per_miner",
                violation_error_message="This miner already has a site of that name.",
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False) & models.Q(period__startswith__isnull=False),
                name="site_period_has_a_start",
                violation_error_message="The period of a site needs a first day, and may not end before it starts.",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity_kw__isnull=True) | models.Q(capacity_kw__gt=0),
                name="site_capacity_positive",
                violation_error_message="Capacity is a positive number of kW; leave it empty where it is not known.",
            ),
            models.CheckConstraint(
                condition=models.Q(interruptible_percent__isnull=True)
                | models.Q(interruptible_percent__gte=0, interruptible_percent__lte=100),
                name="site_interruptible_up_to_100",
                violation_error_message="The interruptible load is 0 to 100 percent; leave it empty where unknown.",
            ),
            models.CheckConstraint(
                condition=models.Q(host__isnull=True) | ~models.Q(host=models.F("miner")),
                name="site_host_is_another",
                violation_error_message="The host is another than the miner; leave it empty where the miner runs it.",
            ),
            models.CheckConstraint(
                condition=models.Q(disclosed_on__isnull=True) | models.Q(host__isnull=False),
                name="site_disclosed_by_a_host",
                violation_error_message="A site without a host has nobody who could have disclosed it.",
            ),
            models.CheckConstraint(
                condition=models.Q(metering_point__isnull=True) | ~models.Q(metering_point=""),
                name="site_metering_point_not_blank",
                violation_error_message="Leave the metering point empty where it is not known.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
