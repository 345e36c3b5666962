"""The sidebar: what each person may see, in the order of the work."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from compliance import models as law
from compliance.admin.hidden_exposure import NEEDED as HIDDEN_NEEDS
from compliance.admin.waterfall import NEEDED as WATERFALL_NEEDS
from registry import models as register

GROUPS: tuple[tuple[str, tuple[tuple[type[Model], str, str], ...]], ...] = (
    (
        "Register",
        (
            (register.Miner, "Miners", "person_search"),
            (register.Registration, "Registrations", "badge"),
            (register.Site, "Sites", "factory"),
            (register.Device, "Devices", "memory"),
            (register.Sighting, "Sightings", "visibility"),
            (register.SightingList, "Lists", "playlist_add_check"),
            (register.Link, "Links to review", "join_inner"),
            (register.Merger, "Mergers", "merge"),
            (register.Reading, "Meter readings", "electric_meter"),
            (register.Declaration, "Declarations", "request_quote"),
            (register.Account, "Accounts", "account_balance"),
            (register.Impediment, "Impediments", "policy"),
            (register.Register, "Registers", "menu_book"),
            (register.Territory, "Territories", "map"),
            (register.DeviceModel, "Device models", "developer_board"),
        ),
    ),
    (
        "Law",
        (
            (law.Norm, "Norms", "balance"),
            (law.BannedArea, "Banned areas", "block"),
            (law.Penalty, "Penalties", "price_change"),
            (law.Book, "Books of penalties", "library_books"),
            (law.Act, "Acts and bills", "description"),
            (law.LawPack, "Packs", "inventory_2"),
        ),
    ),
    (
        "Breaches and money",
        (
            (law.Finding, "Findings", "report"),
            (law.Case, "Cases", "folder_open"),
            (law.Fine, "Fines", "gavel"),
            (law.Payment, "Payments", "payments"),
        ),
    ),
    (
        "Totals and reports",
        (
            (law.RegistrationRate, "Registration rates", "percent"),
            (law.Estimate, "Estimates", "query_stats"),
            (law.Exposure, "Exposure", "trending_up"),
            (law.Scenario, "What if", "experiment"),
            (law.Undetermined, "Undetermined", "help"),
            (law.Claim, "Claims by others", "format_quote"),
            (law.Report, "Reports", "summarize"),
            (law.ReportRecipient, "Recipients", "contact_mail"),
            (law.Recomputation, "Recomputations", "refresh"),
            (law.StaleMark, "Stale marks", "hourglass_bottom"),
        ),
    ),
    (
        "Intake",
        (
            (register.Import, "Imports", "upload_file"),
            (register.RowError, "Refused rows", "rule"),
            (register.Linkage, "Linkages", "hub"),
        ),
    ),
    (
        "System",
        (
            (PeriodicTask, "Schedule", "schedule"),
            (CrontabSchedule, "Times of day", "calendar_month"),
            (IntervalSchedule, "Intervals", "timer"),
            (register.ApiToken, "API tokens", "key"),
            (User, "Users", "person"),
            (Group, "Groups", "group"),
        ),
    ),
)


# Pages that no single noun owns: under which group, their address, and what one must be allowed to see.
PAGES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("Totals and reports", "Waterfall", "waterfall_chart", "admin:compliance_exposure_waterfall", WATERFALL_NEEDS),
    ("Totals and reports", "Hidden exposure", "visibility_off", "admin:compliance_exposure_hidden", HIDDEN_NEEDS),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    front = {"title": "Front page", "icon": "dashboard", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [front]}]
    for title, nouns in GROUPS:
        items = [
            {
                "title": name,
                "icon": icon,
                "link": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
            }
            for model, name, icon in nouns
            if model in admin.site._registry and admin.site._registry[model].has_view_permission(request)
        ]
        items += [
            {"title": name, "icon": icon, "link": reverse(address)}
            for group, name, icon, address, needed in PAGES
            if group == title and request.user.has_perms(needed)
        ]
        if items:
            groups.append({"title": title, "collapsible": True, "items": items})
    return groups
