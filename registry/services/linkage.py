"""Linkage: the register goes to duckdb in one stream, the links that follow come back in another and are merged."""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import splink
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from splink.internals.exceptions import SplinkException

from registry.choices import RunStatus
from registry.errors import Refusal
from registry.linkage import blocking, clusters, comparisons, model, records
from registry.models import Linkage, Sighting
from registry.selectors.operations import HOLDS

LINK_TASK = "registry.link_sightings"
LOCK = 7_203
MEMORY = "1GB"
THREADS = 2

# What a sighting may be: any miner by each of its sites, and any sighting that tells a name or an address. Those are
# to be linked that nobody is known of, neither by name nor by meter. Who is merged stands under the one that it is.
HANDED = """
WITH region AS (
    SELECT inside.descendant_id AS territory, inside.ancestor_id AS region
    FROM registry_territoryancestor inside
    JOIN registry_territory above ON above.id = inside.ancestor_id AND above.kind = 'region'
)
SELECT 's' AS kind, sighting.id, NULL::bigint, miner_id IS NULL AND metering_point = '',
       translate(sighting.name, E'\n\r', '  '), translate(sighting.address, E'\n\r', '  '),
       sighting.territory_id, COALESCE(region.region, sighting.territory_id), sighting.power_kw, sighting.device_count,
       sighting.seen_on
FROM registry_sighting sighting LEFT JOIN region ON region.territory = sighting.territory_id
WHERE (sighting.name <> '' OR sighting.address <> '')
UNION ALL
SELECT 'm', COALESCE(merger.same_as_id, miner.id), COALESCE(site.id, -miner.id), false,
       translate(miner.name, E'\n\r', '  '), translate(COALESCE(site.address, ''), E'\n\r', '  '),
       COALESCE(site.territory_id, miner.territory_id),
       COALESCE(region.region, site.territory_id, miner.territory_id), site.capacity_kw, NULL, NULL
FROM registry_miner miner
LEFT JOIN registry_merger merger ON merger.miner_id = miner.id
LEFT JOIN registry_site site ON site.miner_id = miner.id
LEFT JOIN region ON region.territory = COALESCE(site.territory_id, miner.territory_id)
"""
CSV = "FORMAT csv, HEADER false, AUTO_DETECT false, DELIMITER ',', QUOTE '\"', ESCAPE '\"'"
# What clerks had said when the run began; kept, so that it can be told from what they say while it is under way.
SAID = """
CREATE TEMPORARY TABLE said ON COMMIT DROP AS
SELECT id, sighting_id, miner_id, other_id, verdict FROM registry_link WHERE verdict <> ''
"""
VERDICTS = """
SELECT sighting_id, CASE WHEN said.miner_id IS NULL THEN 's' ELSE 'm' END,
       COALESCE(said.other_id, merger.same_as_id, said.miner_id), verdict
FROM said LEFT JOIN registry_merger merger ON merger.miner_id = said.miner_id
"""
KEPT = "SELECT sighting_id, miner_id, other_id FROM registry_link WHERE sampled AND verdict = ''"

