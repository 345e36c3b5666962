"""Readers: a file becomes a header and a stream of rows with their line numbers, or is refused as a whole."""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from registry.errors import Refusal

LARGEST_FILE = 2 * 1024**3
# A workbook unpacks to some 5 to 20 times its size; one that promises far more is meant to fill the memory.
LARGEST_UNPACKED = 4 * 1024**3
RATIO_LIMIT = 150
RATIO_FREE = 64 * 1024**2
DELIMITERS = ",;\t"
LONGEST_CELL = 100_000
LONGEST_LINE = 2_000_000
# The words of a workbook's cells stand in one part, which is held in memory while it is read.
SHARED_WORDS = "xl/sharedStrings.xml"
MOST_WORDS = 512 * 1024**2
# One such letter may be a foreign umlaut read wrongly; three in a row are a word.
_CYRILLIC_WORD = re.compile("[А-Яа-яЁё]{3}")

Rows = Iterator[tuple[int, Sequence[str]]]


@dataclass(frozen=True)
class Table:
    """The names of a file's columns and its rows; each row with the line on which it begins, the header being 1."""

    header: list[str]
    rows: Rows


def _refuse(code: str, sentence: str) -> Refusal:
    return Refusal(code, sentence)


def open_table(file: BinaryIO, *, size: int, largest: int = LARGEST_FILE) -> Table:
    """Reads CSV and XLSX, told apart by their first bytes. Raises `Refusal` here, or while the rows are read."""
    if size == 0:
        raise _refuse("file_empty", "The file is empty. Its first line must name the columns.")
    if size > largest:
        raise _refuse(
            "file_too_large",
            f"The file has {size / 1024**2:,.0f} MB; at most {largest / 1024**2:,.0f} MB can be taken. Split it.",
        )
    start = file.read(4096)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        return _open_xlsx(file)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refuse("file_old_excel", "The file is an old Excel workbook (.xls). Save it as .xlsx or CSV UTF-8.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refuse("file_encoding", "The file is in UTF-16 (“Unicode text”). Save it as CSV UTF-8.")
    if start.startswith((b"%PDF", b"\x1f\x8b", b"\x89PNG", b"<!DOCTYPE", b"<html", b"{")):
        raise _refuse("file_unreadable", "The file is neither a CSV table nor an Excel workbook (.xlsx).")
    return _open_csv(file)


def _open_csv(file: BinaryIO) -> Table:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        first = text.readline(LONGEST_LINE)
    except UnicodeDecodeError:
        raise _wrong_encoding(file) from None
    if not first.strip():
        raise _refuse("file_no_header", "The first line is empty. It must name the columns.")
    delimiter = max(DELIMITERS, key=first.count)
    text.seek(0)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    rows = _csv_rows(reader, file)
    line, cells = next(rows, (0, []))
    if line != 1:
        raise _refuse("file_no_header", "The first line is empty. It must name the columns.")
    return Table(_header(cells), rows)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a file, none longer than memory can bear."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise _refuse(
                "line_too_long",
                f"A line of the file has more than {LONGEST_LINE:,} letters. Each row must stand on a line of its own.",
            )
        yield line


def _csv_rows(reader: Any, file: BinaryIO) -> Rows:
    line = 1
    try:
        for cells in reader:
            if cells and (cells[0] or any(cells)):
                yield line, cells
            line = reader.line_num + 1
    except UnicodeDecodeError:
        raise _wrong_encoding(file) from None
    except csv.Error as error:
        raise _refuse(
            "file_broken_quotes",
            f"The row that begins on line {line} cannot be read ({error}). A quotation mark is probably not closed.",
        ) from None


def _wrong_encoding(file: BinaryIO) -> Refusal:
    """Looks for the first bytes that are not UTF-8, to name the place."""
    file.seek(0)
    for number, line in enumerate(file, start=1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            byte = line[error.start]
            hint = ""
            if _CYRILLIC_WORD.search(line.decode("cp1251", errors="replace")):
                hint = " It looks like Windows-1251 (cp1251)."
            return _refuse(
                "file_encoding",
                f"The file is not in UTF-8: line {number}, byte {error.start + 1} is 0x{byte:02x}.{hint} "
                "Save it as CSV UTF-8.",
            )
    return _refuse("file_encoding", "The file is not in UTF-8: it ends in the middle of a letter.")


def _header(cells: Sequence[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    while header and not header[-1]:
        header.pop()
    if not all(name.isprintable() for name in header):
        raise _refuse("file_unreadable", "The first line holds invisible signs: this is not a CSV table in UTF-8.")
    twice = sorted({name for name in header if header.count(name) > 1 and name})
    if twice:
        raise _refuse("column_twice", f"The column “{twice[0]}” is there twice.")
    if not header:
        raise _refuse("file_no_header", "The first line is empty. It must name the columns.")
    if "" in header:
        raise _refuse("column_unnamed", f"Column {header.index('') + 1} has no name.")
    return header


def _open_xlsx(file: BinaryIO) -> Table:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            packed = sum(part.compress_size for part in archive.infolist()) or 1
            words = sum(part.file_size for part in archive.infolist() if part.filename == SHARED_WORDS)
        swells = unpacked > RATIO_FREE and unpacked > packed * RATIO_LIMIT
        if swells or words > MOST_WORDS or unpacked > LARGEST_UNPACKED:
            raise _refuse(
                "file_unpacks_too_large",
                f"The workbook would unpack to {unpacked / 1024**2:,.0f} MB, {unpacked // packed} times its size; "
                "that is not read. Save it as CSV UTF-8.",
            )
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError, IndexError) as error:
        raise _broken_workbook(error) from None
    # What the file says of its own size is often wrong.
    sheet.reset_dimensions()
    rows = _xlsx_rows(sheet.iter_rows(values_only=True))
    for _, cells in rows:
        header = _header(cells)
        return Table(header, _fitted(rows, len(header)))
    raise _refuse("file_empty", "The first sheet of the workbook is empty. Its first line must name the columns.")


def _broken_workbook(error: Exception) -> Refusal:
    return _refuse("file_unreadable", f"The workbook cannot be read: {error}. Open it in Excel and save it again.")


def _xlsx_rows(rows: Iterator[tuple[object, ...]]) -> Rows:
    try:
        for line, values in enumerate(rows, start=1):
            cells = [_cell(value) for value in values]
            if any(cells):
                yield line, cells
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError, OSError, EOFError) as error:
        raise _broken_workbook(error) from None


def _fitted(rows: Rows, width: int) -> Rows:
    """Rows of a sheet end at their last filled cell, or go on with empty ones; both mean the header's width."""
    for line, cells in rows:
        fitted = list(cells)
        while len(fitted) > width and not fitted[-1]:
            fitted.pop()
        yield line, fitted + [""] * (width - len(fitted))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return str(value)
