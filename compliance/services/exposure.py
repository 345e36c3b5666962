"""Exposure written down: the open findings of every cell, priced by every book, and what could not be decided."""

import datetime as dt

from django.db import connection
from django.db.models import Count

from compliance.models import Exposure, Undetermined
from compliance.rules import EVERYTHING, Scope, rules_in_law
from compliance.rules.compiled import compiled
from compliance.selectors.counts import Cells
from compliance.selectors.prices import priced

INSERT = """
INSERT INTO compliance_exposure
    (as_of, book_id, territory_id, kind, norm_id, occurrence, penalty_id, currency, findings, amount_low, amount_high,
     computed_at)
SELECT %(day)s, book_id, territory_id, kind, norm_id, occurrence, penalty_id, currency, findings,
       amount_low, amount_high, now()
FROM ({priced}) cell
"""
COUNT_UNDETERMINED = """
INSERT INTO compliance_undetermined (as_of, norm_id, territory_id, kind, missing_fact, miners)
SELECT %s, %s, cell.* FROM ({counted}) cell
"""
CLEAR = "DELETE FROM {table} WHERE (territory_id, kind) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))"


def exposure_refresh(*, day: dt.date, cells: Cells | None = None) -> None:
    """Price the cells again (all of them where none are named) and replace what is stored of them.

    Runs inside the caller's transaction, which must hold the lock on the totals, after `findings_refresh`.
    """
    sql, params = priced(day, cells)
    with connection.cursor() as cursor:
        if cells is None:
            Exposure.objects.all().delete()
            Undetermined.objects.all().delete()
        else:
            pairs: list[list[int] | list[str]] = [[cell[0] for cell in cells], [cell[1] for cell in cells]]
            cursor.execute(CLEAR.format(table="compliance_exposure"), pairs)
            cursor.execute(CLEAR.format(table="compliance_undetermined"), pairs)
        cursor.execute(INSERT.format(priced=sql), params)
        scope = EVERYTHING if cells is None else Scope(cells=tuple(cells))
        for rule in rules_in_law(scope):
            counted, values = compiled(
                rule.undetermined(day, scope)
                .values("territory_id", "kind", "missing_fact")
                .annotate(miners=Count("pk", distinct=True))
                .values_list("territory_id", "kind", "missing_fact", "miners")
            )
            cursor.execute(COUNT_UNDETERMINED.format(counted=counted), [day, rule.norm.pk, *values])