OUTCOME = """
CREATE TEMPORARY TABLE outcome (
    sighting_id bigint, miner_id bigint, other_id bigint, weight float8, probability float8, status text,
    comparison jsonb
) ON COMMIT DROP
"""
# What clerks have spoken of meanwhile stays as they left it until the next run, with what is linked to it: the run did
# not know of it. So does what somebody deleted.
MEANWHILE = f"""
CREATE TEMPORARY TABLE meanwhile ON COMMIT DROP AS
WITH new AS (
    SELECT link.sighting_id, link.other_id FROM registry_link link LEFT JOIN said ON said.id = link.id
    WHERE link.verdict <> '' AND (link.verdict, link.other_id) IS DISTINCT FROM (said.verdict, said.other_id)
), spoken_of AS (
    SELECT sighting_id AS id FROM new UNION SELECT other_id FROM new WHERE other_id IS NOT NULL
)
SELECT id FROM spoken_of
UNION SELECT sighting_id FROM registry_link JOIN spoken_of ON spoken_of.id = other_id WHERE {HOLDS}
"""
LEFT_ALONE = """
DELETE FROM outcome WHERE EXISTS (SELECT FROM meanwhile WHERE id IN (sighting_id, other_id))
   OR NOT EXISTS (SELECT FROM registry_sighting WHERE id = sighting_id)
   OR (miner_id IS NOT NULL AND NOT EXISTS (SELECT FROM registry_miner WHERE id = miner_id))
   OR (other_id IS NOT NULL AND NOT EXISTS (SELECT FROM registry_sighting WHERE id = other_id))
"""
NOT_MEANWHILE = "NOT EXISTS (SELECT FROM meanwhile WHERE meanwhile.id IN (link.sighting_id, link.other_id))"
SAME = """
    (link.sighting_id, link.miner_id, link.other_id)
        IS NOT DISTINCT FROM (outcome.sighting_id, outcome.miner_id, outcome.other_id)
"""
# What no longer follows goes, unless a clerk has spoken; what was drawn for a review stays on file, but does not hold.
# This comes first, for a sighting has one link that holds at any time.
GONE = f"""
DELETE FROM registry_link link
WHERE verdict = '' AND NOT sampled AND {NOT_MEANWHILE}
  AND NOT EXISTS (SELECT FROM outcome WHERE outcome.sighting_id = link.sighting_id AND {SAME})
"""
LOOSED = f"""
UPDATE registry_link link SET status = 'separate'
WHERE verdict = '' AND status = 'linked' AND {NOT_MEANWHILE}
  AND NOT EXISTS (
      SELECT FROM outcome WHERE outcome.sighting_id = link.sighting_id AND {SAME} AND outcome.status = 'linked'
  )
"""
MERGED = """
MERGE INTO registry_link link
USING outcome
ON link.sighting_id = outcome.sighting_id AND COALESCE(link.miner_id, -1) = COALESCE(outcome.miner_id, -1)
   AND COALESCE(link.other_id, -1) = COALESCE(outcome.other_id, -1)
WHEN MATCHED AND link.verdict = '' AND (link.weight, link.probability, link.status, link.comparison)
     IS DISTINCT FROM (outcome.weight, outcome.probability, outcome.status, outcome.comparison) THEN
    UPDATE SET weight = outcome.weight, probability = outcome.probability, status = outcome.status,
               comparison = outcome.comparison, linkage_id = %(linkage)s
WHEN NOT MATCHED THEN
    INSERT (sighting_id, miner_id, other_id, weight, probability, status, comparison, sampled, note, linkage_id)
    VALUES (outcome.sighting_id, outcome.miner_id, outcome.other_id, outcome.weight, outcome.probability,
            outcome.status, outcome.comparison, false, '', %(linkage)s)
"""


def link_sightings(*, now: dt.datetime) -> Linkage:
    """Links the sightings of nobody known anew; what clerks have said stays, and a second run changes nothing.

    Raises Refusal where another run has not ended. A run that fails keeps the links as they were, and says why.
    """
    with _alone():
        Linkage.objects.filter(status=RunStatus.RUNNING).update(
            status=RunStatus.FAILED, failure="The run was cut off before it ended.", finished_at=now
        )
        chosen = chosen_settings()
        run = Linkage.objects.create(settings=_described(chosen), started_at=now)
        try:
            with transaction.atomic():
                _run(run, chosen)
        except (duckdb.Error, SplinkException) as error:
            # splink puts a page of SQL before what duckdb said.
            said = error.__cause__ if isinstance(error.__cause__, duckdb.Error) else error
            run.status, run.failure = RunStatus.FAILED, str(said).strip().splitlines()[0]
        else:
            run.status = RunStatus.DONE
        run.finished_at = max(now, run.started_at)
        run.save()
    return run


