"""`manage.py import FILE --noun miners`: the intake from the command line, with the same code as the other doors."""

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from registry.choices import ImportStatus
from registry.intake.nouns import NOUNS
from registry.intake.run import import_run
from registry.models import Import, RowError
from registry.services.imports import import_create

SHOWN = 20
SOME_REFUSED, FILE_REFUSED = 1, 2


def columns_help() -> str:
    lines = ["A star marks a column that a file must have. Nouns and their columns:"]
    for noun in NOUNS.values():
        lines += ["", f"{noun.name}: {noun.help}"]
        lines += [f"  {'*' if column.required else ' '} {column.name:<16} {column.help}" for column in noun.columns]
    return "\n".join(lines)


class Command(BaseCommand):
    help = (
        "Imports a CSV or XLSX file. Good rows are applied, bad ones are refused with line, column, value and reason; "
        "the same file twice changes nothing. Exit code: 0 all rows applied, 1 some rows refused, 2 file refused."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs["epilog"] = columns_help()
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The CSV (UTF-8) or XLSX file.")
        parser.add_argument("--noun", required=True, choices=list(NOUNS), help="What the file lists.")
        parser.add_argument("--dry-run", action="store_true", help="Check and count, but change nothing.")
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="Write all errors to this CSV file.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                created = import_create(
                    noun=options["noun"],
                    file=File(file),
                    file_name=path.name,
                    user=None,
                    dry_run=options["dry_run"],
                    announce=False,
                )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=FILE_REFUSED) from None
        with tqdm(unit=" rows", disable=None, desc=path.name) as bar:
            run = import_run(
                import_id=created.pk, today=timezone.localdate(), progress=lambda rows: bar.update(rows - bar.n)
            )
        if run.status == ImportStatus.FAILED:
            raise CommandError(run.failure, returncode=FILE_REFUSED)
        self._tell(run)
        if options["errors"]:
            self._write_errors(run, options["errors"])
        if run.refused:
            sys.exit(SOME_REFUSED)

    def _tell(self, run: Import) -> None:
        dry = "Nothing was changed (dry run); it would be: " if run.dry_run else ""
        self.stdout.write(
            f"{dry}{run.rows} rows: {run.created} created, {run.changed} changed, {run.unchanged} unchanged, "
            f"{run.refused} refused."
        )
        errors = RowError.objects.filter(import_run=run)
        for error in errors[:SHOWN]:
            where = f"line {error.line}" + (f", {error.column}" if error.column else "")
            self.stdout.write(f"  {where}: {error.reason} [{error.code}]")
        more = errors.count() - SHOWN
        if more > 0:
            self.stdout.write(f"  … and {more} more; --errors OUT.csv writes them all.")

    def _write_errors(self, run: Import, path: Path) -> None:
        names = ("line", "column", "value", "code", "reason")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows(RowError.objects.filter(import_run=run).values_list(*names).iterator(chunk_size=5000))
