"""Capture tables and counts of repeats out of the text of a CSV file, with line and column of whatever is wrong."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from compliance.estimates.tables import MOST_LISTS, Table, TableRefused

LARGEST_COUNT = 10**12
"""More of one history than this is no count of operations, and sums of many such would not fit."""

MOST_REPEATS = 10_000
COUNT_COLUMNS = ("count", "counts", "freq", "frequency")
REPEAT_COLUMNS = (*COUNT_COLUMNS, "f", "fk", "f_k", "n", "nk", "n_k", "number")
"""Beside k. Not beside lists, which are often called A to F."""

NUMBER = re.compile(r"\+?[0-9]+(\.[0-9]*)?([eE]\+?[0-9]{1,3})?", re.ASCII)
SEPARATED = re.compile(r"[0-9]{1,3}([ ,.'\u00a0\u202f][0-9]{3})+")
UNIT_COLUMNS = ("id", "unit")
BITS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}
ABSENT = ("", "na", "nan", "null", "-")


class Reader(Protocol):
    """A reader of `csv`, which knows its line."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...


class FileRefused(ValueError):
    """The text is no table; the message says where and what would be right."""


@dataclass(frozen=True)
class TableFile:
    """What a file holds: a table of lists, or how many were seen once, twice, … on one list (`repeats`, by k).

    `repeated_rows` counts the rows that repeat a history or a k that came before: their counts are added up.
    `repeated_units` counts the rows of a file of units whose `id` came before: such rows are one unit.
    """

    table: Table | None
    repeats: dict[int, int] | None
    repeated_rows: int = 0
    repeated_units: int = 0


@dataclass(frozen=True)
class _Row:
    line: int
    cells: dict[str, str]


