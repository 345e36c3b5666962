"""Exposure written down: the open findings of every cell, priced by every book, and what could not be decided."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from compliance.models import Exposure, Undetermined, UndeterminedMiners
from compliance.rules import EVERYTHING, Rule, Scope, rules_in_law
from compliance.rules.compiled import compiled
from compliance.selectors.counts import Cells
from compliance.selectors.prices import priced
from registry.selectors.persons import MINERS_OF_PERSONS

INSERT = """
INSERT INTO compliance_exposure
    (as_of, book_id, territory_id, kind, norm_id, occurrence, penalty_id, currency, findings, amount_low, amount_high,
     computed_at)
SELECT %(day)s, book_id, territory_id, kind, norm_id, occurrence, penalty_id, currency, findings,
       amount_low, amount_high, now()
FROM ({priced}) cell
"""
MISSING = """
CREATE TEMP TABLE headframe_missing
    (norm_id bigint, miner_id bigint, territory_id bigint, kind text, missing_fact text) ON COMMIT DROP
"""
PERSONS = f"""
UPDATE headframe_missing missing
SET miner_id = person.id, territory_id = person.territory_id, kind = person.kind
FROM {MINERS_OF_PERSONS} twice JOIN registry_miner person ON person.id = twice.person_id
WHERE twice.miner_id = missing.miner_id
"""
COUNT_QUESTIONS = """
INSERT INTO compliance_undetermined (as_of, norm_id, territory_id, kind, missing_fact, miners)
SELECT %s, norm_id, territory_id, kind, missing_fact, count(DISTINCT miner_id)
FROM headframe_missing GROUP BY norm_id, territory_id, kind, missing_fact
"""
COUNT_MINERS = """
INSERT INTO compliance_undeterminedminers (as_of, territory_id, kind, miners)
SELECT %s, territory_id, kind, count(*)
FROM (SELECT DISTINCT miner_id, territory_id, kind FROM headframe_missing) miner GROUP BY territory_id, kind
"""
TABLES = (Exposure, Undetermined, UndeterminedMiners)
CLEAR = "DELETE FROM {table} WHERE (territory_id, kind) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))"


def exposure_refresh(*, day: dt.date, cells: Cells | None = None) -> None:
    """Price the cells again (all of them where none are named) and replace what is stored of them.

    Runs inside the caller's transaction, which must hold the lock on the totals, after `findings_refresh`.
    """
    sql, params = priced(day, cells)
    with connection.cursor() as cursor:
        if cells is None:
            for model in TABLES:
                model._default_manager.all().delete()
        else:
            pairs: list[list[int] | list[str]] = [[cell[0] for cell in cells], [cell[1] for cell in cells]]
            for model in TABLES:
                cursor.execute(CLEAR.format(table=model._meta.db_table), pairs)
        cursor.execute(INSERT.format(priced=sql), params)
        cursor.execute("DROP TABLE IF EXISTS headframe_missing")
        cursor.execute(MISSING)
        scope = EVERYTHING if cells is None else Scope(cells=tuple(cells))
        scopes = scope.by_person()
        for rule in rules_in_law(*scopes):
            _collect(cursor, rule, scopes, day)
        cursor.execute(PERSONS)
        cursor.execute(COUNT_QUESTIONS, [day])
        cursor.execute(COUNT_MINERS, [day])


def _collect(cursor: Any, rule: Rule, scopes: Sequence[Scope], day: dt.date) -> None:
    asked = [
        compiled(rule.undetermined(day, scope).values_list("pk", "territory_id", "kind", "missing_fact"))
        for scope in scopes
    ]
    missing = " UNION ALL ".join(sql for sql, _ in asked)
    values = [value for _, each in asked for value in each]
    cursor.execute(
        f"INSERT INTO headframe_missing SELECT %s, missing.* FROM ({missing}) missing", [rule.norm.pk, *values]
    )
