"""The registration gap as a waterfall: parts that add up, each with its interval, its grade and where it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

ESTABLISHED, ILLUSTRATIVE = "established", "illustrative"
ZERO = Decimal(0)


class PartsDoNotAddUp(ValueError):
    """The steps are no waterfall: a step is under one that is not there, or two bear one code."""


@dataclass(frozen=True)
class Quantity:
    """What is known of one number that is zero or more: at least `low`, at most `high`, and best `point`.

    An end that nobody knows is null, and `why` then says in words what is missing. All null: nothing is known.
    """

    low: Decimal | None
    point: Decimal | None
    high: Decimal | None
    why: str = ""

    def __post_init__(self) -> None:
        known = [end for end in (self.low, self.point, self.high) if end is not None]
        if known != sorted(known) or any(end < 0 for end in known):
            raise ValueError(f"{self.low}, {self.point} and {self.high} are not in order, or below zero.")
        if self.low is None and known:
            raise ValueError("What is known to be at most something is at least zero.")
        if len(known) < 3 and not self.why:
            raise ValueError("What is not known needs words.")

    @classmethod
    def exactly(cls, value: Decimal | int) -> "Quantity":
        return cls(Decimal(value), Decimal(value), Decimal(value))

    @classmethod
    def at_least(cls, value: Decimal | int, why: str) -> "Quantity":
        return cls(Decimal(value), None, None, why)

    @classmethod
    def unknown(cls, why: str) -> "Quantity":
        return cls(None, None, None, why)

    @property
    def exact(self) -> bool:
        return self.low is not None and self.low == self.high

    def times(self, share: Decimal) -> "Quantity":
        """A share of it."""
        ends = [None if end is None else end * share for end in (self.low, self.point, self.high)]
        return Quantity(ends[0], ends[1], ends[2], self.why)

    def less(self, counted: Decimal | int) -> "Quantity":
        """What is left of it when so many have been counted already; never below zero."""
        left = [None if end is None else max(ZERO, end - counted) for end in (self.low, self.point, self.high)]
        return Quantity(left[0], left[1], left[2], self.why)


def added(parts: Iterable[Quantity]) -> Quantity:
    """The sum. Its low end is of what is known, for none is below zero; the others are unknown where one of a part is.

    A sum over nothing is zero; a sum of which nothing is known is unknown.
    """
    rows = list(parts)
    why = "; ".join(dict.fromkeys(row.why for row in rows if row.why))
    lows = [row.low for row in rows if row.low is not None]
    if rows and not lows:
        return Quantity.unknown(why)
    return Quantity(sum(lows, ZERO), _sum([row.point for row in rows]), _sum([row.high for row in rows]), why)


@dataclass(frozen=True)
class Money:
    """A sum in one currency, from the lowest to the highest amount; currencies are never added up."""

    currency: str
    low: Decimal
    high: Decimal


def money_added(parts: Iterable[Money]) -> tuple[Money, ...]:
    """The sums by currency."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for part in parts:
        low, high = sums.get(part.currency, (ZERO, ZERO))
        sums[part.currency] = (low + part.low, high + part.high)
    return tuple(Money(currency, *ends) for currency, ends in sorted(sums.items()))


@dataclass(frozen=True)
class Step:
    """One part, under the step of the code `of`, or under none.

    `lacking_kwh` is energy that was drawn and not declared, null where the step is not about that. `money` is what can
    be said in money, by currency; `unpriced` are the breaches for which no amount is known, and `no_money` says in
    words why there is none. `sources` name the norms, rules, rows or runs that it comes from.
    """

    code: str
    title: str
    of: str
    operations: Quantity
    energy_kwh: Quantity
    lacking_kwh: Quantity | None = None
    money: tuple[Money, ...] = ()
    unpriced: int = 0
    no_money: str = ""
    grade: str = ESTABLISHED
    sources: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Whole:
    """A step that is the sum of those under it: its code, its title and the step above it."""

    code: str
    title: str
    of: str = ""
    note: str = ""


