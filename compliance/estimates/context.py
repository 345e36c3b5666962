"""What is known of a territory and its window besides the lists."""

import datetime as dt
from dataclasses import dataclass

from compliance.estimates.diagnostics import DEFAULT, Thresholds
from compliance.estimates.linkage import Review
from compliance.estimates.matching import Matching, matching_of
from compliance.estimates.results import Interval


@dataclass(frozen=True)
class Context:
    """What is known besides the lists. `energy` is the range of operations by the electricity, `inspected` the last day
    of the last random inspection, `last` that of the window, `known` the day as of which the register was known.

    `by_model` is the part of the sightings whose operation only the model of linkage can tell, null where that is not
    known, as of tables that somebody brings along. `rates_at_thresholds` are the rates at both match thresholds,
    `pooled` the strata that were pooled.
    """

    review: Review | None = None
    by_model: float | None = None
    rates_at_thresholds: tuple[float, float] | None = None
    energy: Interval | None = None
    inspected: dt.date | None = None
    last: dt.date | None = None
    known: dt.date | None = None
    pooled: tuple[str, ...] = ()

    def matching(self, limits: Thresholds = DEFAULT, level: float = 0.95) -> Matching:
        """The error of matching to reckon with."""
        return matching_of(self.review, self.by_model, limits, level)
