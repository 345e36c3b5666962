"""Operations: one drawn miner with all that it holds, as plain values."""

import datetime as dt
import math
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from registry.choices import MinerKind, RegistrationStatus
from registry.sample import numbers, shares

DAY = dt.timedelta(days=1)


class Weighted:
    """Draws by weights; the cumulated ones are kept, as it is asked a million times."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.names = list(weights)
        self.edges = list(accumulate(weights.values()))

    def draw(self, chance: float) -> str:
        return self.names[bisect(self.edges, chance * self.edges[-1])]


@dataclass(frozen=True)
class Places:
    """The regions to draw from, and the municipalities on file below each."""

    regions: Sequence[str]
    municipalities: Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Entry:
    """One row of a register."""

    register: str
    status: str
    applied_on: dt.date
    starts: dt.date | None = None
    ends: dt.date | None = None
    reason: str = ""


@dataclass(slots=True)
class Operation:
    number: int
    kind: str
    region: str
    territory: str
    country: str
    identifiers: list[str]
    starts: dt.date
    ends: dt.date | None
    capacity_kw: float
    entry: Entry | None
    has_site: bool
    # On no file: neither its miner nor its site is known to anybody.
    hidden: bool = False


class Population:
    """Draws operations one after another from one source of chance: the same seed gives the same ones."""

    def __init__(self, chance: Random, places: Places, as_of: dt.date) -> None:
        self.chance = chance
        self.places = places
        self.as_of = as_of
        self.kinds = Weighted({str(kind): weight for kind, weight in shares.KINDS.items()})
        rest = [code for code in places.regions if code not in shares.REGIONS]
        named = {code: weight for code, weight in shares.REGIONS.items() if code in places.regions}
        self.regions = Weighted({**named, **{code: shares.OTHER_REGIONS / len(rest) for code in rest}})
        months = (as_of.year - shares.FIRST_ENTRY.year) * 12 + as_of.month - shares.FIRST_ENTRY.month
        known = [*shares.ENTRIES, *([shares.ENTRIES[-1]] * max(0, months + 1 - len(shares.ENTRIES)))][: months + 1]
        self.entry_months = Weighted({str(month): float(weight) for month, weight in enumerate(known)})

    def place(self) -> tuple[str, str]:
        """A region, and the territory in it as exactly as known."""
        chance = self.chance.random
        region = self.regions.draw(chance())
        below = self.places.municipalities.get(region)
        if below and chance() < shares.IN_A_MUNICIPALITY:
            return region, below[int(chance() * len(below))]
        return region, region

    def operation(self, number: int) -> Operation:
        chance = self.chance.random
        kind = self.kinds.draw(chance())
        region, territory = self.place()
        foreign = chance() < shares.FOREIGN and kind == MinerKind.LEGAL_ENTITY
        starts = self._start()
        ends = None
        if chance() < shares.STOPPED and starts < self.as_of - 60 * DAY:
            ends = self._between(starts + 30 * DAY, self.as_of)
        median, spread = shares.SIZES[MinerKind(kind)]
        capacity = min(round(median * math.exp(self.chance.gauss(0.0, spread)), 3), 400_000.0)
        country, identifiers = self._identity(number, kind, foreign)
        entry = None if foreign or kind == MinerKind.INDIVIDUAL else self._entry(kind, region, starts, ends)
        registered = entry is not None and entry.starts is not None
        has_site = chance() < (shares.SITE_IF_REGISTERED if registered else shares.SITE_IF_NOT)
        return Operation(number, kind, region, territory, country, identifiers, starts, ends, capacity, entry, has_site)

    def hidden(self, number: int) -> Operation:
        """An operation that nobody has on file; it has a meter, but no site on file."""
        chance = self.chance.random
        kind = self.kinds.draw(chance())
        region, territory = self.place()
        median, spread = shares.SIZES[MinerKind(kind)]
        capacity = min(round(median * math.exp(self.chance.gauss(0.0, spread)), 3), 400_000.0)
        return Operation(
            number, kind, region, territory, "", [], self._start(), None, capacity, None, has_site=True, hidden=True
        )

    def _start(self) -> dt.date:
        """Half of them mined before the duty to register began; the others came evenly since."""
        if self.chance.random() < 0.55 or self.as_of <= shares.FIRST_ENTRY:
            return self._between(dt.date(2019, 1, 1), min(self.as_of, shares.FIRST_ENTRY))
        return self._between(shares.FIRST_ENTRY, self.as_of)

    def _between(self, first: dt.date, last: dt.date) -> dt.date:
        return first + int(self.chance.random() * max((last - first).days, 1)) * DAY

    def _identity(self, number: int, kind: str, foreign: bool) -> tuple[str, list[str]]:
        if foreign:
            if number % 2:
                return "CN", [f"cn.uscc={numbers.chinese(number)}"]
            return "AE", [f"ae.trn={numbers.emirati(number)}"]
        if kind in (MinerKind.LEGAL_ENTITY, MinerKind.OPERATOR):
            return "RU", [f"ru.inn={numbers.inn_of_company(number)}", f"ru.ogrn={numbers.ogrn(number)}"]
        identifiers = [f"ru.inn={numbers.inn_of_person(number)}"]
        if kind == MinerKind.ENTREPRENEUR:
            identifiers.append(f"ru.ogrnip={numbers.ogrnip(number)}")
        return "RU", identifiers

    def _entry(self, kind: str, region: str, starts: dt.date, ends: dt.date | None) -> Entry | None:
        chance = self.chance.random
        register = "ru.operators" if kind == MinerKind.OPERATOR else "ru.miners"
        rate = shares.REGISTERED_WHERE_BANNED if region in shares.BANNED else shares.REGISTERED
        applied = max(starts, self._entry_day() - int(10 + chance() * 30) * DAY, shares.FIRST_ENTRY)
        outcome = chance()
        if applied > self.as_of:
            return None
        if outcome >= rate:
            return self._application(register, outcome - rate, applied)
        entered = applied + int(10 + chance() * 30) * DAY
        last = ends or self.as_of
        if entered >= last:
            return Entry(register, RegistrationStatus.APPLIED, applied) if ends is None else None
        fate = chance()
        if fate < shares.EXCLUDED and entered + 60 * DAY < last:
            reason = shares.EXCLUSION_REASONS[int(chance() * len(shares.EXCLUSION_REASONS))]
            out = self._between(entered + 30 * DAY, last)
            return Entry(register, RegistrationStatus.EXCLUDED, applied, entered, out, reason)
        if fate < shares.EXCLUDED + shares.SUSPENDED:
            return Entry(
                register, RegistrationStatus.SUSPENDED, applied, entered, ends, "Late reports (synthetic sample)"
            )
        return Entry(register, RegistrationStatus.ACTIVE, applied, entered, ends)

    def _entry_day(self) -> dt.date:
        months = int(self.entry_months.draw(self.chance.random()))
        month = shares.FIRST_ENTRY.month - 1 + months
        return dt.date(shares.FIRST_ENTRY.year + month // 12, month % 12 + 1, 1 + int(self.chance.random() * 28))

    def _application(self, register: str, outcome: float, applied: dt.date) -> Entry | None:
        if outcome < shares.REFUSED:
            reason = shares.REFUSAL_REASONS[int(self.chance.random() * len(shares.REFUSAL_REASONS))]
            return Entry(register, RegistrationStatus.REFUSED, applied, reason=reason)
        if outcome < shares.REFUSED + shares.APPLIED:
            late = max(applied, self.as_of - int(5 + self.chance.random() * 40) * DAY)
            return Entry(register, RegistrationStatus.APPLIED, late)
        if outcome < shares.REFUSED + shares.APPLIED + shares.WITHDRAWN:
            return Entry(register, RegistrationStatus.WITHDRAWN, applied)
        return None
