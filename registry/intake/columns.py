"""Columns: what a cell of a file may say, and the text that `COPY` takes for it."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from registry.errors import Refusal
from registry.services.days import EARLIEST, mining_day_check, past_day_check
from registry.services.words import CONTENT, CURRENCY

NULL = r"\N"
LARGEST_INTEGER = 2**31 - 1

Parser = Callable[[str], str]
# What a column makes for one file; `Cached` is looked up, not called.
MakeParser = Callable[["Lookups"], "Parser | Cached"]


class CellRefused(Exception):
    """One cell, or several together, cannot be taken: `code` is stable, `reason` is a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Lookups:
    """What the cells are checked against; loaded once per file. Codes are keys in lower case, ids are text."""

    today: dt.date
    territories: Mapping[str, str]
    countries: Mapping[str, str]
    territory_names: Mapping[str, str]
    registers: Mapping[str, str]
    # The id and the kind of each list.
    lists: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Column:
    """One column of a file: its name, the parser of its cells and the columns of the staging table that they fill.

    A column that is not required may be left out of a file; an empty cell of it means “not known”.
    """

    name: str
    parser: MakeParser
    staged: str
    help: str
    required: bool = True

    @property
    def nulls(self) -> str:
        """What an empty cell stages."""
        return "\t".join([NULL] * (self.staged.count(",") + 1))

    def reader(self, lookups: Lookups) -> Parser:
        parse = self.parser(lookups)
        if isinstance(parse, Cached):
            parse.empty = None if self.required else self.nulls
            return parse.__getitem__
        if self.required:

            def required(cell: str) -> str:
                text = cell.strip()
                if not text:
                    raise EMPTY
                return parse(text)

            return required
        nulls = self.nulls

        def optional(cell: str) -> str:
            text = cell.strip()
            return parse(text) if text else nulls

        return optional


EMPTY = CellRefused("empty", "This cell may not be empty.")


class Cached(dict[str, str]):
    """The parser of a column whose cells repeat: each different cell is parsed once. Bounded, as files are not."""

    limit = 20_000

    def __init__(self, parse: Parser) -> None:
        super().__init__()
        self.parse = parse
        self.empty: str | None = None

    def __missing__(self, cell: str) -> str:
        text = cell.strip()
        if text:
            parsed = self.parse(text)
        elif self.empty is None:
            raise EMPTY
        else:
            parsed = self.empty
        if len(self) >= self.limit:
            self.clear()
        self[cell] = parsed
        return parsed


_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def escaped(text: str) -> str:
    """The text as `COPY` reads it."""
    return text.translate(_ESCAPES)


def text(longest: int) -> MakeParser:
    """One line of text."""

    def parse(cell: str) -> str:
        if len(cell) > longest:
            raise CellRefused("too_long", f"The text has {len(cell)} characters; at most {longest} fit.")
        if "\n" in cell or "\t" in cell or "\r" in cell:
            raise CellRefused("line_break", "This column holds one line of text, without line breaks and tabs.")
        return cell.replace("\\", r"\\") if "\\" in cell else cell

    return lambda _: parse


def note() -> MakeParser:
    """Text of any length and with line breaks."""
    return lambda _: escaped


def words(choices: Iterable[tuple[str, str]]) -> MakeParser:
    known = {value for value, _ in choices}

    def parse(cell: str) -> str:
        word = cell.lower().replace(" ", "_").replace("-", "_")
        if word not in known:
            raise CellRefused("unknown_word", f"“{cell}” is none of {', '.join(sorted(known))}.")
        return word

    return lambda _: Cached(parse)


def yes_no() -> MakeParser:
    answers = {"yes": "t", "no": "f", "true": "t", "false": "f", "1": "t", "0": "f"}

    def parse(cell: str) -> str:
        try:
            return answers[cell.lower()]
        except KeyError:
            raise CellRefused("not_yes_or_no", f"“{cell}” is neither yes nor no; leave it empty if unknown.") from None

    return lambda _: Cached(parse)


def _day(cell: str) -> dt.date:
    """2025-03-31, and 31.03.2025 as Russia writes it; nothing in which day and month could be mixed up."""
    try:
        if len(cell) == 10 and cell[4] == "-":
            return dt.date.fromisoformat(cell)
        if len(cell) == 10 and cell[2] == cell[5] == ".":
            return dt.date.fromisoformat(f"{cell[6:]}-{cell[3:5]}-{cell[:2]}")
    except ValueError:
        raise CellRefused("not_a_day", f"“{cell}” is not a day of the calendar.") from None
    raise CellRefused("not_a_day", f"“{cell}” is not a day; write it as 2025-03-31.")


def day(*, future: bool = False, old: bool = False) -> MakeParser:
    """A day; one after today only where it may lie ahead, as the end of a registration does.

    One before all mining is taken only where what it dates may be older: a conviction, an owner.
    """
    check = past_day_check if old else mining_day_check

    def make(lookups: Lookups) -> Cached:
        def parse(cell: str) -> str:
            found = _day(cell)
            try:
                check(day=found, today=max(found, lookups.today) if future else lookups.today)
            except Refusal as refusal:
                raise CellRefused(refusal.code, refusal.sentence) from None
            if found.year > 2200:
                raise CellRefused("too_late", f"{found} lies too far in the future; the year was mistyped.")
            return found.isoformat()

        return Cached(parse)

    return make


