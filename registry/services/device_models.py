"""Device models: loading the seed table of what the makers build."""

import csv
from pathlib import Path

from django.db import connection, transaction

from registry.services.territories import Loaded

SEED = Path(__file__).resolve().parent.parent / "seed" / "asic_models.csv"
COLUMNS = (
    "maker",
    "model",
    "algorithm",
    "hashrate",
    "hashrate_unit",
    "power_w",
    "efficiency",
    "release_month",
    "cooling",
    "source_codes",
)

STORE = """
WITH stored AS (
    INSERT INTO registry_devicemodel AS model (
        maker, name, algorithm, hashrate, hashrate_unit, power_w, efficiency, released_month, cooling, source_codes
    )
    SELECT * FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[],
        %s::numeric[], %s::text[], %s::text[], %s::text[], %s::text[]
    )
    ON CONFLICT (maker, name, hashrate) DO UPDATE SET
        (algorithm, hashrate_unit, power_w, efficiency, released_month, cooling, source_codes) =
        (EXCLUDED.algorithm, EXCLUDED.hashrate_unit, EXCLUDED.power_w, EXCLUDED.efficiency,
         EXCLUDED.released_month, EXCLUDED.cooling, EXCLUDED.source_codes)
    WHERE (model.algorithm, model.hashrate_unit, model.power_w, model.efficiency, model.released_month,
           model.cooling, model.source_codes)
        IS DISTINCT FROM
          (EXCLUDED.algorithm, EXCLUDED.hashrate_unit, EXCLUDED.power_w, EXCLUDED.efficiency,
           EXCLUDED.released_month, EXCLUDED.cooling, EXCLUDED.source_codes)
    RETURNING model.xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM stored
"""


def device_models_load() -> Loaded:
    """Loads the table of device models; may be run again at any time."""
    with SEED.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    columns = [[row[name] or (None if name == "power_w" else "") for row in rows] for name in COLUMNS]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STORE, columns)
        created, changed = cursor.fetchone()
    return Loaded(created, changed, len(rows) - created - changed)
