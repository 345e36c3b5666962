"""Lists of the sample: who is seen by which of them in the last months, and what the report tells of whom it saw."""

import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from registry.choices import SightingKind
from registry.sample import shares
from registry.sample.operations import DAY, Operation

RANDOM_AUDIT = "sample_random_audit"
"""Code of the list of places that were drawn at random and inspected."""

Row = tuple[object, ...]
Write = Callable[[Row], object]


@dataclass(frozen=True, slots=True)
class Sign:
    """One report: of which kind, on which list, on which day, and by what it names its operation."""

    kind: SightingKind
    list: str
    seen_on: dt.date
    by: str


def name_of(number: int) -> str:
    first = shares.FIRST_WORDS[number % len(shares.FIRST_WORDS)]
    return f"{first} {shares.SECOND_WORDS[number // len(shares.FIRST_WORDS) % len(shares.SECOND_WORDS)]}"


def address_of(number: int) -> str:
    street = shares.STREETS[number * 7 % len(shares.STREETS)]
    return f"{street} street {1 + number * 13 % shares.HOUSES}"


def slip(text: str, chance: Random) -> str:
    """The text with two neighbouring letters changed over, or one left out."""
    place = 1 + int(chance.random() * max(len(text) - 3, 1))
    if chance.random() < 0.5:
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


class Lists:
    """Draws the reports of operations, from a source of chance of its own."""

    def __init__(self, seed: int, as_of: dt.date) -> None:
        self.chance = Random(f"{seed} lists")
        self.as_of = as_of

    def signs(self, operation: Operation) -> Iterator[Sign]:
        """What each list reports of the operation in each window; what names it best comes first."""
        found = []
        random = self.chance.random
        size = min(max((operation.capacity_kw / 100.0) ** shares.SEEN_BY_SIZE, 0.4), 2.5)
        for back in range(shares.WINDOWS):
            last = self.as_of - back * shares.WINDOW_DAYS * DAY
            for kind, (everybody, registered_times, by_size) in shares.LISTS.items():
                # The first day decides whether the operation is one that this list can see.
                seen_on = last - int(random() * shares.WINDOW_DAYS) * DAY
                likelihood = everybody * (size if by_size else 1.0)
                if registered(operation, seen_on):
                    likelihood *= registered_times
                if random() < likelihood and operates(operation, seen_on):
                    is_random = kind == SightingKind.AUDIT
                    found.append(Sign(kind, RANDOM_AUDIT if is_random else "", seen_on, self._by(kind, operation)))
        return iter(sorted(found, key=lambda sign: (shares.NAMED_BY.index(sign.by), sign.seen_on, sign.kind)))

    def _by(self, kind: SightingKind, operation: Operation) -> str:
        weights = shares.NAMES_IT[kind]
        if operation.hidden:
            weights = (0.0, weights[1] + weights[0] / 2, weights[2] + weights[0] / 2)
        elif not operation.has_site:
            # Of whom no place is on file, nothing but an identifier tells that it is on file at all.
            return shares.NAMED_BY[0]
        draw = self.chance.random() * sum(weights)
        for by, weight in zip(shares.NAMED_BY, weights, strict=True):
            if draw < weight:
                return by
            draw -= weight
        return shares.NAMED_BY[-1]

    def told(self, operation: Operation) -> tuple[str, str]:
        """Name and address as a report tells them: with slips, one of them left out, or somebody else's."""
        random = self.chance.random
        number = operation.number + (1 if random() < shares.WRONG else 0)
        name, address = name_of(number), address_of(number)
        left_out = random()
        if left_out < shares.LEFT_OUT:
            name = ""
        elif left_out < 2 * shares.LEFT_OUT:
            address = ""
        if name and random() < shares.SLIPS:
            name = slip(name, self.chance)
        if address and random() < shares.SLIPS:
            address = slip(address, self.chance)
        return name and f"{name} (sample)", address and f"{address} (sample)"

    def power(self, operation: Operation) -> float:
        return max(operation.capacity_kw * math.exp(self.chance.gauss(0.0, shares.POWER_ERROR)), 0.5)


def operates(operation: Operation, day: dt.date) -> bool:
    return operation.starts <= day and (operation.ends is None or day < operation.ends)


def registered(operation: Operation, day: dt.date) -> bool:
    entry = operation.entry
    if entry is None or entry.starts is None:
        return False
    return entry.starts <= day and (entry.ends is None or day < entry.ends)
