"""Check: every cell of every row, then the rows as a set against each other and against the register."""

import datetime as dt
import difflib
import json
import re
from collections.abc import Callable, Iterator, Sequence

from django.db import connection

from registry.choices import TerritoryKind
from registry.errors import Refusal
from registry.intake.columns import NULL, CellRefused, Lookups, Parser, escaped
from registry.intake.nouns.base import Key, Noun
from registry.intake.readers import Table
from registry.models import Register, SightingList, Territory

Progress = Callable[[int], object]

# Cells of a refused row are kept in one text with this sign between them; a cell that holds it is refused.
SEPARATOR = "\x1f"
BATCH = 2000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def lookups_load(today: dt.date) -> Lookups:
    territories = list(Territory.objects.values_list("code", "name", "kind", "pk"))
    return Lookups(
        today=today,
        territories={code.casefold(): str(pk) for code, _, _, pk in territories},
        countries={code.casefold(): str(pk) for code, _, kind, pk in territories if kind == TerritoryKind.COUNTRY},
        territory_names={name.casefold(): code for code, name, _, _ in territories},
        registers={code.casefold(): str(pk) for code, pk in Register.objects.values_list("code", "pk")},
        lists={
            code.casefold(): (str(pk), kind)
            for code, kind, pk in SightingList.objects.values_list("code", "kind", "pk")
        },
    )


def header_check(noun: Noun, header: Sequence[str]) -> None:
    """Refuses a file that lacks a column it must have, or has one that is not known."""
    known = noun.column_names
    unknown = [name for name in header if name not in known]
    missing = [column.name for column in noun.columns if column.required and column.name not in header]
    if not unknown and not missing:
        return
    parts = []
    if missing:
        parts.append(f"The file has no column {_listed(missing)}.")
    for name in unknown:
        nearest = difflib.get_close_matches(name, missing or known, 1)
        parts.append(f"The column “{name}” is not known{f'; was “{nearest[0]}” meant?' if nearest else '.'}")
    parts.append(f"A file of {noun.name} has the columns {', '.join(known)}.")
    raise Refusal("column_missing" if missing else "column_unknown", " ".join(parts))


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)


