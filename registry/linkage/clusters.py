"""Clusters: from weighed pairs to one link per sighting that holds, and to the pairs that a clerk should see."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from registry.linkage.comparisons import COMPARISONS

# Of each sighting so many pairs are looked at; the others are worse by the model.
BEST = 3

# Of a miner with several sites the best counts. `verdict` holds what clerks said: sighting, kind, number, verdict.
CANDIDATES = """
SELECT *, row_number() OVER (PARTITION BY sighting ORDER BY probability DESC, kind, number) AS place
FROM (
    SELECT l.number AS sighting, r.kind, r.number, weighed.* EXCLUDE (key_l, key_r, match_weight, match_probability),
           round(match_weight, 4) AS weight, round(match_probability, 6) AS probability
    FROM weighed JOIN keyed l ON l.key = key_l JOIN keyed r ON r.key = key_r
    QUALIFY row_number() OVER (PARTITION BY l.number, r.kind, r.number ORDER BY match_probability DESC, key_r) = 1
)
QUALIFY place <= {best}
"""
# A sighting to which a clerk linked another one does not go on to a third: what a sighting is about is found in one
# step.
EDGE = """
CREATE OR REPLACE TABLE edge AS
SELECT sighting, kind, number FROM verdict WHERE verdict = 'same'
UNION ALL
SELECT sighting, kind, number FROM candidate
WHERE probability >= {linked}
  AND sighting NOT IN (SELECT sighting FROM verdict WHERE verdict = 'same')
  AND (sighting, kind, number) NOT IN (SELECT (sighting, kind, number) FROM verdict)
  AND NOT (kind = 's' AND sighting IN (SELECT number FROM verdict WHERE verdict = 'same' AND kind = 's'))
QUALIFY row_number() OVER (PARTITION BY sighting ORDER BY place) = 1
"""
ROOT = """
CREATE OR REPLACE TABLE root AS
WITH RECURSIVE walk (sighting, kind, number, steps) AS (
    SELECT sighting, kind, number, 1 FROM edge
    UNION ALL
    SELECT walk.sighting, edge.kind, edge.number, steps + 1
    FROM walk JOIN edge ON walk.kind = 's' AND edge.sighting = walk.number
)
SELECT sighting, arg_max(kind, steps) AS kind, arg_max(number, steps) AS number FROM walk GROUP BY sighting
"""
# Where a clerk said that a sighting and what it would come to are different, its own edge is what is wrong.
CUT = """
DELETE FROM edge WHERE sighting IN (
    SELECT root.sighting FROM root JOIN verdict USING (sighting, kind, number) WHERE verdict.verdict <> 'same'
)
"""
OUTCOME = """
CREATE OR REPLACE TABLE outcome AS
WITH reviewed AS (SELECT DISTINCT sighting FROM verdict WHERE verdict = 'same'),
linked AS (
    SELECT candidate.*, root.kind AS to_kind, root.number AS to_number
    FROM edge JOIN root ON root.sighting = edge.sighting
    JOIN candidate ON (candidate.sighting, candidate.kind, candidate.number) = (edge.sighting, edge.kind, edge.number)
    WHERE edge.sighting NOT IN (SELECT sighting FROM reviewed)
),
other AS (
    SELECT candidate.*, COALESCE(beyond.kind, candidate.kind) AS to_kind,
           COALESCE(beyond.number, candidate.number) AS to_number, mine.sighting IS NOT NULL AS is_linked
    FROM candidate
    LEFT JOIN root beyond ON candidate.kind = 's' AND beyond.sighting = candidate.number
    LEFT JOIN root mine ON mine.sighting = candidate.sighting
    WHERE candidate.sighting NOT IN (SELECT sighting FROM reviewed)
      AND (candidate.sighting, candidate.kind, candidate.number) NOT IN (SELECT (sighting, kind, number) FROM verdict)
      -- What leads to the same operation as the link that holds says nothing new.
      AND NOT COALESCE((mine.kind, mine.number) = (to_kind, to_number), false)
),
every AS (
    SELECT * EXCLUDE (to_kind, to_number, kind, number), to_kind AS kind, to_number AS number,
           CASE WHEN (to_kind, to_number) <> (kind, number) THEN number END AS via, 'linked' AS status
    FROM linked
    UNION ALL
    SELECT * EXCLUDE (to_kind, to_number, kind, number, is_linked), to_kind, to_number,
           CASE WHEN (to_kind, to_number) <> (kind, number) THEN number END,
           CASE WHEN probability >= CASE WHEN is_linked THEN {linked} ELSE {doubtful} END THEN 'doubtful'
                ELSE 'separate' END
    FROM other
    WHERE (sighting, to_kind, to_number) NOT IN (SELECT (sighting, kind, number) FROM verdict)
)
SELECT sighting, CASE WHEN kind = 'm' THEN number END AS miner, CASE WHEN kind = 's' THEN number END AS other,
       weight, probability, status, {compared} AS comparison
