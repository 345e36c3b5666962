"""Lists: who sees mining, in which places and on which days, and what being on the list depends on."""

import pghistory
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now

from registry.choices import ListKind, list_kinds
from registry.models.history import before_change
from registry.models.territories import Territory


@before_change
class SightingList(models.Model):
    """One list of operations, such as the anomalies of the grid; every sighting belongs to one.

    The list of the register holds no sightings: on it are the operations with a registration in force.
    """

    code = models.CharField(max_length=32, unique=True, help_text="Short and stable, such as grid_anomaly.")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=list_kinds)
    conditional_on_unregistered = models.BooleanField(
        default=False,
        help_text=(
            "Whether only unregistered operations can be on it, as with seizures for being unregistered. That it never"
            " overlaps with the register is then no sign of a large hidden number."
        ),
    )
    random_sample = models.BooleanField(
        default=False, help_text="Whether the places were drawn at random and then inspected, each of them."
    )
    everywhere = models.BooleanField(default=True, help_text="Otherwise it sees the territories below and no others.")
    territories = models.ManyToManyField(
        Territory, blank=True, related_name="+", help_text="With all that lies in them."
    )
    window = DateRangeField(
        null=True, blank=True, help_text="The days for which it was kept; open at an end that nobody knows."
    )
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("code",)
        verbose_name = "list"
        constraints = [
            models.UniqueConstraint(
                fields=("kind",),
                condition=models.Q(kind=ListKind.REGISTER),
                name="list_of_the_register_once",
                violation_error_message="There is one list of the register already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=ListKind.REGISTER)
                | models.Q(conditional_on_unregistered=False, random_sample=False),
                name="list_of_the_register_is_neither",
                violation_error_message="The register is neither conditional on being unregistered nor random.",
            ),
            models.CheckConstraint(
                condition=models.Q(window__isnull=True) | models.Q(window__isempty=False),
                name="list_window_not_empty",
                violation_error_message="The window of a list may not end before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_register(self) -> bool:
        return self.kind == ListKind.REGISTER


@pghistory.track(
    pghistory.InsertEvent(level=pghistory.Statement),
    pghistory.UpdateEvent(level=pghistory.Statement),
    pghistory.DeleteEvent(level=pghistory.Statement),
)
class ListTerritory(SightingList.territories.through):  # type: ignore[name-defined]
    """One territory that a list sees, for its history: the rows themselves say no time, so each event is kept."""

    class Meta:
        proxy = True
