"""What the register says besides the tables that a headline must be told: random inspections, and reviewed matches."""

from collections.abc import Sequence
from typing import Any

from compliance.estimates.documents import number
from compliance.selectors.capture_lists import ListKnown
from compliance.selectors.captures import Window
from compliance.selectors.known import Known, as_known, asked

BY_MODEL = """
SELECT avg((miner_id IS NULL AND COALESCE(metering_point, '') = '')::int)::float8 FROM ({sightings}) seen
"""


def facts_known(known: Known, window: Window, lists: Sequence[ListKnown]) -> dict[str, Any]:
    """`inspected_on`: the last day of a random inspection until the window's end; null where there was none.

    `by_model`: the part of the window's sightings that name neither a miner nor a metering point; null without any.
    """
    samples = [each.id for each in lists if each.random_sample]
    only = "list_id = ANY(%s) AND seen_on <= %s"
    sql, values = as_known("sighting", "seen_on", known.of("sighting"), only, [samples, window.seen_to])
    [(inspected,)] = asked(f"SELECT max(seen_on) FROM ({sql}) seen", values)
    columns, within = "miner_id, metering_point", "seen_on BETWEEN %s AND %s"
    sql, values = as_known("sighting", columns, known.of("sighting"), within, [window.seen_from, window.seen_to])
    [(part,)] = asked(BY_MODEL.format(sightings=sql), values)
    return {"inspected_on": inspected and inspected.isoformat(), "by_model": number(part)}
