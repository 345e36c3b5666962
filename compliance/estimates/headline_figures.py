"""All figures of a headline, to JSON and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.estimates.diagnostics import Notice
from compliance.estimates.documents import interval_json, interval_of, number
from compliance.estimates.naive import Comparison
from compliance.estimates.rates import SourceRate
from compliance.estimates.results import Interval


@dataclass(frozen=True)
class Headline:
    """The rate r = aR / (aR + U). `kind` says what leads: inspection, lists, or nothing.

    `status`: `estimate` (rate with interval; where an inspection leads, `lists_rate` is what the lists say, and
    `lists_sentence` what would be published of them, also where that is no point), `range` (no point;
    `published` holds the range; `lists_rate` is the rate as linked where nobody has reviewed the matches),
    `at_most` (U is a minimum, or known of some alone), `none` or `conflict` (nothing is published). `interval` holds
    the draws and the exact map of the interval of U; `by_models` is the range over the plausible models. `at_most`
    follows from the bound of U; where U is a minimum (W09) it is the upper end of `interval`, and `lists_rate` the rate
    that is not published. `probability_claimed` is that of a rate at or below `claimed`. `unmatched` is the range of
    the rate over the matches that were plausibly missed where nobody has reviewed them, null where that leaves the
    point. `without` holds the rate with a list left out, `second` that by decomposable graphs. `unregistered` is U with
    its interval, the wider of profile and bootstrap.
    """

    kind: str
    status: str
    registered: int
    active: float
    unregistered: float | None
    unregistered_interval: Interval | None
    bootstrap: Interval | None
    replicates: int
    unregistered_at_least: float
    operations: float | None
    operations_interval: Interval | None
    rate: float | None
    lists_rate: float | None
    interval: Interval | None
    exact: Interval | None
    drawn: Interval | None
    by_models: Interval | None
    published: Interval | None
    at_most: float | None
    claimed: float
    probability_claimed: float | None
    without: Mapping[str, float | None]
    second: float | None
    inspection: SourceRate | None
    sources: tuple[SourceRate, ...]
    comparisons: tuple[Comparison, ...]
    energy: Interval | None
    sentence: str
    notices: tuple[Notice, ...]
    unmatched: Interval | None = None
    lists_sentence: str | None = None

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, Interval):
                shown[name] = interval_json(value)
            elif isinstance(value, float):
                shown[name] = number(value)
            elif isinstance(value, SourceRate):
                shown[name] = value.to_json()
            elif isinstance(value, tuple):
                shown[name] = [each.to_json() for each in value]
            elif isinstance(value, Mapping):
                shown[name] = {key: number(each) for key, each in value.items()}
            else:
                shown[name] = value
        shown["warnings"] = shown.pop("notices")
        return shown

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Headline":
        values = dict(found)
        for name in (
            "unregistered_interval", "bootstrap", "operations_interval", "interval", "exact", "drawn", "by_models",
            "published", "energy",
        ):  # fmt: skip
            values[name] = interval_of(values[name])
        values["unmatched"] = interval_of(values.get("unmatched"))
        values["inspection"] = None if values["inspection"] is None else SourceRate.from_json(values["inspection"])
        values["sources"] = tuple(SourceRate.from_json(each) for each in values["sources"])
        values["comparisons"] = tuple(Comparison.from_json(each) for each in values["comparisons"])
        values["notices"] = tuple(Notice.from_json(each) for each in values.pop("warnings"))
        return cls(**values)
