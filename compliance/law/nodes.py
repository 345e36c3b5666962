"""A strict reader of YAML: every value has a type, every key is known, and everything wrong is told with its line."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import yaml

from compliance.law.periods import BEGINNING, MonthDay
from compliance.law.schema import Problem

T = TypeVar("T")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where the wheel has it: ten times faster
MOST_DAYS = 36_525
MOST_MONEY = Decimal(10) ** 13
CODE = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


@dataclass
class Trouble:
    """Collects what is wrong with one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, sentence: str) -> None:
        self.problems.append(Problem(self.file, line, sentence))


def line_of(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def is_text(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str"


def listed(words: Iterable[str]) -> str:
    return ", ".join(words)


class Mapping:
    """One mapping of the file under the name `what`. A value that cannot be read is told of, and a stand-in returned:
    whoever builds something from a mapping asks `sound` first."""

    def __init__(self, node: yaml.Node, what: str, trouble: Trouble) -> None:
        self.mark = node.start_mark
        self.line = line_of(node)
        self.what = what
        self.trouble = trouble
        self.values: dict[str, yaml.Node] = {}
        self.read: set[str] = set()
        self.before = len(trouble.problems)
        if not isinstance(node, yaml.MappingNode):
            self.refuse("must be a mapping of keys to values.")
            return
        for key, value in node.value:
            if key.value in self.values:
                self.refuse(f"has the key “{key.value}” twice.", line_of(key))
            self.values[key.value] = value

    @property
    def sound(self) -> bool:
        """Whether nothing was wrong since this mapping was opened; asked when all its keys have been read."""
        self.tell_unknown_keys()
        return len(self.trouble.problems) == self.before

    @property
    def inner(self) -> str:
        """Its name within a sentence: “a status of Act ru.law” where “A status of Act ru.law” begins one."""
        article, _, rest = self.what.partition(" ")
        return f"{article.lower()} {rest}" if article in ("A", "An", "The", "What") else self.what

    def tell_unknown_keys(self) -> None:
        known = listed(sorted(self.read))
        for key in self.values.keys() - self.read:
            self.refuse(f"has the unknown key “{key}”; it takes {known}.", line_of(self.values[key]))

    def refuse(self, sentence: str, line: int | None = None) -> None:
        self.trouble.add(line or self.line, f"{self.what} {sentence}")

    def line_at(self, key: str) -> int:
        return line_of(self.values[key]) if key in self.values else self.line

    def has(self, key: str) -> bool:
        self.read.add(key)
        return key in self.values

    def node(self, key: str) -> yaml.Node | None:
        """The value of a key that must be there."""
        if not self.has(key):
            self.refuse(f"lacks “{key}”.")
            return None
        return self.values[key]

    def _scalar(self, key: str, convert: Callable[[str], T], stand_in: T, wanted: str, *, text: bool = False) -> T:
        node = self.node(key)
        if node is None:
            return stand_in
        if isinstance(node, yaml.ScalarNode) and node.tag != "tag:yaml.org,2002:null" and (is_text(node) or not text):
            try:
                return convert(node.value)
            except (ValueError, InvalidOperation):
                pass
        shown = f"“{node.value}”" if isinstance(node, yaml.ScalarNode) else "a list or a mapping"
        self.refuse(f"needs {wanted} under “{key}”, not {shown}.", line_of(node))
        return stand_in

    def text(self, key: str, *, longest: int = 2000) -> str:
        value = " ".join(
            self._scalar(key, str, "", "words (in quotes, where YAML takes them for another thing)", text=True).split()
        )
        if key in self.values and is_text(self.values[key]) and not value:
            self.refuse(f"has nothing under “{key}”.", self.line_at(key))
        if len(value) > longest:
            self.refuse(f"has {len(value)} letters under “{key}”; {longest} fit.", self.line_at(key))
        return value

    def text_or_none(self, key: str, *, longest: int = 2000) -> str:
        return self.text(key, longest=longest) if self.has(key) else ""

    def code(self, key: str, *, longest: int = 80) -> str:
        value = self.text(key, longest=longest)
        if value and not CODE.fullmatch(value):
            self.refuse(
                f"needs a code of small letters, digits, dots and hyphens under “{key}”, not “{value}”.",
                self.line_at(key),
            )
        return value

    def word(self, key: str, allowed: Iterable[str]) -> str:
        words = list(allowed)
        value = self.text(key)
        if value and value not in words:
            self.refuse(f"has “{value}” under “{key}”; it must be one of {listed(words)}.", self.line_at(key))
        return value

    def whole_number(self, key: str) -> int:
        return self._scalar(key, int, 0, "a whole number")

    def amount(self, key: str) -> Decimal:
        def decimal(text: str) -> Decimal:
            value = Decimal(text)
            if not value.is_finite() or value < 0:
                raise ValueError(text)
            return value

        return self._scalar(key, decimal, Decimal(0), "a number that is not negative")

    def number_of_days(self, key: str) -> int:
        days = self.whole_number(key)
        if key in self.values and not 1 <= days <= MOST_DAYS:
            self.refuse(f"needs from 1 to {MOST_DAYS} days under “{key}”.", self.line_at(key))
        return days

    def money(self, key: str) -> Decimal:
        """A sum that the columns can hold: up to ten thousand billions, in hundredths."""
        value = self.amount(key)
        if value > MOST_MONEY or value != round(value, 2):
            self.refuse(f"needs a sum up to {MOST_MONEY:,} in whole hundredths under “{key}”.", self.line_at(key))
        return value

    def only_money(self, key: str) -> Decimal | None:
        """The sum of a mapping that holds nothing else, or None where it is not sound."""
        value = self.money(key)
        return value if self.sound else None

    def yes_or_no(self, key: str) -> bool:
        """True only where the file says so."""
        if not self.has(key):
            return False
        return self._scalar(
            key, lambda text: ("false", "true").index(text) == 1, stand_in=False, wanted="true or false"
        )

    def date(self, key: str) -> dt.date:
        return self._scalar(key, dt.date.fromisoformat, BEGINNING, "a day such as 2025-01-31")

    def date_or_none(self, key: str) -> dt.date | None:
        return self.date(key) if self.has(key) else None

    def month_day(self, key: str) -> MonthDay:
        def month_day(text: str) -> MonthDay:
            if not re.fullmatch(r"\d\d-\d\d", text):
                raise ValueError(text)
            day = dt.date.fromisoformat(f"2001-{text}")  # no leap year: 29 February is no day of every year
            return MonthDay(day.month, day.day)

        return self._scalar(key, month_day, MonthDay(1, 1), 'a day of every year such as "11-15"')

    def mapping(self, key: str, what: str) -> "Mapping":
        node = self.node(key)
        return Mapping(yaml.MappingNode("", [], self.mark) if node is None else node, what, self.trouble)

    def items(self, key: str) -> list[yaml.Node]:
        node = self.node(key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(f"needs a list under “{key}”.", line_of(node))
            return []
        return list(node.value)

    def mappings(self, key: str, noun: str, *, needed: bool = False, named_by: str = "code") -> Iterator["Mapping"]:
        """The mappings of a list, one at a time; a list that is not needed may be absent."""
        if needed or self.has(key):
            for node in self.items(key):
                yield Mapping(node, named(noun, node, named_by), self.trouble)

    def words(self, key: str, allowed: Iterable[str] | None = None, *, empty: bool = False) -> tuple[str, ...]:
        """The texts of a list without repetitions, each one of `allowed`."""
        known = None if allowed is None else list(allowed)
        found: list[str] = []
        for node in self.items(key):
            if not is_text(node):
                self.refuse(f"needs words in the list under “{key}”.", line_of(node))
            elif node.value in found:
                self.refuse(f"lists “{node.value}” twice under “{key}”.", line_of(node))
            elif known is not None and node.value not in known:
                self.refuse(f"has “{node.value}” under “{key}”; each must be one of {listed(known)}.", line_of(node))
            else:
                found.append(node.value)
        whole = self.values.get(key)
        if not empty and isinstance(whole, yaml.SequenceNode) and not whole.value:
            self.refuse(f"needs at least one entry under “{key}”.", self.line_at(key))
        return tuple(found)


def named(noun: str, node: yaml.Node, by: str = "code") -> str:
    """The noun with the code of the item, where it has one: “Norm ru.ban”."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == by and isinstance(value, yaml.ScalarNode):
                return f"{noun} {value.value}"
    return noun


def root(text: str, trouble: Trouble) -> Mapping | None:
    """The file's outermost mapping, or None where it is not YAML at all."""
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        trouble.add(mark.line + 1 if mark else 1, f"This is not YAML: {error.problem or 'it cannot be read'}.")
        return None
    if node is None:
        trouble.add(1, "The file is empty; a pack begins with “pack:”.")
        return None
    return Mapping(node, "The pack's file", trouble)
