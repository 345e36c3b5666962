"""Registers, and the registrations of miners in them."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now

from registry.choices import RegistrationStatus, register_kinds, registration_statuses
from registry.models.history import before_change
from registry.models.miners import Miner
from registry.models.territories import Territory

PENDING = (RegistrationStatus.APPLIED, RegistrationStatus.REFUSED, RegistrationStatus.WITHDRAWN)


class Register(models.Model):
    """One official register of one jurisdiction, such as Russia's register of infrastructure operators."""

    code = models.CharField(max_length=64, unique=True, help_text="Short and stable, such as ru.miners.")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=register_kinds)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="registers")
    keeper = models.CharField(max_length=200, blank=True, help_text="The authority that keeps it.")

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def in_force(self, day: dt.date) -> "RegistrationQuerySet":
        """Registrations that cover the day; an open end is a registration that still stands."""
        return self.filter(period__contains=day)


@before_change
class Registration(models.Model):
    """One application or entry of a miner in one register; an entry has a period, an application has none."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="registrations")
    miner = models.ForeignKey(Miner, models.CASCADE, related_name="registrations")
    number = models.CharField(  # noqa: DJ001  unique where known
        max_length=64, null=True, blank=True, help_text="The record's number in the register."
    )
    applied_on = models.DateField(null=True, blank=True)
    period = DateRangeField(
        null=True,
        blank=True,
        help_text="From the day of entry to the day on which it had ended; empty for an application.",
    )
    status = models.CharField(max_length=12, choices=registration_statuses, default=RegistrationStatus.ACTIVE)
    reason = models.TextField(blank=True, help_text="Why it was refused, suspended or ended.")
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            ExclusionConstraint(
                name="registration_no_overlap",
                expressions=[
                    ("register", RangeOperators.EQUAL),
                    ("miner", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                violation_error_message="This miner already has an entry in this register for some of these days.",
            ),
            models.UniqueConstraint(
                fields=("register", "number"),
                name="registration_number_once",
                violation_error_message="This register already has an entry of that number.",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=PENDING, period__isnull=True)
                | (
                    ~models.Q(status__in=PENDING)
                    & models.Q(period__isempty=False)
                    & models.Q(period__startswith__isnull=False)
                ),
                name="registration_period_fits_status",
                violation_error_message=(
                    "An entry needs a period that has a first day and ends after it; an application has no period."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=(RegistrationStatus.EXCLUDED, RegistrationStatus.EXPIRED))
                | models.Q(period__endswith__isnull=False),
                name="registration_ended_has_an_end",
                violation_error_message="An excluded or expired entry needs the day on which it ended.",
            ),
        ]
        indexes = [models.Index(fields=("miner",), name="registration_miner")]

    def __str__(self) -> str:
        return self.number or f"{self.get_status_display()} #{self.pk}"
