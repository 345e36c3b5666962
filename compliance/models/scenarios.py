"""Scenarios: named sets of changes to the law, to be asked what they would add up to."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.models.norms import LawPack


class Scenario(models.Model):
    """One “what if”: changes to norms, bands, dates and bans of one pack; its answer is computed, never stored.

    `changes` is a list of changes as `compliance.law.scenarios` reads them.
    """

    code = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    pack = models.ForeignKey(LawPack, models.CASCADE, related_name="scenarios")
    changes = models.JSONField(default=list)
    ready_made = models.BooleanField(default=False, editable=False, help_text="It came with the pack.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-ready_made", "code")

    def __str__(self) -> str:
        return self.title
