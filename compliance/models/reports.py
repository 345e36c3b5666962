"""Compliance reports: numbered, frozen documents, and who gets them."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Report(models.Model):
    """One report as it was issued; what it says never changes afterwards and it is never deleted.

    Only the marks of sending move: `send_claimed_at` while a worker sends it, then `sent_at`, or `send_failure` with a
    sentence that says why it was not sent.
    """

    number = models.CharField(max_length=32, unique=True, help_text="CR-, the year of issue, a number without gaps.")
    kind = models.CharField(max_length=32, default="compliance")
    key = models.CharField(
        max_length=200,
        unique=True,
        null=True,
        blank=True,
        help_text="The slot of the schedule that it was issued for; empty for one made by hand.",
    )
    as_of = models.DateField()
    figures = models.JSONField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    send_claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    send_failure = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        triggers = [
            pgtrigger.ReadOnly(name="issued_once", fields=["number", "kind", "key", "as_of", "figures", "created_at"]),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number


class ReportFile(models.Model):
    """One rendering of one report; kept in the database so that it is backed up with the figures that it shows."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="files")
    format = models.CharField(max_length=8)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ("report", "format")
        constraints = [models.UniqueConstraint(fields=("report", "format"), name="report_file_once")]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.report}.{self.format}"


class ReportRecipient(models.Model):
    """One address that scheduled reports are sent to."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("email",)

    def __str__(self) -> str:
        return self.email
