"""What is known of a territory and its window besides the lists."""

import datetime as dt
from dataclasses import dataclass

from compliance.estimates.linkage import Review
from compliance.estimates.results import Interval


@dataclass(frozen=True)
class Context:
    """What is known besides the lists. `energy` is the range of operations by the electricity, `inspected` the last day
    of the last random inspection, `last` that of the window, `known` the day as of which the register was known.

    `rates_at_thresholds` are the rates at both match thresholds, `pooled` the strata that were pooled.
    """

    review: Review | None = None
    rates_at_thresholds: tuple[float, float] | None = None
    energy: Interval | None = None
    inspected: dt.date | None = None
    last: dt.date | None = None
    known: dt.date | None = None
    pooled: tuple[str, ...] = ()
