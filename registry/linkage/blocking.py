"""Blocking: which pairs are weighed at all, so that their number grows with the register and not with its square."""

from collections.abc import Iterator

import duckdb

# A block that more records of a region share tells nobody apart: what it would find, a finer one finds.
MOST_RECORDS = 200
PAIRS_AT_ONCE = 5_000_000
SIDE_FREE, SIDE_ANY = "a_free", "b_any"

# A record stands in several blocks of its region: by each of the two rare words of its name, by both, by a word and
# the street or the house, by street and house, by municipality, house and the first letter of the street.
BLOCKS = """
CREATE OR REPLACE TABLE block AS
WITH word AS (
    SELECT *, unnest([name_a, name_b]) AS word FROM keyed
),
every AS (
    SELECT key, region, 'word ' || word AS block FROM word WHERE word IS NOT NULL
    UNION ALL
    SELECT key, region, concat_ws(' ', 'words', least(name_a, name_b), greatest(name_a, name_b)) FROM keyed
    WHERE name_b IS NOT NULL
    UNION ALL
    SELECT key, region, concat_ws(' ', 'word and street', word, street_key) FROM word
    WHERE word IS NOT NULL AND street_key IS NOT NULL
    UNION ALL
    SELECT key, region, concat_ws(' ', 'word and house', word, house) FROM word WHERE word IS NOT NULL AND house <> ''
    UNION ALL
    SELECT key, region, concat_ws(' ', 'street and house', street_key, house) FROM keyed WHERE street_key IS NOT NULL
    UNION ALL
    SELECT key, region, concat_ws(' ', 'house', territory, house, left(street, 1)) FROM keyed
    WHERE house <> '' AND street IS NOT NULL
)
SELECT every.*, kind, number, free,
       count(*) OVER shared AS records, count(*) FILTER (free) OVER shared AS wanted
FROM every JOIN keyed USING (key)
WINDOW shared AS (PARTITION BY every.region, block)
"""
# Blocks without a sighting that is to be linked, or with one record only, find nothing.
USELESS = "DELETE FROM block WHERE wanted = 0 OR records = 1"
COMMON = "SELECT count(*) FROM (SELECT DISTINCT region, block FROM block WHERE records > {most})"
BARE = """
SELECT count(*) FROM (
    SELECT key FROM block WHERE free GROUP BY key HAVING min(records) > {most}
)
"""
TOO_COMMON = "DELETE FROM block WHERE records > {most}"
SIZE = "SELECT COALESCE(sum(records), 0) FROM block WHERE free"
# A sighting is held against miners, and against sightings that came in before it.
PAIRS = """
CREATE OR REPLACE TABLE pair AS
SELECT DISTINCT '0' AS match_key, '{left}-__-' || l.key AS join_key_l, '{right}-__-' || r.key AS join_key_r
FROM block l JOIN block r USING (region, block)
WHERE l.free AND l.number % {chunks} = {chunk} AND (r.kind = 'm' OR r.number < l.number)
"""


def blocks_make(connection: duckdb.DuckDBPyConnection, *, most: int = MOST_RECORDS) -> dict[str, int]:
    """Makes `block` out of `keyed`: a row per record and block that it is found by.

    Returns how many blocks were left out because more than `most` records share them (`common_blocks`), and how many
    sightings were in no other ones, so that they are held against nothing (`held_against_nothing`).
    """
    connection.execute(BLOCKS)
    connection.execute(USELESS)
    left_out = {
        "most_records": most,
        "common_blocks": _one(connection, COMMON.format(most=most)),
        "held_against_nothing": _one(connection, BARE.format(most=most)),
    }
    connection.execute(TOO_COMMON.format(most=most))
    return left_out


def pairs_made(connection: duckdb.DuckDBPyConnection, *, at_once: int = PAIRS_AT_ONCE) -> Iterator[int]:
    """Makes `pair` again and again, all pairs of some sightings at a time; yields how many it holds."""
    chunks = max(-(-_one(connection, SIZE) // at_once), 1)
    for chunk in range(chunks):
        connection.execute(PAIRS.format(left=SIDE_FREE, right=SIDE_ANY, chunks=chunks, chunk=chunk))
        yield _one(connection, "SELECT count(*) FROM pair")


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
