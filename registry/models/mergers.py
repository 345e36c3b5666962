"""Mergers: miners who are on file twice."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from registry.models.history import before_change
from registry.models.miners import Miner


@before_change
class Merger(models.Model):
    """One statement that a miner on file is the same person as another, under which it then counts.

    Its own rows stay as they are, so that the statement can be taken back. `same_as` is never itself merged.
    """

    miner = models.OneToOneField(Miner, models.CASCADE, related_name="merger")
    same_as = models.ForeignKey(Miner, models.CASCADE, related_name="merged_into_it")
    note = models.TextField(blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(miner=models.F("same_as")),
                name="merger_of_two_miners",
                violation_error_message="A miner is not merged with itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.miner_id} is {self.same_as_id}"
