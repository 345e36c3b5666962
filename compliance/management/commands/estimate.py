"""`manage.py estimate`: estimates of how many operations there are; each verb has its module."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from compliance.management.estimates import runs, table

VERBS = {verb.name: verb for verb in (table.VERB, runs.RUN, runs.VERIFY, runs.DIFFERENCE, runs.SHOW, runs.MONTHLY)}


class Command(BaseCommand):
    help = (
        "Estimates of how many operations there are, seen or unseen: "
        + "; ".join(f"“{verb.name}” {verb.help.rstrip('.')}" for verb in VERBS.values())
        + "."
    )

    # A table needs nothing of the project; what a run needs, it checks itself.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb in VERBS.values():
            verb.arguments(verbs.add_parser(verb.name, help=verb.help))

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        VERBS[verb].run(self.stdout, options)
