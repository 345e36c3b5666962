"""Fines: what a decision in a case makes the miner owe."""

import datetime as dt
from decimal import Decimal

import pghistory
import pgtrigger
from django.db import models
from django.db.models.functions import Coalesce, Now, Round

from compliance.choices import FineStatus, Occurrence, fine_statuses, occurrences
from compliance.models.cases import Case
from compliance.models.norms import Penalty

MONEY = models.DecimalField(max_digits=18, decimal_places=2)

# A band that became law after the offence, if only for a while before the decision, may be used only where a milder
# later law reaches back, and only if it is milder: in its highest amount or, where that is the same, in its lowest.
# Amounts of different measures, and those that depend on facts, are compared by the service.
RESTS_ON_LAW = """
    IF NOT EXISTS (
        SELECT 1 FROM compliance_case c
        JOIN compliance_norm n ON n.id = c.norm_id
        JOIN compliance_lawpack pack ON pack.id = n.pack_id
        JOIN registry_miner m ON m.id = c.miner_id
        JOIN compliance_penalty p ON p.id = NEW.penalty_id AND p.norm_id = n.id
         AND p.offender IN (CASE m.kind WHEN 'individual' THEN 'citizen' WHEN 'pool' THEN 'legal_entity'
                                        ELSE m.kind END,
                            CASE WHEN m.kind IN ('legal_entity', 'operator', 'pool') THEN 'official' END)
        WHERE c.id = NEW.case_id
          AND n.in_force @> c.offence_on AND NOT p.criminal
          AND (p.in_force @> c.offence_on OR (
                pack.milder_reaches_back AND n.in_force @> NEW.decided_on
                AND c.offence_on <= NEW.decided_on AND p.in_force && daterange(c.offence_on, NEW.decided_on, '[]')
                AND EXISTS (
                    SELECT 1 FROM compliance_penalty harsher
                    WHERE (harsher.norm_id, harsher.offender, harsher.occurrence)
                        = (p.norm_id, p.offender, p.occurrence)
                      AND harsher.in_force @> c.offence_on
                      AND (harsher.criminal
                           OR (p.amount_high, p.amount_low) < (harsher.amount_high, harsher.amount_low)
                           OR (p.basis, p.unit, p.currency, p.cap) IS DISTINCT FROM
                              (harsher.basis, harsher.unit, harsher.currency, harsher.cap)))))
          AND p.occurrence = NEW.occurrence
          AND (p.amount_high IS NULL OR p.basis <> 'fixed' OR p.unit <> ''
               OR (NEW.amount BETWEEN p.amount_low AND p.amount_high AND NEW.currency = p.currency))
    ) THEN
        RAISE EXCEPTION 'The fine does not rest on a norm and a band that were in force on the day of the offence.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fine_rests_on_law_in_force';
    END IF;
    RETURN NEW;
"""


class FineQuerySet(models.QuerySet["Fine"]):
    def with_discount(self) -> "FineQuerySet":
        """Each fine with `discounted`, what settles it if paid up to `discount_until`; null without a discount."""
        rest = (models.Value(Decimal(100)) - models.F("penalty__discount_percent")) / models.Value(Decimal(100))
        return self.annotate(
            discounted=Round(models.F("amount") * rest, 2, output_field=MONEY),
            discount_until=models.ExpressionWrapper(
                models.F("decided_on") + models.F("penalty__discount_days"), output_field=models.DateField()
            ),
        )

    def with_balance(self, day: dt.date) -> "FineQuerySet":
        """Each fine with `paid` up to the day, `outstanding`, and `overdue`, what is owed past its last day.

        Nothing is outstanding any more once what the discount leaves was paid in time.
        """
        zero = models.Value(Decimal(0), output_field=MONEY)
        by_then = models.Q(payments__paid_on__lte=day)
        early = by_then & models.Q(payments__paid_on__lte=models.F("discount_until"))
        return self.with_discount().annotate(
            paid=Coalesce(models.Sum("payments__amount", filter=by_then), zero),
            paid_early=Coalesce(models.Sum("payments__amount", filter=early), zero),
            outstanding=models.Case(
                models.When(~models.Q(status=FineStatus.ISSUED), then=zero),
                models.When(paid_early__gte=models.F("discounted"), then=zero),
                default=models.F("amount") - models.F("paid"),
                output_field=MONEY,
            ),
            overdue=models.Case(models.When(due_on__lt=day, then=models.F("outstanding")), default=zero),
        )


@pghistory.track()
class Fine(models.Model):
    """One fine from one decision; what is still owed is its amount less its payments, unless it is annulled."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="fines")
    penalty = models.ForeignKey(Penalty, models.PROTECT, related_name="fines", help_text="The band it was taken from.")
    occurrence = models.CharField(max_length=6, choices=occurrences, default=Occurrence.FIRST)
    reference = models.CharField(max_length=80, unique=True, help_text="The number of the decision.")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3, help_text="ISO 4217, such as RUB.")
    decided_on = models.DateField()
    due_on = models.DateField(help_text="The last day on which it can be paid in time.")
    status = models.CharField(max_length=8, choices=fine_statuses, default=FineStatus.ISSUED)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = FineQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0),
                name="fine_amount_positive",
                violation_error_message="A fine is more than zero.",
            ),
            models.CheckConstraint(
                condition=models.Q(due_on__gte=models.F("decided_on")),
                name="fine_due_after_decision",
                violation_error_message="A fine cannot be due before it was decided.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="rests_on_law_in_force",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]
                    "case_id", "penalty_id", "occurrence", "amount", "currency", "decided_on"
                ),
                func=RESTS_ON_LAW,
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount} {self.currency}"
