"""The law as it was loaded from packs: acts with their status over time, norms, banned areas, penalties and books."""

import datetime as dt

import pghistory
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now

from compliance.choices import (
    BookKind,
    act_statuses,
    book_kinds,
    confidences,
    norm_kinds,
    occurrences,
    offenders,
)
from registry.models import Register, Territory


class LawPack(models.Model):
    """One jurisdiction's pack as it was last loaded; `law load` rewrites its rows in one transaction."""

    code = models.CharField(max_length=16, unique=True)
    title = models.CharField(max_length=200)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    time_zone = models.CharField(max_length=64, help_text="The zone in which its deadlines end.")
    version = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Act(models.Model):
    """One law, decree, code or bill; its status over time decides what may rest on it."""

    pack = models.ForeignKey(LawPack, models.CASCADE, related_name="acts")
    code = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=300)
    citation = models.CharField(max_length=300)
    sources = models.JSONField(default=list, help_text="List of {url, confidence, note}.")

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class ActStatus(models.Model):
    """One status of one act during one period."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="statuses")
    status = models.CharField(max_length=12, choices=act_statuses)
    period = DateRangeField()
    confidence = models.CharField(max_length=1, choices=confidences)
    sources = models.JSONField(default=list)

    class Meta:
        ordering = ("act", "period")
        verbose_name_plural = "act statuses"

    def __str__(self) -> str:
        return f"{self.act}: {self.get_status_display()}"


class NormQuerySet(models.QuerySet["Norm"]):
    def in_force(self, day: dt.date) -> "NormQuerySet":
        """Norms of acts that were law on the day; a norm of a draft never is (its `in_force` is null)."""
        return self.filter(in_force__contains=day)


@pghistory.track()
class Norm(models.Model):
    """One duty, limit, ban or offence of one act; its kind names the class in `compliance/rules/` that reads it."""

    pack = models.ForeignKey(LawPack, models.CASCADE, related_name="norms")
    act = models.ForeignKey(Act, models.CASCADE, related_name="norms")
    code = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=norm_kinds)
    title = models.CharField(max_length=200)
    sentence = models.TextField(help_text="What the norm demands, in one plain sentence.")
    article = models.CharField(max_length=200, help_text="Where it stands in the act.")
    url = models.URLField(max_length=500, blank=True)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", help_text="Where it applies.")
    register = models.ForeignKey(Register, models.PROTECT, null=True, blank=True, related_name="+")
    miner_kinds = models.JSONField(default=list, help_text="The kinds of miner that it addresses.")
    parameters = models.JSONField(
        default=dict, help_text="Thresholds and deadlines, as the rule of its kind reads them."
    )
    in_force = DateRangeField(null=True, blank=True, help_text="The days on which it is law; empty for a draft.")
    confidence = models.CharField(max_length=1, choices=confidences)
    sources = models.JSONField(default=list)

    objects = NormQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(confidence="L") | models.Q(in_force__isnull=True),
                name="norm_in_force_is_well_sourced",
                violation_error_message="A weakly sourced norm cannot be law in force.",
            )
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class BannedArea(models.Model):
    """One stretch of days on which one act bans mining in one territory; seasons are laid out year by year.

    Where only an unnamed part of the territory is banned (`partial`), a site there is undetermined, not in breach.
    """

    norm = models.ForeignKey(Norm, models.CASCADE, related_name="areas")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="bans")
    period = DateRangeField()
    partial = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    confidence = models.CharField(max_length=1, choices=confidences)
    sources = models.JSONField(default=list)

    class Meta:
        ordering = ("territory", "period")

    def __str__(self) -> str:
        return f"{self.territory}, {self.period}"


class Book(models.Model):
    """One way to price breaches: the law in force, a bill taken as law, or a what-if.

    A bill or a what-if prices what it names; for the rest the law in force stays.
    """

    pack = models.ForeignKey(LawPack, models.CASCADE, related_name="books")
    code = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=book_kinds)
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    act = models.ForeignKey(Act, models.CASCADE, null=True, blank=True, related_name="books")

    class Meta:
        ordering = ("kind", "code")
        constraints = [
            models.UniqueConstraint(
                fields=("pack",), condition=models.Q(kind=BookKind.LAW), name="book_one_law_in_force_per_pack"
            )
        ]

    def __str__(self) -> str:
        return self.title


class PenaltyQuerySet(models.QuerySet["Penalty"]):
    def in_force(self, day: dt.date) -> "PenaltyQuerySet":
        """Bands of acts that were law on the day."""
        return self.filter(in_force__contains=day)


@pghistory.track()
class Penalty(models.Model):
    """One band of penalty for one norm, class of offender and occurrence, in one book.

    Amounts that nobody has found are null: such a band is counted as unpriced, never as zero.
    """

    book = models.ForeignKey(Book, models.CASCADE, related_name="penalties")
    norm = models.ForeignKey(Norm, models.CASCADE, related_name="penalties")
    act = models.ForeignKey(Act, models.CASCADE, null=True, blank=True, related_name="penalties")
    offender = models.CharField(max_length=12, choices=offenders)
    occurrence = models.CharField(max_length=6, choices=occurrences)
    article = models.CharField(max_length=200)
    amount_low = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    amount_high = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217.")
    sanctions = models.JSONField(default=list, help_text="What may be imposed besides or instead of money, in words.")
    condition = models.CharField(max_length=300, blank=True, help_text="A threshold that the register cannot test.")
    lookback_days = models.PositiveIntegerField(null=True, blank=True, help_text="How long an earlier fine counts.")
    in_force = DateRangeField(
        null=True, blank=True, help_text="The days on which it is law; empty in a bill or a what-if."
    )
    confidence = models.CharField(max_length=1, choices=confidences)
    sources = models.JSONField(default=list)

    objects = PenaltyQuerySet.as_manager()

    class Meta:
        ordering = ("norm", "offender", "occurrence")
        verbose_name_plural = "penalties"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_low__isnull=True, amount_high__isnull=True, currency="")
                | (
                    models.Q(amount_low__gte=0)
                    & models.Q(amount_high__gte=models.F("amount_low"))
                    & ~models.Q(currency="")
                ),
                name="penalty_low_up_to_high",
                violation_error_message="A band needs both amounts, lowest first, and a currency; or none of them.",
            ),
            models.CheckConstraint(
                condition=~models.Q(confidence="L")
                | models.Q(in_force__isnull=True)
                | models.Q(amount_high__isnull=True),
                name="penalty_in_force_is_well_sourced",
                violation_error_message="A weakly sourced amount cannot be law in force.",
            ),
        ]
        indexes = [models.Index(fields=("norm", "offender", "occurrence"), name="penalty_band")]

    def __str__(self) -> str:
        if self.amount_high is None:
            return f"{self.article}: amount unknown"
        return f"{self.article}: {self.amount_low} to {self.amount_high} {self.currency}"
