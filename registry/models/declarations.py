"""Declarations: the currency that a miner says it mined in a month."""

from django.db import models
from django.db.models.functions import Now

from registry.models.history import before_change
from registry.models.miners import Miner


@before_change
class Declaration(models.Model):
    """What one miner declared for one month of one mined currency, and the day on which it declared it."""

    miner = models.ForeignKey(Miner, models.CASCADE, related_name="declarations")
    month = models.DateField(help_text="The first day of the month in which the currency was received.")
    currency = models.CharField(max_length=16, help_text="The mined currency's ticker, such as BTC.")
    amount = models.DecimalField(max_digits=30, decimal_places=12)
    declared_on = models.DateField()
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("miner", "month", "currency"),
                name="declaration_once_a_month",
                violation_error_message="This miner already declared this currency for that month.",
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
