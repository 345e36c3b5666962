"""Declarations: the currency that a miner says it mined in a month, a quarter or a year."""

from django.db import models
from django.db.models.functions import Now

from registry.models.history import before_change
from registry.models.miners import Miner


@before_change
class Declaration(models.Model):
    """What one miner declared for one period of one mined currency, and the day on which it declared it.

    `contents` names what the declaration held besides the amount; null where nobody has written that down.
    """

    miner = models.ForeignKey(Miner, models.CASCADE, related_name="declarations")
    month = models.DateField(help_text="The first day of the (first) month in which the currency was received.")
    months = models.PositiveSmallIntegerField(
        db_default=1, default=1, help_text="How many months it covers: 1, 3 or 12."
    )
    currency = models.CharField(max_length=16, help_text="The mined currency's ticker, such as BTC.")
    amount = models.DecimalField(max_digits=30, decimal_places=12)
    energy_kwh = models.DecimalField(
        "declared energy, kWh",
        max_digits=16,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="The energy that the miner says it used; empty where it said nothing of it.",
    )
    contents = models.JSONField(
        null=True, blank=True, help_text='What else it held: a list such as ["addresses"]; empty where not known.'
    )
    declared_on = models.DateField()
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("miner", "month", "months", "currency"),
                name="declaration_once_a_month",
                violation_error_message="This miner already declared this currency for that month.",
            ),
            models.CheckConstraint(
                condition=models.Q(months__in=(1, 3, 12)),
                name="declaration_of_a_month_quarter_or_year",
                violation_error_message="A declaration covers 1, 3 or 12 months.",
            ),
            models.CheckConstraint(
                condition=models.Q(energy_kwh__isnull=True) | models.Q(energy_kwh__gte=0),
                name="declaration_energy_not_negative",
                violation_error_message="Declared energy is zero or more kWh.",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0),
                name="declaration_not_negative",
                violation_error_message="A declared amount is zero or more.",
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1),
                name="declaration_month_starts_on_the_first",
                violation_error_message="Give the month by its first day.",
            ),
            models.CheckConstraint(
                condition=models.Q(declared_on__gte=models.F("month")),
                name="declaration_not_before_its_month",
                violation_error_message="A month cannot be declared before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}, {self.month:%Y-%m}"
