"""The law as it was loaded from packs: acts with their status over time, norms, banned areas, penalties and books."""

import datetime as dt

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now

from compliance.choices import (
    SHARES,
    Basis,
    BookKind,
    act_statuses,
    bases,
    book_kinds,
    confidences,
    money_facts,
    norm_kinds,
    occurrences,
    offenders,
)
from compliance.models.fields import DateMultirangeField
from registry.models import Register, Territory

ALL_DAYS = "{(,)}"


class LawPack(models.Model):
    """One jurisdiction's pack as it was last loaded; `law load` rewrites its rows in one transaction."""

    code = models.CharField(max_length=16, unique=True)
    title = models.CharField(max_length=200)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    time_zone = models.CharField(max_length=64, help_text="The zone in which its deadlines end.")
    calendar = models.CharField(
        max_length=12,
        blank=True,
        help_text="The days off that deadlines step over, as ISO 3166 code: KZ, US-TX; or none.",
    )
    milder_reaches_back = models.BooleanField(
        default=False, help_text="Whether a milder later law also holds for what was done before it."
    )
    version = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title


class LawVersion(models.Model):
    """The text of a pack as it was loaded once; what the pack said at some time is read from it again."""

    pack = models.ForeignKey(LawPack, models.CASCADE, related_name="versions")
    version = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-loaded_at", "-id")
        indexes = [models.Index(fields=("pack", "-loaded_at"), name="law_version_at")]

    def __str__(self) -> str:
        return f"{self.pack_id} {self.version}"


class UnitRate(models.Model):
    """What one unit in which fines are counted (an index such as Kazakhstan's MCI) was worth on some days."""

    pack = models.ForeignKey(LawPack, models.CASCADE, related_name="unit_rates")
    unit = models.CharField(max_length=16, help_text="Such as MCI or BCV.")
    title = models.CharField(max_length=200)
    value = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3, help_text="ISO 4217.")
    period = DateRangeField()
    confidence = models.CharField(max_length=1, choices=confidences)
    sources = models.JSONField(default=list)

    class Meta:
        ordering = ("unit", "period")
        constraints = [
            models.CheckConstraint(condition=models.Q(value__gt=0), name="unit_rate_positive"),
            ExclusionConstraint(
                name="unit_rate_once",
                expressions=[
                    ("pack", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.unit} = {self.value} {self.currency}"


@pghistory.track()
class Act(models.Model):
    """One law, decree, code or bill; its status over time decides what may rest on it."""

    pack = models.ForeignKey(LawPack, models.CASCADE, related_name="acts")
    code = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=300)
    citation = models.CharField(max_length=300)
    conflicts = models.JSONField(default=list, help_text="What other sources say: list of {says, confidence, sources}.")
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
    timeline = models.JSONField(
        default=list, help_text="Its status over time, from the act's or its own: {status, from, until, confidence, …}."
    )
    in_force = DateMultirangeField(null=True, blank=True, help_text="The days on which it is law; empty for a draft.")
    conflicts = models.JSONField(default=list, help_text="What other sources say: list of {says, confidence, sources}.")
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

    Amounts that nobody has found are null: such a band is counted as unpriced, never as zero. An amount is taken
    once (`fixed`), or once per day, device or violation, or is a percentage of the turnover or the gain (`basis`); it
    is in a currency, or in units of a dated rate (`unit`), or, as a percentage, in neither.
    """

    book = models.ForeignKey(Book, models.CASCADE, related_name="penalties")
    norm = models.ForeignKey(Norm, models.CASCADE, related_name="penalties")
    act = models.ForeignKey(Act, models.CASCADE, null=True, blank=True, related_name="penalties")
    offender = models.CharField(max_length=12, choices=offenders)
    occurrence = models.CharField(max_length=6, choices=occurrences)
    article = models.CharField(max_length=200)
    amount_low = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    amount_high = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    basis = models.CharField(max_length=20, choices=bases, default=Basis.FIXED)
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217.")
    unit = models.CharField(max_length=16, blank=True, help_text="Instead of a currency: units such as MCI or BCV.")
    cap = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, blank=True, help_text="The most that all days or pieces come to."
    )
    sanctions = models.JSONField(
        default=list,
        help_text="Besides or instead of money: list of {role: besides|instead, kind, words, days}.",
    )
    condition = models.CharField(max_length=300, blank=True, help_text="A condition that the register cannot test.")
    threshold_fact = models.CharField(
        max_length=12, blank=True, choices=money_facts, help_text="It only holds where this sum of the year is above …"
    )
    threshold_over = models.DecimalField("… this", max_digits=18, decimal_places=2, null=True, blank=True)
    threshold_currency = models.CharField(max_length=3, blank=True)
    criminal = models.BooleanField(default=False, help_text="A crime, no longer an administrative offence.")
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    discount_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Paid within so many days, it is less."
    )
    limitation_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="So many days after the offence nobody may be fined any more."
    )
    lookback_days = models.PositiveIntegerField(null=True, blank=True, help_text="How long an earlier fine counts.")
    timeline = models.JSONField(default=list, help_text="Its status over time, from the act's or its own.")
    days = DateMultirangeField(default=ALL_DAYS, help_text="The days that it is for, by its own words; law or not.")
    in_force = DateMultirangeField(
        null=True, blank=True, help_text="The days on which it is law; empty in a bill or a what-if."
    )
    conflicts = models.JSONField(default=list, help_text="What other sources say: list of {says, confidence, sources}.")
    confidence = models.CharField(max_length=1, choices=confidences)
    sources = models.JSONField(default=list)

    objects = PenaltyQuerySet.as_manager()

    class Meta:
        ordering = ("norm", "offender", "occurrence")
        verbose_name_plural = "penalties"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_low__isnull=True, amount_high__isnull=True)
                | (models.Q(amount_low__gte=0) & models.Q(amount_high__gte=models.F("amount_low"))),
                name="penalty_low_up_to_high",
                violation_error_message="A band needs both amounts, lowest first; or none of them.",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_high__isnull=True, currency="", unit="")
                | (models.Q(basis__in=SHARES, currency="", unit="", amount_high__isnull=False, amount_high__lte=100))
                | (
                    ~models.Q(basis__in=SHARES)
                    & models.Q(amount_high__isnull=False)
                    & ((models.Q(unit="") & ~models.Q(currency="")) | (~models.Q(unit="") & models.Q(currency="")))
                ),
                name="penalty_in_one_measure",
                violation_error_message="An amount is in a currency, in units, or, of a turnover or gain, in percent.",
            ),
            models.CheckConstraint(
                condition=models.Q(threshold_fact="", threshold_over__isnull=True, threshold_currency="")
                | (~models.Q(threshold_fact="") & models.Q(threshold_over__gte=0) & ~models.Q(threshold_currency="")),
                name="penalty_threshold_whole",
                violation_error_message="A threshold needs the sum that it is about, an amount and a currency.",
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
        measure = self.unit or self.currency or "%"
        return f"{self.article}: {self.amount_low} to {self.amount_high} {measure}"
