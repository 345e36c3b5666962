"""What one size class says of its unregistered: their number, how it was found, and what it could be otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from compliance.estimates.analysis import Analysis
from compliance.estimates.diagnostics import Notice
from compliance.estimates.documents import estimate_json, estimate_of, number
from compliance.estimates.results import Estimate, kept
from compliance.estimates.strata import Stratum
from compliance.estimates.tables import Table

AMONG_UNREGISTERED = "lists among the unregistered"
WITH_REGISTER = "one list and the register"
NONE = "none"


@dataclass(frozen=True)
class Matched:
    """What errors of matching make of U. `linked`, `linked_low` and `linked_high` are U and its range over the
    plausible models with all links taken as they stand; `best` and `worst` are U where as many matches are found as is
    plausible, and as few; `bound` is the least U with the fewest.
    """

    linked: float | None
    linked_low: float | None
    linked_high: float | None
    best: Estimate
    worst: Estimate
    bound: float

    def to_json(self) -> dict[str, Any]:
        return {
            "linked": number(self.linked),
            "linked_low": number(self.linked_low),
            "linked_high": number(self.linked_high),
            "best": estimate_json(self.best),
            "worst": estimate_json(self.worst),
            "bound": kept(self.bound),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Matched":
        return cls(**{**found, "best": estimate_of(found["best"]), "worst": estimate_of(found["worst"])})


@dataclass(frozen=True)
class StratumModel:
    """The unregistered of one stratum. `registered` counts the register's entries there, `seen` the unregistered seen.

    `u` is their number with its profile interval; `low`, `high` bound it over the plausible models, `main` is that of
    independent lists, `bound` the least there can be. `method` says how: among the unregistered from two lists or more
    that overlap; else from one list (`lists`, merged where several) and the register, whose `overlap` of `listed` is
    then given, and `u` is of a register all of which is active; else none. `without` holds u by the list left out.

    Where errors of matching are known, `counts` is the table without them, and all figures are of that; `matched` says
    what they come to, also where they are only plausible. `allotting` holds u with unknown sizes allotted otherwise.
    """

    stratum: Stratum
    registered: int
    seen: int
    method: str
    lists: tuple[str, ...]
    u: Estimate
    low: float | None
    high: float | None
    main: float | None
    bound: float
    second: float | None
    without: Mapping[str, float | None]
    overlap: int
    listed: int
    analysis: Analysis | None
    notices: tuple[Notice, ...]
    counts: tuple[int, ...] | None = None
    matched: Matched | None = None
    allotting: tuple[float | None, ...] = ()

    @property
    def table(self) -> Table:
        """The table of all lists on which the figures stand."""
        of = self.stratum.table
        return of if self.counts is None else Table(of.lists, np.array(self.counts, dtype=np.int64))

    @property
    def as_linked(self) -> "StratumModel":
        """The model with its links taken as they stand: u and its range over the models alone."""
        told = self.matched
        if told is None:
            return self
        return replace(self, u=replace(self.u, n=told.linked), low=told.linked_low, high=told.linked_high)

    def to_json(self) -> dict[str, Any]:
        return {
            "stratum": self.stratum.to_json(),
            "registered": self.registered,
            "seen": self.seen,
            "method": self.method,
            "lists": list(self.lists),
            "U": estimate_json(self.u),
            "low": number(self.low),
            "high": number(self.high),
            "main": number(self.main),
            "bound": kept(self.bound),
            "second": number(self.second),
            "without": {name: number(each) for name, each in self.without.items()},
            "overlap": self.overlap,
            "listed": self.listed,
            "analysis": None if self.analysis is None else self.analysis.to_json(),
            "warnings": [each.to_json() for each in self.notices],
            "counts": None if self.counts is None else list(self.counts),
            "matched": None if self.matched is None else self.matched.to_json(),
            "allotting": [number(each) for each in self.allotting],
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "StratumModel":
        return cls(
            stratum=Stratum.from_json(found["stratum"]),
            registered=found["registered"],
            seen=found["seen"],
            method=found["method"],
            lists=tuple(found["lists"]),
            u=estimate_of(found["U"]),
            low=found["low"],
            high=found["high"],
            main=found["main"],
            bound=found["bound"],
            second=found["second"],
            without=dict(found["without"]),
            overlap=found["overlap"],
            listed=found["listed"],
            analysis=None if found["analysis"] is None else Analysis.from_json(found["analysis"]),
            notices=tuple(Notice.from_json(each) for each in found["warnings"]),
            counts=None if found.get("counts") is None else tuple(found["counts"]),
            matched=None if found.get("matched") is None else Matched.from_json(found["matched"]),
            allotting=tuple(found.get("allotting", ())),
        )
