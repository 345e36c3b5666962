"""Compliance reports: numbered, frozen documents, and who gets them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Report(models.Model):
    """One report as it was issued; its figures and its files never change afterwards."""

    number = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=32, default="compliance")
    as_of = models.DateField()
    figures = models.JSONField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    send_failure = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)

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
