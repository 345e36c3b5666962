"""Registration rates: per day, territory and kind of miner, the counts from which every rate is a quotient."""

from django.db import models
from django.db.models.functions import Now

from registry.models import Territory

COUNTS = ("on_file", "registered", "obliged", "obliged_registered", "sighted", "sighted_registered")


class RegistrationRate(models.Model):
    """The counts of one cell on one day; a rate is always registered / denominator of the same pair, never mixed.

    On file: miners operating that day, and those of them with a registration in force. Obliged: miners whom a
    registration duty addresses that day, and those who met it. Sighted: distinct operations seen by any list in the
    365 days up to that day, and those known to be registered. `kind` is empty for operations of nobody known.
    Cells hold leaf counts: a region's figure is the sum over the territories below it.
    """

    as_of = models.DateField()
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, blank=True)
    on_file = models.PositiveIntegerField(default=0)
    registered = models.PositiveIntegerField(default=0)
    obliged = models.PositiveIntegerField(default=0)
    obliged_registered = models.PositiveIntegerField(default=0)
    sighted = models.PositiveIntegerField(default=0)
    sighted_registered = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("as_of", "territory", "kind")
        constraints = [
            models.UniqueConstraint(fields=("as_of", "territory", "kind"), name="registration_rate_cell"),
            models.CheckConstraint(
                condition=models.Q(registered__lte=models.F("on_file"))
                & models.Q(obliged_registered__lte=models.F("obliged"))
                & models.Q(sighted_registered__lte=models.F("sighted")),
                name="registration_rate_part_of_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.kind} {self.as_of}"