class RowReader:
    """Turns the cells of a row into a line for `COPY`: the parsed values, or the errors of all cells."""

    def __init__(self, noun: Noun, header: Sequence[str], lookups: Lookups) -> None:
        self.noun = noun
        self.header = header
        by_name = {column.name: column for column in noun.columns}
        self.columns = [by_name[name] for name in header]
        self.parsers: list[Parser] = [column.reader(lookups) for column in self.columns]
        self.checks = [(names, self._positions(names), check) for names, check in noun.row_checks]
        staged = [part.split()[0] for column in self.columns for part in column.staged.split(",")]
        self.copy_columns = ", ".join(["line", "raw", "errors", *staged])
        self.no_values = "\t".join([NULL] * len(staged))

    def _positions(self, names: tuple[str, ...]) -> list[int]:
        # A column that the file lacks reads as NULL, which stands behind the last value.
        return [self.header.index(name) if name in self.header else len(self.header) for name in names]

    def read(self, line: int, cells: Sequence[str]) -> str:
        try:
            if len(cells) != len(self.parsers):
                raise CellRefused("cells", "")
            joined = "".join(cells)
            if not joined.isprintable() and _CONTROL.search(joined):
                raise CellRefused("control_character", "")
            values = [parse(cell) for parse, cell in zip(self.parsers, cells, strict=True)]
            padded = [*values, NULL]
            for _, positions, check in self.checks:
                check(*[padded[position] for position in positions])
        except CellRefused:
            return self._refused(line, cells)
        raw = SEPARATOR.join(cells)
        if "\\" in raw or not joined.isprintable():
            raw = escaped(raw)
        return f"{line}\t{raw}\t{NULL}\t" + "\t".join(values) + "\n"

    def _refused(self, line: int, cells: Sequence[str]) -> str:
        errors = [list(error) for error in self._errors(cells)]
        clean = [_CONTROL.sub("\ufffd", cell) for cell in cells]
        raw = escaped(SEPARATOR.join(clean))
        found = escaped(json.dumps(errors, ensure_ascii=False))
        return f"{line}\t{raw}\t{found}\t{self.no_values}\n"

    def _errors(self, cells: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
        """Column, value, code and reason of everything that is wrong with the row."""
        if len(cells) != len(self.parsers):
            yield "", "", "cells", f"The row has {len(cells)} cells, the header {len(self.parsers)}."
            return
        values: list[str] = []
        sound = True
        for column, parse, cell in zip(self.columns, self.parsers, cells, strict=True):
            control = _CONTROL.search(cell)
            try:
                if control:
                    raise CellRefused(
                        "control_character", f"The cell holds the invisible sign U+{ord(control[0]):04X}; remove it."
                    )
                values.append(parse(cell))
            except CellRefused as refusal:
                sound = False
                values.append(NULL)
                yield column.name, _CONTROL.sub("\ufffd", cell), refusal.code, refusal.reason
        if not sound:
            return
        values.append(NULL)
        for names, positions, check in self.checks:
            try:
                check(*[values[position] for position in positions])
            except CellRefused as refusal:
                name = next((name for name in reversed(names) if name in self.header), self.header[0])
                yield name, cells[self.header.index(name)], refusal.code, refusal.reason


def stage(noun: Noun, table: Table, lookups: Lookups, progress: Progress) -> int:
    """Copies the rows into a temporary table `staged`; gives how many there were."""
    header_check(noun, table.header)
    reader = RowReader(noun, table.header, lookups)
    definitions = ", ".join(column.staged for column in noun.columns)
    rows = 0
    batch: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE staged (line integer, raw text, errors text, {definitions}) ON COMMIT DROP"
        )
        with cursor.copy(f"COPY staged ({reader.copy_columns}) FROM STDIN") as copy:
            for line, cells in table.rows:
                batch.append(reader.read(line, cells))
                rows += 1
                if rows % BATCH == 0:
                    copy.write("".join(batch))
                    batch.clear()
                    progress(rows)
            copy.write("".join(batch))
        cursor.execute("ANALYZE staged")
    progress(rows)
    return rows


def resolve(noun: Noun, header: Sequence[str]) -> None:
    """Makes `resolved` and `refused` out of `staged`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE refused (line integer, column_name text, value text, code text, reason text) "
            "ON COMMIT DROP"
        )
        for statement in noun.prepare:
            cursor.execute(statement)
        cursor.execute(f"CREATE TEMPORARY TABLE resolved ON COMMIT DROP AS {noun.resolve(frozenset(header))}")
        cursor.execute("ANALYZE resolved")
        for query in (*noun.refusals, *(_twice(key, header) for key in noun.keys)):
            cursor.execute(f"INSERT INTO refused {query}")
        cursor.execute("ANALYZE refused")
        while noun.until_none:
            cursor.execute(f"INSERT INTO refused {noun.until_none}")
            if not cursor.rowcount:
                break


def discard() -> None:
    """Drops the temporary tables, for a caller whose transaction goes on."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged, refused, resolved, touched, numbers")


def _twice(key: Key, header: Sequence[str]) -> str:
    """The later of two rows of one file that speak of the same thing."""
    position = header.index(key.shown) + 1 if key.shown in header else len(header) + 1
    columns = ", ".join(f"{column} AS k{number}" for number, column in enumerate(key.columns))
    names = [f"k{number}" for number in range(len(key.columns))]
    shared = ", ".join(names)
    filled = " AND ".join(f"{column} IS NOT NULL" for column in key.columns)
    same = " AND ".join(f"keyed.{name} = twice.{name}" for name in names)
    return f"""
        WITH keyed AS MATERIALIZED (SELECT line, {columns} FROM resolved WHERE {filled}),
        twice AS (SELECT min(line) AS first, {shared} FROM keyed GROUP BY {shared} HAVING count(*) > 1)
        SELECT keyed.line, '{key.shown}', split_part(s.raw, E'\\x1f', {position}), 'twice_in_file',
               'Line ' || twice.first || ' of the file already speaks of {key.words}.'
        FROM keyed JOIN twice ON {same} AND keyed.line > twice.first JOIN staged s ON s.line = keyed.line
    """