@dataclass(frozen=True)
class Waterfall:
    """The steps in order, each whole before its parts."""

    steps: tuple[Step, ...]

    def step(self, code: str) -> Step:
        return next(step for step in self.steps if step.code == code)

    def parts(self, code: str) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.of == code)

    def to_json(self) -> list[dict[str, Any]]:
        return [step_json(step) for step in self.steps]


@dataclass
class _Tree:
    wholes: Sequence[Whole]
    leaves: Sequence[Step]
    done: dict[str, Step] = field(default_factory=dict)

    def under(self, code: str) -> list[Whole | Step]:
        every: list[Whole | Step] = [*self.wholes, *self.leaves]
        return [each for each in every if each.of == code]

    def step(self, each: Whole | Step) -> list[Step]:
        """The step with all below it, itself first."""
        if isinstance(each, Step):
            return [each]
        below = [self.step(part) for part in self.under(each.code)]
        parts = [rows[0] for rows in below]
        if not parts:
            raise PartsDoNotAddUp(f"{each.code} has no parts.")
        unsure = [part for part in parts if part.grade == ILLUSTRATIVE and part.operations.high != 0]
        whole = Step(
            code=each.code,
            title=each.title,
            of=each.of,
            operations=added(part.operations for part in parts),
            energy_kwh=added(part.energy_kwh for part in parts),
            lacking_kwh=_lacking(parts),
            money=money_added(sum_ for part in parts for sum_ in part.money),
            unpriced=sum(part.unpriced for part in parts),
            no_money="; ".join(dict.fromkeys(part.no_money for part in parts if part.no_money)),
            grade=ILLUSTRATIVE if unsure else ESTABLISHED,
            sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
            note=each.note,
        )
        return [whole, *(row for rows in below for row in rows)]


def waterfall(wholes: Sequence[Whole], leaves: Sequence[Step]) -> Waterfall:
    """Put the wholes together from their parts, in the order given; a whole is illustrative where one of its parts is.

    Raises `PartsDoNotAddUp` where a step is under one that is not there, or a code comes twice.
    """
    every: list[Whole | Step] = [*wholes, *leaves]
    codes = [each.code for each in every]
    if len(set(codes)) < len(codes):
        raise PartsDoNotAddUp("A code comes twice.")
    known = {whole.code for whole in wholes} | {""}
    for each in every:
        if each.of not in known:
            raise PartsDoNotAddUp(f"{each.code} is under {each.of}, which is no whole.")
    tree = _Tree(wholes, leaves)
    return Waterfall(tuple(step for top in tree.under("") for step in tree.step(top)))


def rounded(quantity: Quantity) -> Quantity:
    """An estimated quantity in whole operations, its ends outward."""
    low, point, high = quantity.low, quantity.point, quantity.high
    return replace(
        quantity,
        low=None if low is None else low.to_integral_value("ROUND_FLOOR"),
        point=None if point is None else point.to_integral_value("ROUND_HALF_UP"),
        high=None if high is None else high.to_integral_value("ROUND_CEILING"),
    )


def step_json(step: Step) -> dict[str, Any]:
    """The step for a machine; decimals as text, unknown ones null with words."""
    return {
        "code": step.code,
        "title": step.title,
        "of": step.of,
        "operations": quantity_json(step.operations),
        "energy_kwh": quantity_json(step.energy_kwh),
        "lacking_kwh": None if step.lacking_kwh is None else quantity_json(step.lacking_kwh),
        "money": [
            {"currency": sum_.currency, "low": f"{sum_.low:.2f}", "high": f"{sum_.high:.2f}"} for sum_ in step.money
        ],
        "unpriced": step.unpriced,
        "no_money": step.no_money,
        "grade": step.grade,
        "sources": list(step.sources),
        "note": step.note,
    }


def quantity_json(quantity: Quantity) -> dict[str, Any]:
    ends = {name: _text(getattr(quantity, name)) for name in ("low", "point", "high")}
    return {**ends, "why_unknown": quantity.why}


def _lacking(parts: Sequence[Step]) -> Quantity | None:
    known = [part.lacking_kwh for part in parts if part.lacking_kwh is not None]
    return added(known) if known else None


def _text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, ZERO) if len(known) == len(values) else None
