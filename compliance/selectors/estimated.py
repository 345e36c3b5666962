"""What a finished run of the estimate says of a place, read back into figures."""

import datetime as dt
from dataclasses import dataclass

from compliance.estimates.waterfall import Quantity


@dataclass(frozen=True)
class Estimated:
    number: int
    territory: str
    window_from: dt.date
    as_of: dt.date
    unregistered: Quantity
    inspected: bool
