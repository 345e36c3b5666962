"""Registration rates written down: the counts of every cell, for every month of the regime and for the day itself."""

import datetime as dt

from django.db import connection

from compliance.models import RegistrationRate
from compliance.rules import rules_in_law
from compliance.selectors import counts
from compliance.selectors.counts import Cells

INSERT = """
INSERT INTO compliance_registrationrate
    (as_of, territory_id, kind, on_file, registered, obliged, obliged_registered, sighted, sighted_registered,
     computed_at)
SELECT cell.*, now() FROM ({counts}) cell
"""


def days_kept(day: dt.date) -> list[dt.date]:
    """The days for which rates are stored: the first of every month since the first norm was in force, and the day."""
    starts = [rule.first_day for rule in rules_in_law() if rule.first_day]
    month = min(starts, default=day).replace(day=1)
    kept = []
    while month < day:
        kept.append(month)
        month = (month + dt.timedelta(days=32)).replace(day=1)
    return [*kept, day]


def rates_refresh(*, day: dt.date, cells: Cells | None = None) -> None:
    """Count the cells again (all of them where none are named) and replace what is stored of them.

    Runs inside the caller's transaction, which must hold the lock on the totals.
    """
    sql, params = counts.counts(days_kept(day), cells)
    with connection.cursor() as cursor:
        if cells is None:
            RegistrationRate.objects.all().delete()
        else:
            cursor.execute(
                "DELETE FROM compliance_registrationrate"
                " WHERE (territory_id, kind) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))",
                [[cell[0] for cell in cells], [cell[1] for cell in cells]],
            )
        cursor.execute(INSERT.format(counts=sql), params)
