"""Penalty exposure: what the open findings could cost, book by book, from the lowest to the highest amount."""

from django.db import models
from django.db.models.functions import Now

from compliance.choices import occurrences
from compliance.models.norms import Book, Norm, Penalty
from registry.choices import miner_kinds
from registry.models import Territory


class Exposure(models.Model):
    """One cell: the open findings of one norm, kind of miner, territory and occurrence, priced by one band of a book.

    Where the book has no band for them, `penalty` is null. Where it has no amount, or a fact that the amount depends on
    is not known, `currency` is empty, `amount_low` and `amount_high` are null, and the findings count as unpriced.
    """

    as_of = models.DateField()
    book = models.ForeignKey(Book, models.CASCADE, related_name="+")
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=miner_kinds)
    norm = models.ForeignKey(Norm, models.CASCADE, related_name="+")
    occurrence = models.CharField(max_length=6, choices=occurrences)
    penalty = models.ForeignKey(Penalty, models.CASCADE, null=True, related_name="+")
    currency = models.CharField(max_length=3, blank=True)
    findings = models.PositiveIntegerField()
    amount_low = models.DecimalField(max_digits=24, decimal_places=2, null=True)
    amount_high = models.DecimalField(max_digits=24, decimal_places=2, null=True)
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("book", "territory", "kind", "norm", "occurrence")
        constraints = [
            models.UniqueConstraint(
                fields=("book", "territory", "kind", "norm", "occurrence", "penalty", "currency"),
                nulls_distinct=False,
                name="exposure_cell",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.book_id} {self.territory_id} {self.kind} {self.norm_id}"


class Undetermined(models.Model):
    """How many miners of one cell a norm could neither clear nor accuse, because one named fact is missing."""

    as_of = models.DateField()
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=miner_kinds)
    norm = models.ForeignKey(Norm, models.CASCADE, related_name="+")
    missing_fact = models.CharField(max_length=80)
    miners = models.PositiveIntegerField()

    class Meta:
        ordering = ("norm", "territory", "kind")
        constraints = [
            models.UniqueConstraint(fields=("territory", "kind", "norm", "missing_fact"), name="undetermined_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.norm_id} {self.territory_id} {self.kind}: {self.missing_fact}"


class UndeterminedMiners(models.Model):
    """How many miners of one cell some norm could neither clear nor accuse; each counts once, whatever is missing."""

    as_of = models.DateField()
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=miner_kinds)
    miners = models.PositiveIntegerField()

    class Meta:
        ordering = ("territory", "kind")
        verbose_name_plural = "undetermined miners"
        constraints = [models.UniqueConstraint(fields=("territory", "kind"), name="undetermined_miners_cell")]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.kind}: {self.miners}"