def chosen_settings() -> clusters.Settings:
    """The thresholds of the service's settings, where they name any."""
    return clusters.Settings(**getattr(settings, "LINKAGE", {}))


def _described(chosen: clusters.Settings) -> dict[str, Any]:
    return {
        "library": f"splink {splink.__version__}, duckdb {duckdb.__version__}",
        "linked": chosen.linked,
        "doubtful": chosen.doubtful,
        "likely": chosen.likely,
        "seed": chosen.seed,
        "expected_share": model.EXPECTED_SHARE,
        "comparisons": {each.name: [level.words for level in each.levels] for each in comparisons.COMPARISONS},
    }


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Refusal(
                "linkage_runs", "A linkage runs already; its result is the same. Try again later.", retry=True
            )
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder on the disk of the data, for this database alone; what a run that was killed left there goes first."""
    folder = settings.DATA_DIR / "linkage" / connection.settings_dict["NAME"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(run: Linkage, chosen: clusters.Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SAID)
    free = Sighting.objects.filter(miner=None, metering_point="")
    run.sightings = free.count()
    with _scratch() as folder, duckdb.connect() as memory:
        memory.execute(f"SET threads = {THREADS}")
        memory.execute(f"SET memory_limit = '{MEMORY}'")
        memory.execute(f"SET temp_directory = '{folder}'")
        if free.exclude(Q(name="") & Q(address="")).exists():
            _hand_over(memory, folder)
            records.records_make(memory)
            trained = model.train(memory, seed=chosen.seed)
            left_out = blocking.blocks_make(memory)
            run.pairs = clusters.candidates_make(memory, model.weighed(memory, trained.probabilities))
            strata = clusters.outcome_make(memory, chosen)
            run.linked, run.doubtful = int(strata["linked"]["pairs"]), int(strata["doubtful"]["pairs"])
            run.parameters = {
                "origin": trained.origin,
                "probabilities": {
                    name: [list(pair) for pair in pairs] for name, pairs in trained.probabilities.items()
                },
                "blocking": left_out,
                "strata": strata,
            }
            memory.execute(
                f"COPY (SELECT * FROM outcome ORDER BY ALL) TO '{folder}/outcome.csv' (FORMAT csv, HEADER false)"
            )
        _merge(run, folder / "outcome.csv")


def _hand_over(memory: duckdb.DuckDBPyConnection, folder: Path) -> None:
    tables = {
        "handed": (HANDED, records.COLUMNS),
        "verdict": (
            VERDICTS,
            {"sighting": "BIGINT", "kind": "VARCHAR", "number": "BIGINT", "verdict": "VARCHAR"},
        ),
        "kept": (KEPT, {"sighting": "BIGINT", "miner": "BIGINT", "other": "BIGINT"}),
    }
    for name, (query, columns) in tables.items():
        path = folder / f"{name}.csv"
        with (
            path.open("wb") as file,
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy,
        ):
            for part in copy:
                file.write(part)
        memory.execute(f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
        memory.execute(f"COPY {name} FROM '{path}' ({CSV})")
        path.unlink()


def _merge(run: Linkage, path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OUTCOME)
        if path.exists():
            with path.open("rb") as file, cursor.copy("COPY outcome FROM STDIN (FORMAT csv)") as copy:
                while part := file.read(1 << 20):
                    copy.write(part)
        cursor.execute("UPDATE outcome SET comparison = jsonb_strip_nulls(comparison)")
        cursor.execute("CREATE INDEX ON outcome (sighting_id)")
        cursor.execute("ANALYZE outcome")
        # Clerks wait until all is merged.
        cursor.execute("LOCK TABLE registry_link IN EXCLUSIVE MODE")
        cursor.execute(MEANWHILE)
        cursor.execute(LEFT_ALONE)
        cursor.execute(GONE)
        cursor.execute(LOOSED)
        cursor.execute(MERGED, {"linkage": run.pk})
        cursor.execute("DROP TABLE outcome, meanwhile, said")
