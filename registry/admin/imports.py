"""Imports in the admin: hand a file in, watch it, read and take home the rows that were refused."""

import csv
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from registry.admin.base import ReadOnlyAdmin, ServiceAdmin
from registry.admin.refusals import ServiceForm
from registry.choices import ImportStatus
from registry.errors import Refusal
from registry.intake.nouns import NOUNS
from registry.models import Import, RowError
from registry.services.imports import import_create, noun_permissions, nouns_readable

SHOWN = 100
HEADER = ("line", "column", "value", "code", "reason")
UNDERWAY = (ImportStatus.QUEUED, ImportStatus.RUNNING)


class ImportForm(ServiceForm):
    noun = forms.ChoiceField(
        label="What the file lists",
        choices=lambda: [("", "Select value"), *((noun, noun.capitalize()) for noun in NOUNS)],
        widget=UnfoldAdminSelectWidget(),
    )
    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget(),
        help_text="CSV (UTF-8; comma, semicolon or tab) or XLSX, with the names of the columns in its first row.",
    )

    class Meta:
        model = Import
        fields = ("noun", "file", "dry_run")

    def perform(self) -> Import:
        noun = self.cleaned_data["noun"]
        if not self.request.user.has_perms(noun_permissions(noun, "add", "change")):
            sentence = f"You may not write {noun}, so you cannot hand in a file of them."
            raise Refusal("permission_denied", sentence, {"noun": sentence})
        upload = self.cleaned_data["file"]
        return import_create(
            noun=noun,
            file=upload,
            file_name=upload.name,
            user=self.request.user,
            dry_run=self.cleaned_data["dry_run"],
        )


class Line:
    """A file of one line, for the writer of CSV."""

    def write(self, text: str) -> str:
        return text


def guarded(cell: Any) -> str:
    """The cell as text that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def refused_csv(run: Import) -> Iterator[str]:
    writer = csv.writer(Line())
    yield writer.writerow(HEADER)
    for row in run.errors.order_by("line", "id").values_list(*HEADER).iterator(chunk_size=2_000):
        yield writer.writerow([guarded(cell) for cell in row])


@admin.register(Import)
class ImportAdmin(ServiceAdmin):
    add_form = ImportForm
    add_fields = ("noun", "file", "dry_run")
    list_display = ("label", "noun", "state", "rows", "created", "changed", "refused", "user", "created_at")
    list_select_related = ("user",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("file_name",)
    search_help_text = "Part of the file's name."
    readonly_fields = ("file_name", "noun", "dry_run", "sha256", "user", "created_at", "started_at", "finished_at")
    fieldsets = (
        (None, {"fields": (("file_name", "noun"), ("dry_run", "user"), ("created_at", "finished_at"), "sha256")}),
    )
    change_form_outer_before_template = "registry/import_progress.html"

    def has_change_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return False

    def get_custom_urls(self) -> Any:
        return (("<int:run_id>/refused.csv", "registry_import_refused", self.refused_view),)

    def refused_view(self, request: HttpRequest, run_id: int, **_: Any) -> StreamingHttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(Import, pk=run_id)
        if not request.user.has_perms(noun_permissions(run.noun, "view")):
            raise PermissionDenied
        return StreamingHttpResponse(
            refused_csv(run),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="import-{run.pk}-refused.csv"'},
        )

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        run = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if run is not None:
            readable = request.user.has_perms(noun_permissions(run.noun, "view"))
            context |= {
                "run": run,
                "underway": run.status in UNDERWAY,
                "row_errors": list(run.errors.order_by("line", "id")[: SHOWN + 1]) if readable else [],
                "shown": SHOWN,
            }
        return super().change_view(request, object_id, form_url, context)

    @display(description="file")
    def label(self, run: Import) -> str:
        return str(run)

    @display(
        description="status",
        label={"Waiting": "info", "Running": "info", "Done": "success", "Failed": "danger", "Some refused": "warning"},
    )
    def state(self, run: Import) -> str:
        if run.status == ImportStatus.DONE and run.refused:
            return "Some refused"
        return run.get_status_display()


@admin.register(RowError)
class RowErrorAdmin(ReadOnlyAdmin):
    list_display = ("line", "column", "value", "reason", "import_run")
    list_select_related = ("import_run",)
    list_filter = (("import_run", AutocompleteSelectFilter),)
    search_fields = ("=code",)
    search_help_text = "An error's code in full."
    ordering = ("-import_run", "line")

    def get_queryset(self, request: HttpRequest) -> Any:
        """A refused row says what a stored one would have said: it is shown to the same people."""
        readable = nouns_readable(request.user)
        rows = super().get_queryset(request)
        return rows if len(readable) == len(NOUNS) else rows.filter(import_run__noun__in=readable)