def read(content: bytes) -> TableFile:
    """The table in a file's bytes: UTF-8 with or without a mark, any line ends; commas, semicolons or tabs between.

    Columns: one of 0 and 1 (or true and false) for each list, and `count`; or `k` and `count` (or `f`). Without `count`
    each row is one unit, and a column `id` tells units apart. Raises `FileRefused`.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileRefused(f"Line {line}: the file is not text in UTF-8; save it as CSV in UTF-8.") from None
    if "\0" in text:
        raise FileRefused("The file is not text; save it as CSV in UTF-8.")
    header, rows = _rows(text)
    if "k" in {name.lower() for name in header} and len(header) <= 2:
        return _repeats(header, _named(header, REPEAT_COLUMNS), rows)
    count = _named(header, COUNT_COLUMNS)
    unit = _named(header, UNIT_COLUMNS) if count is None else None
    lists = [name for name in header if name not in (count, unit)]
    if not lists:
        raise FileRefused("Line 1: there is no column of a list; give one column of 0 and 1 for each list, and count.")
    if len(lists) > MOST_LISTS:
        raise FileRefused(
            f"Line 1: {len(lists)} lists; a table has {MOST_LISTS} lists at most. Leave some out, or merge those of one"
            " source."
        )
    if count is None:
        return _units(lists, unit, rows)
    return _histories(lists, count, rows)


def _named(header: Sequence[str], names: Sequence[str]) -> str | None:
    """The column that bears one of these names, the first of them that there is."""
    found = {column.lower(): column for column in reversed(header)}
    return next((found[name] for name in names if name in found), None)


def _rows(text: str) -> tuple[list[str], Iterator[_Row]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise FileRefused("The file is empty; its first line names the columns: one for each list, and count.")
    between = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, skipinitialspace=True, strict=True)
    try:
        header = next(_trimmed(cells, 1) for cells in reader if any(cell.strip() for cell in cells))
    except (csv.Error, StopIteration):
        raise FileRefused(f"Line {reader.line_num}: this is no line of CSV.") from None
    if all(_is_number(name) for name in header):
        raise FileRefused(f"Line {reader.line_num}: the first line names the columns; this one holds numbers.")
    for place, name in enumerate(header, start=1):
        if not name:
            raise FileRefused(
                f"Line {reader.line_num}, column {place}: the column has no name; name the list, or leave the column"
                " out if it numbers the rows."
            )
        if header.index(name) != place - 1:
            raise FileRefused(f"Line {reader.line_num}, column {place}: {name} is the name of two columns.")
    return header, _body(reader, header)


def _body(reader: Reader, header: Sequence[str]) -> Iterator[_Row]:
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            cells = _trimmed(cells, len(header))
            if len(cells) != len(header):
                raise FileRefused(
                    f"Line {reader.line_num}: {len(cells)} cells under {_columns(header)}; the first line names the"
                    " columns, and each line has one cell for each."
                )
            yield _Row(reader.line_num, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise FileRefused(f"Line {reader.line_num}: this is not CSV ({error}).") from None


def _columns(header: Sequence[str]) -> str:
    return f"{len(header)} columns" if len(header) > 1 else f"one column, “{header[0][:40]}”"


def _trimmed(cells: Sequence[str], fewest: int) -> list[str]:
    """The cells without spaces, and without the empty ones that spreadsheets add at the end of a line."""
    found = [cell.strip() for cell in cells]
    while len(found) > fewest and not found[-1]:
        found.pop()
    return found


def _histories(lists: Sequence[str], count: str, rows: Iterator[_Row]) -> TableFile:
    found: dict[int, int] = {}
    repeated, any_row = 0, False
    for row in rows:
        any_row = True
        code = _code(row, lists)
        if code == 0 and row.cells[count].lower() in ABSENT:
            continue
        number = _whole(row, count)
        if code == 0:
            if number:
                raise FileRefused(
                    f"Line {row.line}: {number} are said to be on no list; whom no list has seen cannot be counted."
                )
            continue
        repeated += code in found
        found[code] = found.get(code, 0) + number
    if not any_row:
        raise FileRefused("The file has no rows below its first line.")
    return TableFile(_table(lists, found), None, repeated_rows=repeated)


def _units(lists: Sequence[str], unit: str | None, rows: Iterator[_Row]) -> TableFile:
    codes: dict[object, int] = {}
    lines: dict[object, int] = {}
    repeated = 0
    for row in rows:
        key: object = row.line if unit is None else row.cells[unit]
        repeated += key in codes
        codes[key] = codes.get(key, 0) | _code(row, lists)
        lines.setdefault(key, row.line)
    if not codes:
        raise FileRefused("The file has no rows below its first line.")
    found: dict[int, int] = {}
    for key, code in codes.items():
        if not code:
            raise FileRefused(f"Line {lines[key]}: this unit is on no list; leave out those whom no list has seen.")
        found[code] = found.get(code, 0) + 1
    return TableFile(_table(lists, found), None, repeated_units=repeated)


def _repeats(header: Sequence[str], count: str | None, rows: Iterator[_Row]) -> TableFile:
    k = next(name for name in header if name.lower() == "k")
    if count is None:
        raise FileRefused("Line 1: beside k there is no column count (or f): how many were seen k times.")
    found: dict[int, int] = {}
    repeated, any_row = 0, False
    for row in rows:
        any_row = True
        times = _whole(row, k)
        if times == 0 and row.cells[count].lower() in ABSENT:
            continue
        number = _whole(row, count)
        if times == 0:
            if number:
                raise FileRefused(f"Line {row.line}, column {k}: who was seen 0 times cannot have been counted.")
            continue
        if times > MOST_REPEATS:
            raise FileRefused(f"Line {row.line}, column {k}: {times} times is more than {MOST_REPEATS}.")
        repeated += times in found
        found[times] = found.get(times, 0) + number
    if not any_row:
        raise FileRefused("The file has no rows below its first line.")
    return TableFile(None, dict(sorted(found.items())), repeated_rows=repeated)


def _table(lists: Sequence[str], found: dict[int, int]) -> Table:
    try:
        return Table.of_histories(lists, found)
    except TableRefused as refused:
        raise FileRefused(str(refused)) from None


def _code(row: _Row, lists: Sequence[str]) -> int:
    code = 0
    for place, name in enumerate(lists):
        cell = row.cells[name]
        bit = BITS.get(cell.lower())
        if bit is None:
            shown = f"“{cell[:40]}”" if cell else "nothing"
            raise FileRefused(
                f"Line {row.line}, column {name[:40]}: {shown} stands where a list has 0 or 1{_hint(row, lists)}."
            )
        code |= bit << place
    return code


def _hint(row: _Row, lists: Sequence[str]) -> str:
    """What the file may have meant."""
    if len(row.cells) == 1:
        return "; commas, semicolons or tabs stand between columns"
    if _named(list(row.cells), COUNT_COLUMNS) is None:
        return "; a column of numbers of operations is called count"
    return "; of how many were seen how often, the columns are called k and count" if len(lists) == 1 else ""


def _whole(row: _Row, name: str) -> int:
    cell = row.cells[name]
    where = f"Line {row.line}, column {name}:"
    if NUMBER.fullmatch(cell):
        exact = Decimal(cell)
        if exact > LARGEST_COUNT:
            raise FileRefused(f"{where} {cell[:40]} is more than {LARGEST_COUNT:,}, which is no count of operations.")
        if exact == int(exact):
            return int(exact)
    if not cell:
        raise FileRefused(f"{where} nothing stands where a whole number should; write 0 for none.")
    if cell.startswith("-") and _is_number(cell):
        raise FileRefused(f"{where} {cell[:40]} is negative; counts are 0 or more.")
    if SEPARATED.fullmatch(cell):
        raise FileRefused(f"{where} {cell[:40]} has a mark in it; write whole numbers without any.")
    if _is_number(cell.replace(",", ".")):
        raise FileRefused(f"{where} {cell[:40]} is no whole number; counts are whole.")
    raise FileRefused(f"{where} “{cell[:40]}” stands where a whole number should.")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
