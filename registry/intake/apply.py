"""Apply: the good rows go into the register as a set; the bad ones are kept with their reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from registry.intake.nouns.base import Noun, Present

_GOOD = "NOT EXISTS (SELECT FROM refused x WHERE x.line = r.line)"


@dataclass(frozen=True)
class Counts:
    created: int
    changed: int
    unchanged: int


def apply(noun: Noun, present: Present, import_id: int) -> Counts:
    """Stores what `resolved` holds and `refused` does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM resolved r WHERE " + _GOOD)
        good: int = cursor.fetchone()[0]
        cursor.execute("CREATE TEMPORARY TABLE touched (line integer) ON COMMIT DROP")
        cursor.execute(_update(noun, present), [import_id])
        cursor.execute(_insert(noun), [import_id])
        created = cursor.rowcount
        for statement in noun.after:
            cursor.execute(statement)
        cursor.execute("SELECT count(DISTINCT line) FROM touched")
        changed: int = cursor.fetchone()[0]
    return Counts(created, changed, good - created - changed)


def _update(noun: Noun, present: Present) -> str:
    fields = [name for name, sources in noun.fields.items() if any(source in present for source in sources)]
    ours, theirs = (", ".join(f"{alias}.{name}" for name in fields) for alias in ("t", "r"))
    return f"""
        WITH changed AS (
            UPDATE {noun.table} t SET ({", ".join(fields)}, import_run_id) = ROW({theirs}, %s)
            FROM resolved r
            WHERE t.id = r.old_id AND {_GOOD} AND ROW({ours}) IS DISTINCT FROM ROW({theirs})
            RETURNING r.line
        )
        INSERT INTO touched SELECT line FROM changed
    """


def _insert(noun: Noun) -> str:
    names = list(noun.fields)
    values = [f"r.{name}" for name in names]
    if noun.draws_ids:
        names.append("id")
        values.append("r.new_id")
    return f"""
        INSERT INTO {noun.table} ({", ".join(names)}, import_run_id)
        SELECT {", ".join(values)}, %s FROM resolved r WHERE r.old_id IS NULL AND {_GOOD} ORDER BY r.line
    """


_KEEP_ERRORS = """
    WITH bad AS MATERIALIZED (
        SELECT s.line, found.column_name, found.value, found.code, found.reason, found.n, s.raw
        FROM staged s
        CROSS JOIN LATERAL ROWS FROM (jsonb_array_elements(s.errors::jsonb)) WITH ORDINALITY AS listed (error, n)
        CROSS JOIN LATERAL (
            SELECT error ->> 0 AS column_name, error ->> 1 AS value, error ->> 2 AS code, error ->> 3 AS reason, n
        ) found
        WHERE s.errors IS NOT NULL
        UNION ALL
        SELECT s.line, refused.column_name, COALESCE(refused.value, ''), refused.code, refused.reason, 0, s.raw
        FROM refused JOIN staged s ON s.line = refused.line
    )
    INSERT INTO registry_rowerror (import_run_id, line, "column", value, code, reason, "row")
    SELECT %(import)s, bad.line, bad.column_name, bad.value, bad.code, bad.reason, cells.row
    FROM bad
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(COALESCE((%(header)s::text[])[n], '+' || n - %(width)s), cell) AS row
        FROM string_to_table(bad.raw, E'\\x1f') WITH ORDINALITY AS cell (cell, n)
    ) cells
    ORDER BY bad.line, array_position(%(header)s::text[], bad.column_name), bad.n
"""


def keep_errors(header: Sequence[str], import_id: int) -> int:
    """Stores what is wrong with the refused rows, each with its row; gives how many rows were refused."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_ERRORS, {"import": import_id, "header": list(header), "width": len(header)})
        cursor.execute("SELECT count(DISTINCT line) FROM registry_rowerror WHERE import_run_id = %s", [import_id])
        refused: int = cursor.fetchone()[0]
    return refused
