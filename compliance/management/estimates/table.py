"""`manage.py estimate table FILE.csv`: every estimator on one table of lists or of repeats, as JSON; no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from compliance.estimates.table_files import FileRefused, TableFile, read
from compliance.management.estimates.verbs import Verb

NO_TABLE = 2


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE.csv", help="a column of 0 and 1 per list and count; or k,count"
    )


def run(out: OutputWrapper, options: dict[str, Any]) -> None:
    found = file_read(options["file"])
    out.write(json.dumps({"lists": list(found.table.lists) if found.table else None, "repeats": found.repeats}))


def file_read(path: Path) -> TableFile:
    """The table in a file. Raises `CommandError` with exit code 2 where it holds none."""
    try:
        return read(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=NO_TABLE) from None
    except FileRefused as refused:
        raise CommandError(f"{path.name}: {refused}", returncode=NO_TABLE) from None


VERB = Verb("table", "runs every estimator on the table in a file and prints what each finds as JSON.", arguments, run)
