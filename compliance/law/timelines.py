"""The status of an act, a norm or a band over time, and on which days that makes it law. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from compliance.choices import ActStatusName
from compliance.law.cited import Citation, Conflict
from compliance.law.periods import ONE_DAY, Span, joined


@dataclass(frozen=True)
class StatusItem:
    line: int
    status: str
    period: Span
    cited: Citation
    conflicts: tuple[Conflict, ...] = ()

    def cut(self, period: Span) -> "StatusItem | None":
        days = self.period.cut(period)
        return None if days is None else replace(self, period=days)

    def as_json(self) -> dict[str, Any]:
        """The form of the `timeline` columns; both days count, and an `until` of null never comes."""
        return {
            "status": self.status,
            "from": self.period.start.isoformat(),
            "until": (self.period.end - ONE_DAY).isoformat() if self.period.end else None,
            "confidence": self.cited.confidence,
            "sources": self.cited.pages(),
            "note": self.cited.note,
            "conflicts": [conflict.as_json() for conflict in self.conflicts],
        }


Timeline = tuple[StatusItem, ...]


def in_order(entries: Iterable[StatusItem | None]) -> Timeline:
    return tuple(sorted((entry for entry in entries if entry), key=lambda entry: entry.period.start))


def cut_to(entries: Iterable[StatusItem], period: Span) -> Timeline:
    """The entries on the days of the period."""
    return in_order(entry.cut(period) for entry in entries)


def capped(entries: Iterable[StatusItem], by: Timeline) -> Timeline:
    """Nothing is law longer than what it stands in: where `by` is not in force, its status takes the place."""
    found: list[StatusItem | None] = []
    for entry in entries:
        if entry.status != ActStatusName.IN_FORCE:
            found.append(entry)
            continue
        found.extend(
            entry.cut(above.period) if above.status == ActStatusName.IN_FORCE else above.cut(entry.period)
            for above in by
        )
    return in_order(found)


def timeline(own: Timeline, period: Span, above: Timeline) -> Timeline:
    """The timeline of what has these statuses of its own (perhaps none) and holds on the days of `period`, within
    something of the timeline `above`."""
    if not own:
        return cut_to(above, period)
    law = cut_to((entry for entry in own if entry.status == ActStatusName.IN_FORCE), period)
    return in_order((*(entry for entry in own if entry.status != ActStatusName.IN_FORCE), *capped(law, above)))


def law_days(entries: Iterable[StatusItem]) -> list[Span]:
    """The days on which it is law, in as few stretches as possible; none for a draft."""
    return joined(entry.period for entry in entries if entry.status == ActStatusName.IN_FORCE)
