"""Reports in the admin: issued by a button, downloaded for ever; and who gets the scheduled ones."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from compliance.models import Report, ReportFile, ReportRecipient
from compliance.reports.issue import report_issue
from compliance.selectors.totals import stored_day
from compliance.services.reports import MEDIA_TYPES
from registry.admin.base import NounAdmin, ReadOnlyAdmin
from registry.errors import Refusal


def report_issue_now(request: HttpRequest) -> str:
    """Issue the report for the day of the stored totals, and give the address of the page to show next."""
    now, person = timezone.now(), request.user if request.user.is_authenticated else None
    try:
        report = report_issue(as_of=stored_day() or timezone.localdate(), created_at=now, user=person)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return reverse("admin:compliance_report_changelist")
    messages.success(request, f"Report {report.number} is issued.")
    return reverse("admin:compliance_report_change", args=[report.pk])


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("number", "as_of", "downloads", "sent", "created_at", "user")
    list_select_related = ("user",)
    list_filter = (("as_of", RangeDateFilter),)
    search_fields = ("=number", "number")
    search_help_text = "The report's number or part of it."
    fields = (("number", "as_of"), ("downloads", "sent"), ("created_at", "user"))
    readonly_fields = ("downloads", "sent")
    actions_list = ("issue_now",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("figures")

    def get_custom_urls(self) -> Any:
        return (
            ("issue/", "compliance_report_issue", self.issue_view),
            ("<int:report_id>/<slug:format>/", "compliance_report_file", self.file_view),
        )

    def has_issue_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("compliance.add_report"))

    def issue_view(self, request: HttpRequest, **_: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_issue_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(report_issue_now(request))

    def file_view(self, request: HttpRequest, report_id: int, format: str, **_: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        file = get_object_or_404(ReportFile.objects.select_related("report"), report_id=report_id, format=format)
        return HttpResponse(
            bytes(file.content),
            content_type=MEDIA_TYPES[format],
            headers={"Content-Disposition": f'attachment; filename="{file.report.number}.{format}"'},
        )

    @display(description="download")
    def downloads(self, report: Report) -> SafeString:
        links = [
            (reverse("admin:compliance_report_file", args=[report.pk, format]), report.number, format.upper())
            for format in MEDIA_TYPES
        ]
        return format_html_join(
            " ", '<a class="hf-link" href="{}" aria-label="{} as {}">{}</a>', [(*row, row[2]) for row in links]
        )

    @display(description="mail", label={"sent": "success", "kept, not mailed": "info", "not sent": "warning"})
    def sent(self, report: Report) -> str:
        if report.sent_at:
            return "sent"
        return "not sent" if report.send_failure else "kept, not mailed"

    @action(
        description="Issue the compliance report now",
        icon="summarize",
        variant=ActionVariant.PRIMARY,
        permissions=("issue",),
        dialog={
            "title": "Issue the compliance report now?",
            "description": "It gets the next number and never changes afterwards.",
            "form_class": None,
            "form_submit_text": "Issue",
        },
    )
    def issue_now(self, request: HttpRequest, form: Any) -> HttpResponse:
        return HttpResponse(headers={"HX-Redirect": report_issue_now(request)})


@admin.register(ReportRecipient)
class ReportRecipientAdmin(NounAdmin):
    list_display = ("email", "name", "active")
    search_fields = ("email", "name")
    ordering = ("email",)
    sortable_by = None
