"""`manage.py estimate table` by itself: it needs no application, so starting it loads none."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from compliance.management.estimates.table import VERB


class Command(BaseCommand):
    """Takes the same arguments as `estimate`, of which it knows the one verb."""

    help = f"Estimates of how many operations there are, seen or unseen: “{VERB.name}” {VERB.help}"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        VERB.arguments(verbs.add_parser(VERB.name, help=VERB.help))

    def handle(self, *args: Any, **options: Any) -> None:
        VERB.run(self.stdout, options)
