"""The report of a table as a document of stable keys."""

from dataclasses import dataclass
from typing import Any

from compliance.estimates.diagnostics import Notice
from compliance.estimates.documents import number
from compliance.estimates.headline_figures import Headline
from compliance.estimates.report_rows import Row
from compliance.estimates.table_headline import TableHeadline


@dataclass(frozen=True)
class PairRate:
    """Of the operations on `list`, the share that is also on `other`; Wilson's interval."""

    list: str
    other: str
    found: int
    of: int
    rate: float | None
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"list": self.list, "other": self.other, "found": self.found, "of": self.of}
        return {**shown, "rate": number(self.rate), "low": number(self.low), "high": number(self.high)}


@dataclass(frozen=True)
class TableReport:
    """Every estimator on one table. `sizes` follow `lists`; `frequencies` are (k, operations on exactly k lists).

    `registration` is the headline by partition, where a register was named.
    """

    n: int
    lists: tuple[str, ...]
    sizes: tuple[int, ...]
    frequencies: tuple[tuple[int, int], ...]
    rows: tuple[Row, ...]
    headline: TableHeadline
    rates: tuple[PairRate, ...]
    registration: Headline | None
    notices: tuple[Notice, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "lists": [{"name": name, "size": size} for name, size in zip(self.lists, self.sizes, strict=True)],
            "frequencies": [{"k": k, "count": count} for k, count in self.frequencies],
            "estimates": [row.to_json() for row in self.rows],
            "headline": self.headline.to_json(),
            "rates": [each.to_json() for each in self.rates],
            "registration": None if self.registration is None else self.registration.to_json(),
            "warnings": [each.to_json() for each in self.notices],
        }
