"""What a run of the estimate asks: its windows, its law, what is known when; and the cells that it is cut into."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from compliance.choices import EstimateKind
from compliance.estimates.strata import Settings
from compliance.models import Estimate
from compliance.selectors.captures import By, Sizing, Window
from compliance.selectors.known import Known
from compliance.selectors.size_limits import sizing_of
from registry.models import Territory


@dataclass(frozen=True)
class Question:
    """What is asked of the register: where, over which windows, by what strata, as known when, under which law.

    `catalogue` is what the run kept of the catalogue of devices; null where it asks nothing of it.
    """

    kind: str
    territory: Territory
    windows: tuple[Window, ...]
    by: By
    known: Known
    limits: list[dict[str, Any]]
    edges: tuple[Decimal, ...]
    settings: Settings
    catalogue: dict[str, Any] | None = None

    @property
    def sizing(self) -> Sizing:
        return sizing_of(self.limits, self.edges)


@dataclass(frozen=True)
class Part:
    """One cell to compute: which task, where, when, in which stratum, and its input as it is kept."""

    task: str
    input: dict[str, Any]
    stratum: str = ""
    territory_id: int | None = None
    month: dt.date | None = None


def question_of(run: Estimate, *, known: Known | None = None) -> Question:
    """The question that a run asked, as known when it asked."""
    given = run.settings
    return Question(
        kind=run.kind,
        territory=run.territory,
        windows=windows_of(run.kind, run.as_of, months=given["months"], history=given["history"]),
        by=given["by"],
        known=known or Known(run.known_at),
        limits=run.law["limits"],
        edges=tuple(Decimal(edge) for edge in given["edges"]),
        settings=Settings.from_json(given["headline"]),
        catalogue=given.get("catalogue"),
    )


def windows_of(kind: str, as_of: dt.date, *, months: int, history: int) -> tuple[Window, ...]:
    """One window of so many months that ends on the day; for regions one that ends with each of the last months."""
    if kind == EstimateKind.WHOLE:
        return (_window(as_of, months),)
    after = as_of + dt.timedelta(days=1)
    return tuple(
        _window(months_before(after, back) - dt.timedelta(days=1), months) for back in reversed(range(history))
    )


def _window(last: dt.date, months: int) -> Window:
    return Window(months_before(last + dt.timedelta(days=1), months), last, last)


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day so many months earlier, or the last of that month where it has no such day."""
    month = day.year * 12 + day.month - 1 - months
    year, number = divmod(month, 12)
    last = (dt.date(year + (number == 11), (number + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, number + 1, min(day.day, last))