def month() -> MakeParser:
    """A month that has begun, stored by its first day."""

    def make(lookups: Lookups) -> Cached:
        def parse(cell: str) -> str:
            try:
                found = dt.date.fromisoformat(f"{cell}-01" if len(cell) == 7 else cell)
            except ValueError:
                raise CellRefused("not_a_month", f"“{cell}” is not a month; write it as 2025-03.") from None
            if found.day != 1:
                raise CellRefused("not_a_month", f"“{cell}” is a day, not a month; write the month as {cell[:7]}.")
            if found < EARLIEST:
                raise CellRefused("too_early", f"{cell} lies before {EARLIEST:%Y-%m}: nobody mined then.")
            if found > lookups.today:
                raise CellRefused("in_the_future", f"{cell} has not begun; today is {lookups.today}.")
            return found.isoformat()

        return Cached(parse)

    return make


def year() -> MakeParser:
    """A calendar year that has begun, with four digits."""

    def make(lookups: Lookups) -> Cached:
        def parse(cell: str) -> str:
            if not re.fullmatch(r"\d{4}", cell, re.ASCII):
                raise CellRefused("not_a_year", f"“{cell}” is not a year; write it with four digits, as 2025.")
            if int(cell) < EARLIEST.year:
                raise CellRefused("too_early", f"{cell} lies before {EARLIEST.year}: nobody mined then.")
            if int(cell) > lookups.today.year:
                raise CellRefused("in_the_future", f"{cell} has not begun; today is {lookups.today}.")
            return cell

        return Cached(parse)

    return make


def currency() -> MakeParser:
    """A currency by its code of ISO 4217."""

    def parse(cell: str) -> str:
        code = cell.upper()
        if not CURRENCY.fullmatch(code):
            raise CellRefused("not_a_currency", f"“{cell}” is not a currency; write its three letters, such as RUB.")
        return code

    return lambda _: Cached(parse)


def contents() -> MakeParser:
    """What a declaration held: words of small letters with spaces between, or `none`; staged as a list in JSON."""

    def parse(cell: str) -> str:
        words = cell.lower().replace(",", " ").replace(";", " ").split()
        for word in words:
            if not CONTENT.fullmatch(word):
                raise CellRefused("not_a_word", f"“{word}” is not a word such as addresses; write none for nothing.")
        return json.dumps([] if words == ["none"] else sorted(set(words)))

    return lambda _: Cached(parse)


def decimal(*, digits: int, places: int, positive: bool = False, largest: int | None = None) -> MakeParser:
    """A number with at most `digits` before the point and `places` after it, from zero up to `largest`."""
    proper = re.compile(rf"\d{{1,{digits}}}(\.\d{{1,{places}}})?", re.ASCII).fullmatch

    def parse(cell: str) -> str:
        if proper(cell):
            if positive and not cell.strip("0."):
                raise CellRefused("not_positive", "It must be more than zero; leave it empty if unknown.")
            if largest is not None and Decimal(cell) > largest:
                raise CellRefused("out_of_range", f"{cell} is more than {largest}.")
            return cell
        raise _number_refused(cell, digits=digits, places=places)

    return lambda _: parse


_NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?", re.ASCII)


def _number_refused(cell: str, *, digits: int, places: int) -> CellRefused:
    found = _NUMBER.fullmatch(cell)
    if found is None or not (found[2] or found[3]):
        hint = "; write a point before the decimals" if re.fullmatch(r"\d+,\d+", cell) else ""
        return CellRefused("not_a_number", f"“{cell}” is not a number{hint or ', such as 1250.5'}.")
    if found[1] == "-":
        return CellRefused("negative", f"{cell} is below zero.")
    if len(found[2].lstrip("0")) > digits:
        return CellRefused("too_large", f"{cell} is too large: at most {digits} digits before the point.")
    if len((found[3] or "").rstrip("0")) > places:
        return CellRefused("too_precise", f"{cell} has more decimals than are kept; at most {places}.")
    return CellRefused("not_a_number", f"“{cell}” is not written as a plain number, such as 1250.5.")


def count() -> MakeParser:
    """A whole number from 1."""

    def parse(cell: str) -> str:
        if not (cell.isascii() and cell.isdigit()):
            if re.fullmatch(r"-\d+", cell, re.ASCII):
                raise CellRefused("negative", f"{cell} is below zero.")
            raise CellRefused("not_a_number", f"“{cell}” is not a whole number.")
        if not 1 <= int(cell) <= LARGEST_INTEGER:
            raise CellRefused("out_of_range", f"It must be between 1 and {LARGEST_INTEGER}.")
        return cell

    return lambda _: Cached(parse)


def url() -> MakeParser:
    def parse(cell: str) -> str:
        if len(cell) > 500:
            raise CellRefused("too_long", f"The address has {len(cell)} characters; at most 500 fit.")
        if not re.fullmatch(r"https?://[^\s/]+\S*", cell):
            raise CellRefused("not_an_address", f"“{cell}” is not an address; it begins with https:// or http://.")
        return escaped(cell)

    return lambda _: parse
