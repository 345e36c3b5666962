"""Receipts of capture tables: how many rows each list gave, and a hash over them that the database works out itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.selectors.captures import Window
from compliance.selectors.known import asked

ROWS_AT_ONCE = 10_000

# Rows are hashed so many at a time, and then the hashes: no more than that is ever held at once.
HASHED = """
WITH line AS ({lines}),
placed AS (SELECT part, text, row_number() OVER (PARTITION BY part ORDER BY place COLLATE "C", text COLLATE "C") AS n
           FROM line),
chunk AS (SELECT part, (n - 1) / {at_once} AS number, count(*) AS n,
                 encode(sha256(convert_to(string_agg(text, E'\\n' ORDER BY n), 'UTF8')), 'hex') AS hash
          FROM placed GROUP BY 1, 2)
SELECT part, sum(n)::bigint, encode(sha256(convert_to(string_agg(hash, E'\\n' ORDER BY number), 'UTF8')), 'hex')
FROM chunk GROUP BY 1 ORDER BY 1
"""

SIGHTINGS = """
SELECT list_id AS part, source || E'\\t' || reference AS place,
       json_build_array(source, reference, seen_on, territory.code, miner_id, metering_point, power_kw)::text AS text
FROM known_sighting JOIN registry_territory territory ON territory.id = territory_id
WHERE seen_on BETWEEN %s AND %s
"""
ENTRIES = """
SELECT 0 AS part, lpad(entry.id::text, 20, '0') AS place,
       json_build_array(register.code, miner_id, number, lower(period), upper(period), entry.status)::text AS text
FROM known_registration entry JOIN registry_register register ON register.id = register_id
WHERE period && daterange(%s, %s, '[]')
"""
# What is not on a list, but decides whose a report is and how an operation counts.
MATCHING = (
    "SELECT 0 AS part, lpad(id::text, 20, '0') AS place, json_build_array(id, unit)::text AS text FROM capture_sighted"
)
OPERATIONS = """
SELECT 0 AS part, unit AS place,
       json_build_array(unit, territory.code, capture_unit.kind, kw, below, held, days)::text AS text
FROM capture_unit JOIN registry_territory territory ON territory.id = territory_id
WHERE unit IN (SELECT unit FROM capture_placed)
"""


@dataclass(frozen=True)
class Receipt:
    """So many rows, and the SHA-256 of the SHA-256 of each ten thousand of them, in a fixed order."""

    rows: int
    sha256: str


NOTHING = Receipt(0, "")


def receipts(windows: Sequence[Window]) -> tuple[dict[int, Receipt], dict[str, Receipt]]:
    """Receipts of the sightings by list, and of the register, the matching and the operations.

    Asked after `captures.collect`, whose temporary tables it reads, for the same windows and in its transaction.
    """
    seen = [min(window.seen_from for window in windows), max(window.seen_to for window in windows)]
    days = [window.registered_on for window in windows]
    lists = _hashed(SIGHTINGS, seen)
    others = {
        "register": _hashed(ENTRIES, [min(days), max(days)]),
        "matching": _hashed(MATCHING, []),
        "operations": _hashed(OPERATIONS, []),
    }
    return lists, {name: found.get(0, NOTHING) for name, found in others.items()}


def hashed(lines: str) -> Receipt:
    """The receipt of an answer with the columns part (0), place (by which it is put in order) and text."""
    return _hashed(lines, []).get(0, NOTHING)


def _hashed(lines: str, values: Sequence[object]) -> dict[int, Receipt]:
    rows = asked(HASHED.format(lines=lines, at_once=ROWS_AT_ONCE), values)
    return {part: Receipt(int(n), digest) for part, n, digest in rows}
