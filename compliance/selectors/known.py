"""The register as it was known at a time, noun by noun, put into temporary tables for the questions that follow."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

# The old row is kept at each update and delete. So what a row said at T stands in its first event after T, and where
# there is none, in the row itself. Of two changes of one row the first has the lower number, whatever their clocks say.
AS_KNOWN = """
SELECT {columns} FROM registry_{noun} known
WHERE created_at <= %s
  AND NOT EXISTS (
      SELECT FROM registry_{noun}event later WHERE later.pgh_obj_id = known.id AND later.pgh_created_at > %s)
  {only}
UNION ALL
SELECT {columns} FROM (
    SELECT DISTINCT ON (pgh_obj_id) * FROM registry_{noun}event WHERE pgh_created_at > %s ORDER BY pgh_obj_id, pgh_id
) known
WHERE created_at <= %s
  {only}
"""

# A transaction stamps its rows with the time at which it began, and they appear when it commits. So nothing is settled
# that is not older than the oldest transaction that still runs, be it one that has not written yet.
HORIZON = """
SELECT least(%s, min(xact_start) - interval '1 microsecond') FROM pg_stat_activity
WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL
"""

NOUNS = ("sighting", "registration", "site", "link", "merger", "miner", "reading", "sightinglist", "device")


@dataclass(frozen=True)
class Known:
    """At which time each noun of the register is read; one that is not named, at `at`."""

    at: dt.datetime
    but: tuple[tuple[str, dt.datetime], ...] = ()

    def of(self, noun: str) -> dt.datetime:
        return dict(self.but).get(noun, self.at)

    def with_later(self, later: dt.datetime, nouns: Sequence[str]) -> "Known":
        """The same, but these nouns as known at another time."""
        return replace(self, but=tuple(sorted({**dict(self.but), **dict.fromkeys(nouns, later)}.items())))


def safe_horizon() -> dt.datetime:
    """The latest time of which everything is known: no commit still to come can change what was recorded until then.

    A transaction that takes long holds it back. Prepared transactions are not looked at, for the service makes none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
        # A transaction takes its time a moment before it shows among the others.
        cursor.execute("SELECT pg_sleep(0.02)")
        # Within a transaction the activity is that of the first look.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(HORIZON, [now])
        horizon: dt.datetime = cursor.fetchone()[0]
    return horizon


def as_known(noun: str, columns: str, at: dt.datetime, only: str = "", values: Sequence[Any] = ()) -> tuple[str, list]:
    """SQL for the rows of one noun as they stood at the time, with its parameters; `only` is a condition on `known`."""
    sql = AS_KNOWN.format(noun=noun, columns=columns, only=f"AND {only}" if only else "")
    return sql, [at, at, *values, at, at, *values]


def temporary(name: str, sql: str, params: Sequence[Any] = (), *, index: str = "") -> None:
    """Keep an answer until the transaction ends, with its statistics, under a name for later statements."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {sql}", params)
        if index:
            cursor.execute(f"CREATE INDEX ON pg_temp.{name} ({index})")
        cursor.execute(f"ANALYZE pg_temp.{name}")


def asked(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
