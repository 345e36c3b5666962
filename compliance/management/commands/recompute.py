"""`manage.py recompute`: findings, exposure and registration rates, all anew."""

import datetime as dt
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from compliance.services.recomputation import recompute
from registry.management.days import day


class Command(BaseCommand):
    help = (
        "Reads every norm against the whole register, prices the open findings by every book and counts the"
        " registration rates, as of a day. Safe to repeat and to run beside the worker. Exit code 0 when done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            type=day,
            default=None,
            metavar="YYYY-MM-DD",
            help="The day to compute for, today or earlier; a running worker goes back to today.",
        )

    def handle(self, *, as_of: dt.date | None, verbosity: int, **options: Any) -> None:
        today = timezone.localdate()
        if as_of and as_of > today:
            raise CommandError(f"--as-of {as_of} is still to come: give {today} or an earlier day.")
        with tqdm(desc="recompute", unit="part", disable=not sys.stderr.isatty()) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.n = done
                bar.refresh()

            runs = recompute(as_of=as_of or today, progress=progress)
        if verbosity:
            for run in runs:
                self.stdout.write(f"{run.get_kind_display()}: done as of {run.as_of}.")
