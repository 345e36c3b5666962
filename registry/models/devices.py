"""Device models and the devices that stand at a site."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now

from registry.models.history import before_change
from registry.models.sites import Site


class DeviceModel(models.Model):
    """One model of mining device as its maker states it; seeded from `registry/seed/asic_models.csv`."""

    maker = models.CharField(max_length=64)
    name = models.CharField("model", max_length=120)
    algorithm = models.CharField(max_length=64)
    hashrate = models.DecimalField(max_digits=16, decimal_places=4)
    hashrate_unit = models.CharField(
        max_length=12, help_text="TH/s, GH/s, MH/s, kSol/s, … as the algorithm is counted."
    )
    power_w = models.DecimalField("power, W", max_digits=10, decimal_places=2, null=True, blank=True)
    efficiency = models.CharField(max_length=40, blank=True, help_text="As the source states it, with its unit.")
    released_month = models.CharField(max_length=7, blank=True, help_text="YYYY-MM, or a year where no more is known.")
    cooling = models.CharField(max_length=24, blank=True)
    source_codes = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("maker", "name")
        constraints = [
            models.UniqueConstraint(fields=("maker", "name", "hashrate"), name="device_model_once"),
            models.CheckConstraint(condition=models.Q(hashrate__gt=0), name="device_model_hashrate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.maker} {self.name}"


@before_change
class Device(models.Model):
    """One device with its serial number, or a batch of devices of one model without, at one site during a period."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="devices")
    model = models.ForeignKey(DeviceModel, models.PROTECT, related_name="devices")
    serial_number = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  unique where known
    quantity = models.PositiveIntegerField(default=1, help_text="More than 1 only for a batch without serial numbers.")
    period = DateRangeField(help_text="From the first day at the site to the day on which it had left.")
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity=1) | models.Q(serial_number__isnull=True, quantity__gt=1),
                name="device_serial_means_one",
                violation_error_message="A serial number belongs to one device: enter a quantity of 1.",
            ),
            models.UniqueConstraint(
                fields=("model", "serial_number"),
                condition=models.Q(period__endswith__isnull=True),
                name="device_serial_at_one_site",
                violation_error_message="A device with this serial number already stands at a site.",
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False) & models.Q(period__startswith__isnull=False),
                name="device_period_has_a_start",
                violation_error_message="The period of a device needs a first day, and may not end before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return self.serial_number or f"{self.quantity} × {self.model}"
