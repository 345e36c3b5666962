"""`manage.py seed`: what the service needs before the first row goes in."""

from typing import Any

from django.core.management.base import BaseCommand

from registry.services.device_models import device_models_load
from registry.services.imports import imports_schedule
from registry.services.lists import lists_load
from registry.services.territories import Loaded, territories_load


class Command(BaseCommand):
    help = (
        "Loads the territories of ISO 3166, the table of device models, the lists of sightings and the schedule "
        "of the imports. It may be run again at any time: what is on file already is left as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self._say("territories", territories_load())
        self._say("device models", device_models_load())
        self._say("lists of sightings", lists_load())
        imports_schedule()

    def _say(self, noun: str, loaded: Loaded) -> None:
        self.stdout.write(f"{noun}: {loaded.created} new, {loaded.changed} changed, {loaded.unchanged} as before")
