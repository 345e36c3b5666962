"""What a law pack holds, as read from its file: frozen, typed, cited, and not yet in the database."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from compliance.law.periods import Span
from registry.errors import Refusal

UNITS = {
    "share": "a part of the whole, 0 to 1",
    "miners": "miners in a register",
    "operations": "mining operations, registered or not",
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
class Citation:
    """How well a fact is sourced, by which pages, and what a reader must know about it."""

    confidence: str
    urls: tuple[tuple[str, str], ...] = ()
    note: str = ""

    def as_json(self) -> list[dict[str, str]]:
        """The form of the `sources` columns: one entry per page; a note of its own comes last, without a page."""
        pages = [{"url": url, "confidence": self.confidence, "note": title} for url, title in self.urls]
        return [*pages, {"url": "", "confidence": self.confidence, "note": self.note}] if self.note else pages

    @property
    def first_url(self) -> str:
        return next((url for url, _ in self.urls if url), "")


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
class StatusItem:
    line: int
    status: str
    period: Span
    cited: Citation


@dataclass(frozen=True)
class ActItem:
    line: int
    code: str
    title: str
    citation: str
    cited: Citation
    statuses: tuple[StatusItem, ...]


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


@dataclass(frozen=True)
class Lookback:
    """For how many days an earlier fine makes the next offence a repeat one."""

    days: int
    cited: Citation


@dataclass(frozen=True)
class PenaltyItem:
    """One band, written once for every norm, class of offender and occurrence that it covers; money may be unknown."""

    line: int
    norms: tuple[str, ...]
    offenders: tuple[str, ...]
    occurrences: tuple[str, ...]
    act: str
    article: str
    low: Decimal | None
    high: Decimal | None
    currency: str
    sanctions: tuple[str, ...]
    condition: str
    lookback: Lookback | None
    own_period: Span
    cited: Citation

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
class ClaimItem:
    line: int
    code: str
    territory: str
    said_by: str
    said_on: dt.date
    statement: str
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
    territories: tuple[TerritoryItem, ...] = ()
    registers: tuple[RegisterItem, ...] = ()
    acts: tuple[ActItem, ...] = ()
    norms: tuple[NormItem, ...] = ()
    books: tuple[BookItem, ...] = ()
    claims: tuple[ClaimItem, ...] = ()

    def act(self, code: str) -> ActItem:
        return next(act for act in self.acts if act.code == code)

    def territories_named(self) -> list[tuple[str, int]]:
        """Every territory that something of the pack is about, with the line that says so."""
        registers = [(item.territory, item.line) for item in self.registers]
        norms = [(item.territory, item.line) for item in self.norms]
        claims = [(item.territory, item.line) for item in self.claims]
        areas = [(code, area.line) for norm in self.norms for area in norm.areas for code in area.territories]
        return [(self.territory, 1), *registers, *norms, *claims, *areas]