FROM every
QUALIFY row_number() OVER (PARTITION BY sighting, kind, number ORDER BY status = 'linked' DESC, place) = 1
"""
STRATUM_NAMES = ("linked", "doubtful", "likely", "separate")
STRATA = """
SELECT CASE WHEN status = 'separate' AND probability >= {likely} THEN 'likely' ELSE status END, count(*),
       round(avg(probability), 8)
FROM outcome GROUP BY 1
"""
# A few of the separate pairs are kept for a clerk to look at, drawn by a number that a pair always has.
POOL = """
DELETE FROM outcome WHERE status = 'separate' AND NOT EXISTS (
    SELECT 1 FROM drawn WHERE (drawn.sighting, drawn.miner, drawn.other)
        IS NOT DISTINCT FROM (outcome.sighting, outcome.miner, outcome.other)
)
"""
DRAWN = """
CREATE OR REPLACE TABLE drawn AS
SELECT sighting, miner, other FROM outcome WHERE status = 'separate'
QUALIFY row_number() OVER (
    PARTITION BY probability >= {likely}
    ORDER BY md5(concat_ws(' ', {seed}, sighting, miner, '-', other))
) <= {pool}
UNION
SELECT sighting, miner, other FROM kept
"""


@dataclass(frozen=True)
class Settings:
    """Thresholds of the probability: from `linked` a pair counts as one operation, from `doubtful` a clerk is asked.

    `likely` parts the separate pairs in two strata for the review; `pool` is how many of each are kept for it.
    """

    linked: float = 0.95
    doubtful: float = 0.5
    likely: float = 0.02
    pool: int = 300
    seed: int = 20260101


def candidates_make(connection: duckdb.DuckDBPyConnection, weighed: Iterable[int]) -> int:
    """Makes `candidate`, the best pairs of each sighting, out of `weighed` as it comes with all pairs of some sightings
    at a time; returns how many pairs there were."""
    connection.execute("DROP TABLE IF EXISTS candidate")
    verb, total = "CREATE TABLE candidate AS", 0
    for pairs in weighed:
        connection.execute(verb + CANDIDATES.format(best=BEST))
        verb, total = "INSERT INTO candidate", total + pairs
    return total


def outcome_make(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, dict[str, float]]:
    """Makes `outcome` out of `candidate`, `verdict` and `kept` (pairs that were sampled); describes the strata.

    The strata are linked, doubtful, likely (of the separate) and separate; of each, how many `pairs` it has and the
    `mean` of their probabilities.
    """
    connection.execute(EDGE.format(linked=settings.linked))
    for _ in range(2):
        connection.execute(ROOT)
        connection.execute(CUT)
    connection.execute(ROOT)
    connection.execute(OUTCOME.format(linked=settings.linked, doubtful=settings.doubtful, compared=_compared()))
    sizes = connection.execute(STRATA.format(likely=settings.likely)).fetchall()
    connection.execute(DRAWN.format(likely=settings.likely, seed=settings.seed, pool=settings.pool))
    connection.execute(POOL)
    found = {name: {"pairs": pairs, "mean": mean} for name, pairs, mean in sizes}
    return {name: found.get(name, {"pairs": 0, "mean": 0.0}) for name in STRATUM_NAMES}


def _compared() -> str:
    """What agreed, as JSON: for each comparison of which both sides are known, its outcome in words and its weight."""
    parts = []
    for each in COMPARISONS:
        # splink numbers the levels from the last (0) up to the first.
        words = " ".join(f"WHEN {number} THEN '{level.words}'" for number, level in enumerate(reversed(each.levels)))
        parts.append(
            f"{each.name} := CASE WHEN gamma_{each.name} >= 0 THEN struct_pack("
            f"level := CASE gamma_{each.name} {words} END, weight := round(mw_{each.name}, 2)) END"
        )
    return f"to_json(struct_pack({', '.join(parts)}, via := via))"
