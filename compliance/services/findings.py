"""Findings brought in line with what the rules say: new ones open, gone ones are withdrawn, the rest stays."""

import datetime as dt
from typing import Any

from django.db import connection

from compliance.rules import EVERYTHING, Rule, Scope, rules_in_law
from compliance.rules.compiled import compiled
from compliance.selectors.persons import findings_of_persons
from registry.selectors.persons import MINERS_OF_PERSONS

COLUMNS = "norm_id, miner_id, site_id, territory_id, kind, valid, facts"
# The statement reads what was there before it, so that the rows it deletes and those it adds do not meet.
PERSONS = f"""
WITH taken AS (
    DELETE FROM headframe_wanted found USING {MINERS_OF_PERSONS} twice
    WHERE twice.miner_id = found.miner_id RETURNING found.*
)
INSERT INTO headframe_wanted ({COLUMNS}) SELECT {COLUMNS} FROM ({findings_of_persons("taken")}) persons
"""
OTHER_MINERS = f"""
SELECT DISTINCT other.miner_id FROM {MINERS_OF_PERSONS} one JOIN {MINERS_OF_PERSONS} other USING (person_id)
WHERE one.miner_id IN ({{named}}) AND other.miner_id NOT IN ({{named}}) ORDER BY 1
"""

MERGE = """
MERGE INTO compliance_finding f
USING headframe_wanted w
   ON f.miner_id = w.miner_id AND f.norm_id = w.norm_id
  AND COALESCE(f.site_id, 0) = COALESCE(w.site_id, 0) AND lower(f.valid) = lower(w.valid)
WHEN MATCHED AND (f.valid, f.facts, f.territory_id, f.kind)
     IS DISTINCT FROM (w.valid, w.facts, w.territory_id, w.kind::varchar) THEN
    UPDATE SET valid = w.valid, facts = w.facts, territory_id = w.territory_id, kind = w.kind, recorded_at = now()
WHEN NOT MATCHED THEN
    INSERT (miner_id, norm_id, site_id, territory_id, kind, valid, facts, recorded_at)
    VALUES (w.miner_id, w.norm_id, w.site_id, w.territory_id, w.kind, w.valid, w.facts, now())
"""

WITHDRAW = """
DELETE FROM compliance_finding f
WHERE {in_scope} AND lower(f.valid) <= %s
  AND NOT EXISTS (
    SELECT 1 FROM headframe_wanted w
    WHERE f.miner_id = w.miner_id AND f.norm_id = w.norm_id
      AND COALESCE(f.site_id, 0) = COALESCE(w.site_id, 0) AND lower(f.valid) = lower(w.valid))
"""


def findings_refresh(*, scope: Scope, day: dt.date) -> None:
    """Make the stored findings of the scope equal to what the rules say as of the day.

    Persons who are on file more than once, and of whom some miner is in the scope, are taken whole. Runs inside the
    caller's transaction, which must hold the lock on the totals. Doing it twice changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS headframe_wanted")
        cursor.execute(
            "CREATE TEMP TABLE headframe_wanted (norm_id bigint, miner_id bigint, site_id bigint, territory_id bigint,"
            " kind text, valid daterange, facts jsonb) ON COMMIT DROP"
        )
        others = _others(cursor, scope)
        for each in (scope, others) if others else (scope,):
            for rule in rules_in_law(each):
                _collect(cursor, rule, each, day)
        cursor.execute(PERSONS)
        cursor.execute("ANALYZE headframe_wanted")
        cursor.execute(MERGE)
        in_scope, params = _in_scope(scope, others)
        cursor.execute(WITHDRAW.format(in_scope=in_scope), [*params, day])


def _collect(cursor: Any, rule: Rule, scope: Scope, day: dt.date) -> None:
    sql, params = compiled(rule.spans(scope, day))
    cursor.execute(
        "INSERT INTO headframe_wanted SELECT %s, miner_id, site_id, territory_id, kind, valid, facts"
        f" FROM ({sql}) span (miner_id, site_id, territory_id, kind, valid, facts) WHERE lower(valid) <= %s",
        [rule.norm.pk, *params, day],
    )


def _others(cursor: Any, scope: Scope) -> Scope | None:
    """Miners out of the scope who are the same person as one in it."""
    if scope == EVERYTHING:
        return None
    named, params = compiled(scope.miners().values_list("pk"))
    cursor.execute(OTHER_MINERS.format(named=named), [*params, *params])
    others = tuple(row[0] for row in cursor.fetchall())
    return Scope(miner_ids=others) if others else None


def _in_scope(scope: Scope, others: Scope | None) -> tuple[str, list[Any]]:
    if scope == EVERYTHING:
        return "true", []
    sql, params = compiled(scope.miners().values_list("pk"))
    more = list(others.miner_ids or ()) if others else []
    return f"(f.miner_id IN ({sql}) OR f.miner_id = ANY(%s))", [*params, more]
