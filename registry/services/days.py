"""The days on which somebody can know that there was mining: one rule for the panel, the API and files."""

import datetime as dt

from registry.errors import Refusal

# The first block of Bitcoin was mined on 3 January 2009: no mining is older.
EARLIEST = dt.date(2009, 1, 3)
# So far a question may look ahead; the calendar's own end leaves no room for the months beside it.
LATEST = dt.date(2100, 12, 31)


def past_day_check(*, day: dt.date, today: dt.date) -> None:
    """Raises Refusal where the day has not come."""
    if day > today:
        raise Refusal("in_the_future", f"{day} lies in the future; today is {today}.")


def mining_day_check(*, day: dt.date, today: dt.date) -> None:
    """Raises Refusal where the day has not come, or lies before all mining."""
    past_day_check(day=day, today=today)
    if day < EARLIEST:
        raise Refusal("too_early", f"{day} lies before {EARLIEST}: nobody mined then.")
