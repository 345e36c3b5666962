"""`manage.py report`: issues a report by hand and writes its files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance.reports.issue import report_issue
from compliance.services.reports import report_send
from registry.errors import Refusal
from registry.management.days import day


class Command(BaseCommand):
    help = (
        "Issue the compliance report (rates, exposure, bans, fines, data quality, sources) under the next number, "
        "keep it in the database and write it to a folder as PDF, XLSX and JSON. Prints the three paths. "
        "Example: manage.py report compliance --out reports --as-of 2026-11-21"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=["compliance"], help="Which report.")
        parser.add_argument("--out", required=True, type=Path, help="The folder for the files; made where missing.")
        parser.add_argument("--as-of", type=day, help="The day that it speaks of, YYYY-MM-DD; today if left out.")
        parser.add_argument("--send", action="store_true", help="Mail it to the active recipients as well.")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        now = timezone.now()
        try:
            # Before a number is spent.
            out.mkdir(parents=True, exist_ok=True)
            report = report_issue(as_of=options["as_of"] or timezone.localdate(now), created_at=now)
            for file in report.files.all():
                path = out / f"{report.number}.{file.format}"
                path.write_bytes(file.content)
                self.stdout.write(str(path))
            if options["send"]:
                report = report_send(report_id=report.pk, now=timezone.now())
                self.stdout.write(report.send_failure or f"Sent at {report.sent_at:%Y-%m-%d %H:%M} UTC.")
        except OSError as failure:
            raise CommandError(f"The report cannot be written to {out}: {failure.strerror}.") from failure
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
