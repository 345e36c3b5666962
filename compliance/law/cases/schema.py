"""What a file of cases holds: frozen, typed, and not yet asked."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from compliance.law.periods import Span

MINER = "the miner"
"""How the person whom a case is about is called by its other facts."""


@dataclass(frozen=True)
class SiteFacts:
    name: str
    territory: str
    period: Span
    capacity_kw: Decimal | None = None
    off_grid: bool | None = None
    interruptible_percent: Decimal | None = None
    data_centre: bool | None = None
    land_use: str = ""
    host: str = ""
    disclosed_on: dt.date | None = None
    readings: tuple[tuple[dt.date, Decimal], ...] = ()
    devices: int = 0


@dataclass(frozen=True)
class RegistrationFacts:
    register: str
    period: Span | None
    status: str
    applied_on: dt.date | None


@dataclass(frozen=True)
class DeclarationFacts:
    month: dt.date
    months: int
    declared_on: dt.date
    currency: str = "BTC"
    amount: Decimal = Decimal(1)
    energy_kwh: Decimal | None = None
    contents: tuple[str, ...] | None = None


@dataclass(frozen=True)
class AccountFacts:
    year: int
    turnover: Decimal | None
    gain: Decimal | None
    damage: Decimal | None
    currency: str


@dataclass(frozen=True)
class ImpedimentFacts:
    kind: str
    period: Span


@dataclass(frozen=True)
class OwnerFacts:
    """One owner: another person of the case by its name, or somebody of whom only a name and a country are known."""

    name: str
    country: str
    share_percent: Decimal | None
    period: Span


@dataclass(frozen=True)
class FineFacts:
    norm: str
    decided_on: dt.date


@dataclass(frozen=True)
class PersonFacts:
    """One person of a case with everything that is on file of it."""

    name: str
    kind: str
    territory: str
    country: str
    operating: Span
    sites: tuple[SiteFacts, ...] = ()
    registrations: tuple[RegistrationFacts, ...] = ()
    declarations: tuple[DeclarationFacts, ...] = ()
    accounts: tuple[AccountFacts, ...] = ()
    impediments: tuple[ImpedimentFacts, ...] = ()
    owners: tuple[OwnerFacts, ...] = ()
    fines: tuple[FineFacts, ...] = ()


@dataclass(frozen=True)
class Breach:
    """A breach that began on `since`; `until` is its last day, null where it must still last on the day of the case."""

    since: dt.date
    until: dt.date | None = None

    def __str__(self) -> str:
        return f"since {self.since}" if self.until is None else f"from {self.since} until {self.until}"


@dataclass(frozen=True)
class Price:
    """What the breaches of one norm come to in one book; all null where that is unknown."""

    low: Decimal | None = None
    high: Decimal | None = None
    currency: str = ""
    occurrence: str = ""

    def __str__(self) -> str:
        money = "unknown" if self.high is None else f"{self.low:,f} to {self.high:,f} {self.currency}"
        return f"{money} ({self.occurrence} offence)" if self.occurrence else money


@dataclass(frozen=True)
class Expected:
    """All that may be found of the miner on the day; a book that is not named is not asked."""

    obliged: frozenset[str]
    breaches: dict[str, tuple[Breach, ...]]
    undetermined: dict[str, tuple[str, ...]]
    penalties: dict[str, dict[str, Price]]


@dataclass(frozen=True)
class AllowedQuestion:
    line: int
    territory: str
    on: dt.date
    verdict: str
    by: frozenset[str]


@dataclass(frozen=True)
class CaseItem:
    """One case; the first of its persons is the miner, and a case without persons only asks what is allowed.

    `under` is the code of the scenario whose law is asked, empty for the law as it is.
    """

    file: str
    line: int
    title: str
    on: dt.date
    under: str
    persons: tuple[PersonFacts, ...]
    expected: Expected | None
    allowed: tuple[AllowedQuestion, ...]

    def __str__(self) -> str:
        return f"{self.file}, case “{self.title}” (line {self.line})"


@dataclass(frozen=True)
class Cases:
    """All cases of one pack, in the order of the file."""

    file: str
    pack: str
    items: tuple[CaseItem, ...]
