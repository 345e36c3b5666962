"""Imports: files that were handed in, what became of them, and the rows that were refused."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from registry.choices import ImportStatus, import_statuses


class Import(models.Model):
    """One file handed in by one door; it stays with its counts and its refused rows after it has been applied."""

    noun = models.CharField(max_length=16, help_text="What the file lists: miners, sites, registrations, …")
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    dry_run = models.BooleanField(default=False, help_text="Check the file and tell, but change nothing.")
    status = models.CharField(max_length=8, choices=import_statuses, default=ImportStatus.QUEUED)
    failure = models.TextField(blank=True, help_text="Why the file as a whole could not be read.")
    rows = models.PositiveIntegerField(default=0, help_text="Rows read so far.")
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(
        default=0, help_text="Rows with at least one error; none of them was applied."
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"#{self.pk} {self.file_name}"


class RowError(models.Model):
    """One thing that is wrong with one cell of one refused row, with the row as it stood in the file."""

    import_run = models.ForeignKey(Import, models.CASCADE, related_name="errors")
    line = models.PositiveIntegerField(help_text="The line in the file, the header being line 1.")
    column = models.CharField(max_length=64, blank=True)
    value = models.TextField(blank=True)
    code = models.CharField(max_length=48)
    reason = models.TextField()
    row = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("import_run", "line", "id")

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
