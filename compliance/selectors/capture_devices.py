"""The devices that stood with registered operations on a day, as known at a time, added up by stratum."""

from collections.abc import Mapping
from typing import Any

from compliance.estimates.fleets import quantile
from compliance.estimates.results import kept
from compliance.selectors.capture_receipts import hashed
from compliance.selectors.captures import Window
from compliance.selectors.known import Known, as_known, asked, temporary

# Whose the devices are: the miner of their site, under the one that it is where it was merged.
STANDING = """
SELECT device.id, device.model_id, device.quantity, placed.stratum, placed.unit, model.ths, model.watts / 1000 AS kw
FROM known_device device
JOIN unnest(%s::bigint[], %s::numeric[], %s::numeric[]) model (id, ths, watts) ON model.id = device.model_id
JOIN known_site site ON site.id = device.site_id
LEFT JOIN known_merger merger ON merger.miner_id = site.miner_id
JOIN capture_placed placed ON placed.unit = 'm' || COALESCE(merger.same_as_id, site.miner_id)
WHERE placed.held @> %s::date AND NOT placed.below
"""
BY_STRATUM = """
SELECT stratum, count(*), sum(devices)::bigint, sum(ths), sum(kw), sum(ths * ths), sum(kw * kw), sum(ths * kw)
FROM (SELECT stratum, unit, sum(quantity) AS devices, sum(quantity * ths) AS ths, sum(quantity * kw) AS kw
      FROM capture_device GROUP BY stratum, unit) operation
GROUP BY stratum ORDER BY stratum
"""
BY_MODEL = "SELECT max(ths / kw), sum(quantity)::bigint FROM capture_device GROUP BY model_id"
LINES = """
SELECT 0 AS part, lpad(id::text, 20, '0') AS place, json_build_array(id, unit, model_id, quantity)::text AS text
FROM capture_device
"""


def devices_known(known: Known, window: Window, catalogue: Mapping[str, Any]) -> dict[str, Any]:
    """SHA-256 devices of registered operations on the window's last day: rows with their hash, sums by stratum.

    `strata` maps a stratum to the figures of `fleets.Sums`; `least` is the 5 % quantile of TH/s per kW over all
    devices, null where there is none. Power and hash rate are those of the kept catalogue. Asked after
    `captures.collect`, whose temporary tables it reads, in its transaction.
    """
    columns, day = "id, site_id, model_id, quantity", window.seen_to
    temporary("known_device", *as_known("device", columns, known.of("device"), "period @> %s::date", [day]))
    models = catalogue["models"]
    given = [[each[name] for each in models] for name in ("id", "ths", "watts")]
    temporary("capture_device", STANDING, [*given, window.registered_on])
    receipt = hashed(LINES)
    return {
        "rows": receipt.rows,
        "sha256": receipt.sha256,
        "strata": {
            stratum: [operations, devices, *(kept(float(each)) for each in sums)]
            for stratum, operations, devices, *sums in asked(BY_STRATUM)
        },
        "least": _kept(quantile([(float(ths), count) for ths, count in asked(BY_MODEL)])),
    }


def _kept(value: float | None) -> float | None:
    return None if value is None else kept(value)
