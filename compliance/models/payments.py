"""Payments towards fines."""

import pghistory
from django.db import models
from django.db.models.functions import Now

from compliance.models.fines import Fine


@pghistory.track()
class Payment(models.Model):
    """One sum that arrived for one fine on one day, in the fine's currency."""

    fine = models.ForeignKey(Fine, models.PROTECT, related_name="payments")
    reference = models.CharField(
        max_length=80, unique=True, help_text="The bank's or treasury's number of the payment."
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    paid_on = models.DateField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0),
                name="payment_amount_positive",
                violation_error_message="A payment is more than zero.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"
