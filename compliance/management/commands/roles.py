"""`manage.py roles`: the groups Clerk and Analyst, with what each may do."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.services.roles import roles_load


class Command(BaseCommand):
    help = (
        "Create the groups Clerk (keeps the register, opens cases, issues fines) and Analyst (reads everything, issues "
        "reports). Running it again changes nothing; permissions that were added by hand stay."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for name, number in roles_load().items():
            self.stdout.write(f"{name}: {number} permissions")
