"""Roles: the two groups that people are put into, and what each may do."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

CLERK, ANALYST = "Clerk", "Analyst"
# What a clerk keeps, by app; everything else that both apps hold can be read by both roles, but for `ACCUSING`.
KEPT = {
    "registry": (
        "miner",
        "identifier",
        "ownership",
        "site",
        "device",
        "devicemodel",
        "registration",
        "sighting",
        "sightinglist",
        "link",
        "merger",
        "reading",
        "declaration",
        "account",
        "impediment",
    ),
    "compliance": ("case", "fine", "payment", "claim"),
}
# Made but never edited or deleted: what they set off is for the services.
ASKED = ("add_apitoken", "delete_apitoken", "add_report", "add_scenario", "delete_scenario", "add_estimate")
MADE = ("add_import", "add_recomputation", *ASKED)
# Deleting money or proceedings is nobody's everyday work.
# Convictions and lists name people: a clerk keeps them, and an analyst, who works with totals, does not read them.
ACCUSING = ("view_impediment", "view_impedimentevent")
NEVER = ("delete_case", "delete_fine", "delete_payment", "change_payment")


def roles_load() -> dict[str, int]:
    """Create the groups Clerk and Analyst where they are missing and give each its permissions; returns their numbers.

    What an administrator added to a group stays.
    """
    ours = Permission.objects.filter(content_type__app_label__in=KEPT)
    reading = Q(codename__startswith="view_")
    keeping = Q()
    for app, nouns in KEPT.items():
        verbs = [f"{verb}_{noun}" for verb in ("add", "change", "delete") for noun in nouns]
        keeping |= Q(content_type__app_label=app, codename__in=verbs)
    granted = {
        CLERK: ours.filter(reading | keeping | Q(codename__in=MADE)).exclude(codename__in=NEVER),
        ANALYST: ours.filter(reading | Q(codename__in=ASKED)).exclude(codename__in=ACCUSING),
    }
    with transaction.atomic():
        for name, permissions in granted.items():
            group, _ = Group.objects.get_or_create(name=name)
            group.permissions.add(*permissions)
    return {name: permissions.count() for name, permissions in granted.items()}
