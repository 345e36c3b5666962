"""What a law pack holds, as read from its file: frozen, typed, cited, and not yet in the database."""

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from compliance.choices import Basis
from compliance.law.cited import Citation, Conflict
from compliance.law.periods import Span
from compliance.law.timelines import StatusItem
from registry.errors import Refusal

UNITS = {
    "share": "a part of the whole, 0 to 1",
    "miners": "miners in a register",
    "operations": "mining operations, registered or not",
    "cases": "cases of mining that somebody found; one operation may be several",
    "kWh a year": "energy over one year",
    "kW": "power",
    "RUB": "Russian roubles",
    "USD": "US dollars",
}
"""What a claim's figures may be counted in."""

BOUNDS = (
    "registration_rate",
    "white_share",
    "registered",
    "unregistered",
    "operations",
    "energy",
    "power",
    "fine",
    "eligibility",
    "maker_share",
    "market_value",
    "seizure",
    "procedure",
    "production",
)
"""What a claim may set bounds to."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a pack, and where."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.sentence}"


@dataclass
class PackRefused(Refusal):
    """A pack with at least one problem; `problems` has all of them in the order of the file."""

    problems: tuple[Problem, ...] = ()


def pack_refused(problems: list[Problem]) -> PackRefused:
    ordered = tuple(sorted(set(problems), key=lambda problem: (problem.line, problem.sentence)))
    return PackRefused("law_pack_refused", "\n".join(map(str, ordered)), problems=ordered)


@dataclass(frozen=True)
class TerritoryItem:
    line: int
    code: str
    name: str
    parent: str


@dataclass(frozen=True)
class RegisterItem:
    line: int
    code: str
    name: str
    kind: str
    territory: str
    keeper: str


@dataclass(frozen=True)
class ActItem:
    line: int
    code: str
    title: str
    citation: str
    cited: Citation
    statuses: tuple[StatusItem, ...]
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True)
class AreaItem:
    """One ban of one or more territories; `seasons` and plain spans are both in `periods` by now."""

    line: int
    territories: tuple[str, ...]
    periods: tuple[Span, ...]
    partial: bool
    note: str
    cited: Citation


@dataclass(frozen=True)
class NormItem:
    line: int
    code: str
    act: str
    kind: str
    title: str
    sentence: str
    article: str
    territory: str
    register: str
    miner_kinds: tuple[str, ...]
    parameters: dict[str, object]
    own_period: Span
    cited: Citation
    areas: tuple[AreaItem, ...] = ()
    statuses: tuple[StatusItem, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True)
class Lookback:
    """For how many days an earlier fine makes the next offence a repeat one."""

    days: int
    cited: Citation


@dataclass(frozen=True)
class Amount:
    """How much a band asks, lowest to highest, in a currency, in units, or in percent; null where nobody knows it."""

    low: Decimal | None = None
    high: Decimal | None = None
    currency: str = ""
    unit: str = ""
    basis: str = Basis.FIXED
    cap: Decimal | None = None


@dataclass(frozen=True)
class Sanction:
    """What may be imposed besides or instead of the fine."""

    role: str
    kind: str
    words: str
    days: int | None

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Threshold:
    """A band only holds where this sum of the offender's year is above an amount."""

    fact: str
    over: Decimal
    currency: str


@dataclass(frozen=True)
class Discount:
    percent: Decimal
    within_days: int


@dataclass(frozen=True)
class Limitation:
    """So many days after the offence nobody may be fined any more."""

    days: int
    cited: Citation | None


@dataclass(frozen=True)
class PenaltyItem:
    """One band, written once for every norm, class of offender and occurrence that it covers; money may be unknown."""

    line: int
    norms: tuple[str, ...]
    offenders: tuple[str, ...]
    occurrences: tuple[str, ...]
    act: str
    article: str
    amount: Amount
    sanctions: tuple[Sanction, ...]
    condition: str
    threshold: Threshold | None
    criminal: bool
    discount: Discount | None
    limitation: Limitation | None
    lookback: Lookback | None
    own_period: Span
    cited: Citation
    statuses: tuple[StatusItem, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    def covers(self) -> list[tuple[str, str, str]]:
        """Every norm, offender and occurrence that the band is for."""
        return list(product(self.norms, self.offenders, self.occurrences))


@dataclass(frozen=True)
class BookItem:
    line: int
    code: str
    kind: str
    title: str
    note: str
    act: str
    penalties: tuple[PenaltyItem, ...]


@dataclass(frozen=True)
class RateItem:
    """What a unit was worth on some days."""

    line: int
    value: Decimal
    currency: str
    period: Span
    cited: Citation
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True)
class UnitItem:
    """One unit in which the pack's fines are counted."""

    line: int
    unit: str
    title: str
    rates: tuple[RateItem, ...]


@dataclass(frozen=True)
class ScenarioItem:
    line: int
    code: str
    title: str
    note: str
    changes: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class ReachBack:
    """Whether a milder later law also holds for what was done before it, and by which source."""

    line: int
    value: bool
    cited: Citation


@dataclass(frozen=True)
class ClaimItem:
    line: int
    code: str
    territory: str
    said_by: str
    said_on: dt.date
    statement: str
    quote: str
    where: str
    about_on: dt.date | None
    bounds: str
    low: Decimal | None
    high: Decimal | None
    unit: str
    cited: Citation


@dataclass(frozen=True)
class Pack:
    """One jurisdiction's law, whole and consistent in itself."""

    file: str
    sha256: str
    code: str
    title: str
    territory: str
    time_zone: str
    version: str
    text: str = ""
    calendar: str = ""
    milder_reaches_back: ReachBack | None = None
    territories: tuple[TerritoryItem, ...] = ()
    registers: tuple[RegisterItem, ...] = ()
    acts: tuple[ActItem, ...] = ()
    norms: tuple[NormItem, ...] = ()
    books: tuple[BookItem, ...] = ()
    claims: tuple[ClaimItem, ...] = ()
    units: tuple[UnitItem, ...] = ()
    scenarios: tuple[ScenarioItem, ...] = ()

    def act(self, code: str) -> ActItem:
        return next(act for act in self.acts if act.code == code)

    def norm(self, code: str) -> NormItem:
        return next(norm for norm in self.norms if norm.code == code)

    def territories_named(self) -> list[tuple[str, int]]:
        """Every territory that something of the pack is about, with the line that says so."""
        registers = [(item.territory, item.line) for item in self.registers]
        norms = [(item.territory, item.line) for item in self.norms]
        claims = [(item.territory, item.line) for item in self.claims]
        areas = [(code, area.line) for norm in self.norms for area in norm.areas for code in area.territories]
        return [(self.territory, 1), *registers, *norms, *claims, *areas]
