"""Findings: what the rules say is breached, by whom, from when to when, and from which facts."""

import datetime as dt

import pghistory
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now

from compliance.models.norms import Norm
from registry.choices import miner_kinds
from registry.models import Miner, Site, Territory


class FindingQuerySet(models.QuerySet["Finding"]):
    def open_on(self, day: dt.date) -> "FindingQuerySet":
        """Breaches that lasted on the day; an open end is a breach that still lasts."""
        return self.filter(valid__contains=day)


@pghistory.track(
    pghistory.UpdateEvent(row="OLD", level=pghistory.Statement), pghistory.DeleteEvent(level=pghistory.Statement)
)
class Finding(models.Model):
    """One breach of one norm by one miner (at one site, where the norm is about a place) during one unbroken period.

    Recomputation opens it, moves its ends and withdraws it; nobody edits it by hand. `territory` and `kind` are those
    under which it is counted. `facts` holds what the rule read, in the words of its kind.
    """

    miner = models.ForeignKey(Miner, models.CASCADE, related_name="findings")
    norm = models.ForeignKey(Norm, models.CASCADE, related_name="findings")
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="findings")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=miner_kinds)
    valid = DateRangeField()
    facts = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(db_default=Now())

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=("territory", "kind", "norm"), name="finding_cell"),
        ]
        constraints = [
            models.UniqueConstraint(
                models.F("miner"),
                models.F("norm"),
                models.Func(models.F("site"), 0, function="COALESCE"),
                models.Func(models.F("valid"), function="lower"),
                name="finding_once",
            ),
            models.CheckConstraint(condition=models.Q(valid__isempty=False), name="finding_has_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.norm}: {self.miner}"
