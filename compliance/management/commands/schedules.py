"""`manage.py schedules`: creates the schedules that the service starts with."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.services.schedules import SCHEDULES, schedules_load


class Command(BaseCommand):
    help = "Create the schedules that are missing from the database. Those already there stay as they were edited."

    def handle(self, *args: Any, **options: Any) -> None:
        created = schedules_load()
        for schedule in SCHEDULES:
            self.stdout.write(f"{schedule.name}: {'created' if schedule.name in created else 'already there'}")
