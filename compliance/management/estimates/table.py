"""`manage.py estimate table FILE.csv`: every estimator on one table of lists or of repeats, as JSON; no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from compliance.estimates.repeats import RepeatsRefused
from compliance.estimates.strata import Settings
from compliance.estimates.table_files import FileRefused, TableFile, read
from compliance.estimates.table_report import TableReport, repeats_report, table_report
from compliance.management.estimates.verbs import Verb
from compliance.reports.estimate_charts import forest_svg

NO_TABLE = 2
MOST_BOOTSTRAP = 100_000
SURE = 1e9
"""A Beta of so many inspections is a known share."""


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE.csv", help="a column of 0 and 1 per list and count; or k,count"
    )
    parser.add_argument("--register", default="", metavar="NAME", help="the list that is the register")
    parser.add_argument(
        "--conditional",
        nargs="+",
        default=[],
        metavar="NAME",
        help="lists on which only unregistered operations can be, such as seizures",
    )
    parser.add_argument(
        "--random", nargs="+", default=[], metavar="NAME", help="lists of places drawn at random and inspected"
    )
    parser.add_argument("--active", type=float, metavar="SHARE", help="of the register, if known; else Beta(9.5, 0.5)")
    parser.add_argument("--seed", type=int, default=0, help="of every draw; the same seed gives the same figures")
    parser.add_argument("--bootstrap", type=int, default=0, metavar="N", help="replicates; none if left out")
    parser.add_argument("--chart", type=Path, metavar="OUT.svg", help="draws the estimates with their intervals, too")


def run(out: OutputWrapper, options: dict[str, Any]) -> None:
    path: Path = options["file"]
    report = report_of(path, file_read(path), options)
    if options["chart"] is not None:
        try:
            options["chart"].write_text(forest_svg(report.to_json()), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['chart']}: {error.strerror}.", returncode=NO_TABLE) from None
    out.write(json.dumps(report.to_json(), ensure_ascii=False, indent=2, allow_nan=False))


def file_read(path: Path) -> TableFile:
    """The table in a file. Raises `CommandError` with exit code 2 where it holds none."""
    try:
        return read(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=NO_TABLE) from None
    except FileRefused as refused:
        raise CommandError(f"{path.name}: {refused}", returncode=NO_TABLE) from None


def report_of(path: Path, found: TableFile, options: dict[str, Any]) -> TableReport:
    if not 0 <= options["bootstrap"] <= MOST_BOOTSTRAP:
        raise CommandError(f"--bootstrap: 0 to {MOST_BOOTSTRAP:,} replicates.", returncode=NO_TABLE)
    if options["seed"] < 0:
        raise CommandError("--seed: a whole number, zero or more.", returncode=NO_TABLE)
    active = options["active"]
    if active is not None and not 0 < active <= 1:
        raise CommandError("--active: a share above 0 and at most 1, such as 0.95.", returncode=NO_TABLE)
    try:
        if found.repeats is not None:
            if options["register"] or options["conditional"] or options["random"]:
                raise CommandError(
                    f"{path.name} holds repeats on one list, which has no register.", returncode=NO_TABLE
                )
            return repeats_report(found.repeats, repeated_rows=found.repeated_rows)
        assert found.table is not None
        return table_report(
            found.table,
            register=options["register"],
            conditional=options["conditional"],
            random=options["random"],
            settings=settings_of(active, options["bootstrap"]),
            seed=options["seed"],
            bootstrap=options["bootstrap"],
            repeated_rows=found.repeated_rows,
            repeated_units=found.repeated_units,
        )
    except (ValueError, RepeatsRefused) as refused:
        raise CommandError(f"{path.name}: {refused}", returncode=NO_TABLE) from None


def settings_of(active: float | None, bootstrap: int) -> Settings:
    """The settings, with the active share as known where it is given."""
    if active is None:
        return Settings(bootstrap=bootstrap)
    return Settings(active_alpha=SURE * active, active_beta=SURE * (1 - active), bootstrap=bootstrap)


VERB = Verb("table", "runs every estimator on the table in a file and prints what each finds as JSON.", arguments, run)
