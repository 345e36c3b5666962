"""From the register to capture tables: which operations were on which lists in a window, as known at a time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from compliance.selectors.known import Known, as_known, asked, temporary
from registry.choices import MinerKind, TerritoryKind
from registry.models import Territory
from registry.selectors.operations import HOLDS, operations_sql

By = Literal["size", "kind", "none"]
Links = Literal["holding", "doubtful", "reviewed"]
UNKNOWN_SIZE, UNKNOWN_KIND, ALL = "size unknown", "kind unknown", "all"
HOURS_OF_A_MONTH = 730
# The first bit of a history is the register.
REGISTER_BIT = 1

# A site's metering point occurs once; were it twice, by an accident of two times put together, the first would count.
SITES = "(SELECT DISTINCT ON (metering_point) metering_point, miner_id FROM known_site ORDER BY metering_point, id)"
ABOUT = operations_sql(
    sightings="known_sighting",
    sites=SITES,
    links="known_link",
    mergers="known_merger",
    also=("list_id", "seen_on", "territory_id", "power_kw"),
)
SIGHTED = f"""
SELECT sighting_id AS id, list_id, seen_on, territory_id, power_kw,
       COALESCE('m' || miner_id, 'p' || point, 's' || single) AS unit
FROM ({ABOUT}) about WHERE seen_on BETWEEN %s AND %s
"""

# Which links count: those that hold; besides them the doubtful; or none but those that a clerk has confirmed.
COUNTING: dict[Links, str] = {
    "holding": HOLDS,
    "doubtful": f"({HOLDS} OR (verdict <> 'different' AND status IN ('linked', 'doubtful')))",
    "reviewed": "verdict = 'same'",
}
# Of a sighting one link counts. A doubtful link may lead to a sighting that has one too: it is followed to its end,
# which it has, for links lead to earlier sightings.
LINKED = """
WITH RECURSIVE chosen AS (
    SELECT DISTINCT ON (sighting_id) * FROM ({links}) counting
    ORDER BY sighting_id, verdict = 'same' DESC, status = 'linked' DESC, probability DESC NULLS LAST, id
),
step AS (
    SELECT sighting_id, miner_id, other_id FROM chosen
    UNION ALL
    SELECT step.sighting_id, next.miner_id, next.other_id FROM step JOIN chosen next ON next.sighting_id = step.other_id
)
SELECT sighting_id, miner_id, other_id FROM step
WHERE other_id IS NULL OR NOT EXISTS (SELECT FROM chosen WHERE chosen.sighting_id = step.other_id)
"""
# Pairs of reports in the window of which no clerk has said anything for certain, by what the model made of them.
OPEN_LINKS = """
SELECT count(*) FILTER (WHERE verdict = '' AND status = 'linked'),
       count(*) FILTER (WHERE status = 'doubtful' OR (status = 'linked' AND verdict = 'unsure'))
FROM ({links}) open WHERE sighting_id IN (SELECT id FROM capture_sighted)
"""

# Days on which an operation held a registration, and those on which it also operated. A merged miner counts under the
# one that it is.
HOLDERS = """
SELECT 'm' || miner_id AS unit, miner_id, held, held * operating AS days FROM (
    SELECT COALESCE(merger.same_as_id, miner.id) AS miner_id, range_agg(miner.operating) AS operating,
           range_agg(entry.held) FILTER (WHERE entry.held IS NOT NULL) AS held
    FROM known_miner miner
    LEFT JOIN known_merger merger ON merger.miner_id = miner.id
    LEFT JOIN (SELECT miner_id, range_agg(period) AS held FROM known_registration GROUP BY miner_id) entry
           ON entry.miner_id = miner.id
    GROUP BY 1
) held WHERE held IS NOT NULL
"""

# The power of an operation: the largest that was seen; else what its sites were built for; else what its busiest
# month took. Null where nobody knows.
POWER = """
WITH seen AS (SELECT unit, max(power_kw) AS kw FROM capture_sighted GROUP BY unit),
member AS (SELECT site.metering_point, site.capacity_kw, 'm' || COALESCE(merger.same_as_id, site.miner_id) AS unit
           FROM known_site site LEFT JOIN known_merger merger ON merger.miner_id = site.miner_id
           WHERE site.period && daterange(%s, %s, '[]')),
built AS (SELECT unit, sum(capacity_kw) AS kw FROM member GROUP BY unit),
month AS (SELECT unit, reading.month, sum(reading.energy_kwh) AS kwh
          FROM known_reading reading
          JOIN (SELECT unit, metering_point FROM member WHERE metering_point <> ''
                UNION SELECT 'p' || metering_point, metering_point FROM known_reading) meter USING (metering_point)
          GROUP BY 1, 2),
drawn AS (SELECT unit, max(kwh) / {hours} AS kw FROM month GROUP BY unit),
unit AS (SELECT unit FROM seen UNION SELECT unit FROM capture_holder)
SELECT unit.unit, COALESCE(seen.kw, built.kw, drawn.kw) AS kw
FROM unit LEFT JOIN seen USING (unit) LEFT JOIN built USING (unit) LEFT JOIN drawn USING (unit)
"""

# Where an operation counts: where its miner does, else where it was last seen. What it is, how large, whether obliged.
UNITS = """
SELECT unit, COALESCE(miner.territory_id, last.territory_id) AS territory_id, COALESCE(miner.kind, '') AS kind, kw,
       holder.held, holder.days,
       COALESCE(kw < (SELECT ceiling FROM unnest(%s::text[], %s::numeric[]) ceilings (kind, ceiling)
                      WHERE ceilings.kind = COALESCE(miner.kind, '')), false) AS below
FROM capture_power
LEFT JOIN capture_holder holder USING (unit)
LEFT JOIN known_miner miner ON miner.id = CASE WHEN unit LIKE 'm%%' THEN substr(unit, 2)::bigint END
LEFT JOIN (SELECT DISTINCT ON (unit) unit, territory_id FROM capture_sighted ORDER BY unit, seen_on DESC, id DESC) last
     USING (unit)
"""

PLACED = """
SELECT unit, {place} AS place_id, {stratum} AS stratum, below, kw, held, days
FROM capture_unit
JOIN registry_territoryancestor inside ON inside.descendant_id = territory_id AND inside.ancestor_id = %s
"""
# Regions may lie in regions, as counties in provinces: the one right below the country is meant.
PLACE = f"""(SELECT region.id FROM registry_territoryancestor above
    JOIN registry_territory region ON region.id = above.ancestor_id AND region.kind = '{TerritoryKind.REGION}'
    JOIN registry_territory country ON country.id = region.parent_id AND country.kind = '{TerritoryKind.COUNTRY}'
    WHERE above.descendant_id = territory_id)"""

# In each window: operations that some list saw, with all lists that did; then those that only the register knows.
HISTORIES = """
WITH span (number, seen_from, seen_to, day) AS (
    SELECT * FROM unnest(%s::int[], %s::date[], %s::date[], %s::date[])
),
seen AS MATERIALIZED (
    SELECT span.number, span.day, sighted.unit, bit_or(2 << bit.place) AS lists
    FROM span JOIN capture_sighted sighted ON sighted.seen_on BETWEEN span.seen_from AND span.seen_to
    JOIN unnest(%s::bigint[], %s::int[]) bit (list_id, place) ON bit.list_id = sighted.list_id
    GROUP BY 1, 2, 3
),
history AS (
    SELECT number, unit, lists + (COALESCE(held @> day, false))::int AS code FROM seen JOIN capture_placed USING (unit)
    UNION ALL
    SELECT span.number, placed.unit, {register}
    FROM span JOIN capture_placed placed ON placed.days @> span.day
    LEFT JOIN seen ON seen.number = span.number AND seen.unit = placed.unit
    WHERE seen.unit IS NULL
)
SELECT number, place_id, stratum, below, code, count(*), count(kw), COALESCE(sum(kw), 0), COALESCE(sum(kw * kw), 0)
FROM history JOIN capture_placed USING (unit)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""


@dataclass(frozen=True)
class Window:
    """The days on which sightings count, both included, and the day on which a registration must be in force."""

    seen_from: dt.date
    seen_to: dt.date
    registered_on: dt.date


@dataclass(frozen=True)
class Sizing:
    """Lower edges of the size classes in kW after the first, and below which kW a kind of miner has no duty.

    The kind "" is of those whom nobody knows.
    """

    edges: tuple[Decimal, ...]
    ceilings: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Histories:
    """How many operations of one window, place and stratum have one history; bit 0 is the register, bit k list k.

    `kw_n` of them have a known power, which adds up to `kw_sum`, its squares to `kw_squares`. `below` are those known
    to be too small for any duty.
    """

    window: int
    place_id: int | None
    stratum: str
    below: bool
    code: int
    n: int
    kw_n: int
    kw_sum: Decimal
    kw_squares: Decimal


def size_classes(edges: Sequence[Decimal]) -> list[str]:
    """Names of the size classes in their order, the unknown last."""
    if not edges:
        return [ALL, UNKNOWN_SIZE]
    words = [f"{edge:,f}" for edge in edges]
    between = [f"{low} to {high} kW" for low, high in pairwise(words)]
    return [f"under {words[0]} kW", *between, f"{words[-1]} kW and more", UNKNOWN_SIZE]


def strata_names(by: By, sizing: Sizing) -> list[str]:
    """All strata that there may be, in their order."""
    if by == "kind":
        return [*MinerKind.values, UNKNOWN_KIND]
    return size_classes(sizing.edges) if by == "size" else [ALL]


def collect(
    *,
    windows: Sequence[Window],
    known: Known,
    territory: Territory,
    by: By,
    sizing: Sizing,
    lists: Sequence[int],
    regions: bool = False,
    links: Links = "holding",
    again: bool = False,
) -> list[Histories]:
    """The histories of all operations in the territory over the register and these lists, in a fixed order.

    A unit is an operation; it counts once per window and list, and where it lies as far as known. On the register is
    who holds a registration on the window's day and operates then or was seen in the window. With `regions`, each is
    counted in its region; `place_id` is null for those of whom only the country is known. `links` says which count.
    Needs a transaction, in which it leaves temporary tables: `known_…` and `capture_…`; asked `again` about the same
    times with other links, it reads all that does not depend on them from there.
    """
    first, last = min(window.seen_from for window in windows), max(window.seen_to for window in windows)
    _links_known(known, first, last, links)
    if not again:
        _known(known, first, last)
    temporary("capture_sighted", SIGHTED, [first, last])
    temporary("capture_holder", HOLDERS)
    temporary("capture_power", POWER.format(hours=HOURS_OF_A_MONTH), [first, last])
    kinds, ceilings = [kind for kind, _ in sizing.ceilings], [ceiling for _, ceiling in sizing.ceilings]
    temporary("capture_unit", UNITS, [kinds, ceilings])
    stratum, values = _stratum(by, sizing)
    place = PLACE if regions else "NULL::bigint"
    temporary("capture_placed", PLACED.format(place=place, stratum=stratum), [*values, territory.pk], index="unit")
    spans = [
        list(range(len(windows))),
        [window.seen_from for window in windows],
        [window.seen_to for window in windows],
        [window.registered_on for window in windows],
    ]
    found = asked(HISTORIES.format(register=REGISTER_BIT), [*spans, list(lists), list(range(len(lists)))])
    return [Histories(*row) for row in found]


def open_links(known: Known) -> tuple[int, int]:
    """How many pairs the model has linked without a clerk's word, and how many are doubtful; asked after `collect`."""
    links, values = _links(known, "verdict IN ('', 'unsure') AND status IN ('linked', 'doubtful')")
    [(linked, doubtful)] = asked(OPEN_LINKS.format(links=links), values)
    return int(linked), int(doubtful)


def _links(known: Known, only: str) -> tuple[str, list]:
    columns = "id, sighting_id, miner_id, other_id, verdict, status, probability"
    return as_known("link", columns, known.of("link"), only)


def _links_known(known: Known, first: dt.date, last: dt.date, links: Links) -> None:
    """The links that count, and the sightings that they or the windows are about."""
    counting, values = _links(known, COUNTING[links])
    temporary("known_link", LINKED.format(links=counting), values)
    columns = "id, list_id, source, reference, seen_on, territory_id, miner_id, metering_point, power_kw, device_count"
    read = "(seen_on BETWEEN %s AND %s OR id IN (SELECT other_id FROM known_link))"
    temporary("known_sighting", *as_known("sighting", columns, known.of("sighting"), read, [first, last]))


def _known(known: Known, first: dt.date, last: dt.date) -> None:
    """The other nouns as known, each cut down to what the questions read."""
    temporary("known_merger", *as_known("merger", "id, miner_id, same_as_id", known.of("merger")))
    columns = "id, miner_id, COALESCE(metering_point, '') AS metering_point, capacity_kw, period"
    temporary("known_site", *as_known("site", columns, known.of("site")))
    temporary("known_miner", *as_known("miner", "id, territory_id, kind, operating", known.of("miner")), index="id")
    columns = "id, register_id, miner_id, number, period, status"
    temporary(
        "known_registration",
        *as_known("registration", columns, known.of("registration"), "period IS NOT NULL"),
    )
    month = first.replace(day=1)
    read = "month BETWEEN %s AND %s"
    columns = "id, metering_point, month, energy_kwh"
    temporary("known_reading", *as_known("reading", columns, known.of("reading"), read, [month, last]))


def _stratum(by: By, sizing: Sizing) -> tuple[str, list]:
    if by == "kind":
        return f"COALESCE(NULLIF(kind, ''), '{UNKNOWN_KIND}')", []
    if by == "none":
        return f"'{ALL}'", []
    names = size_classes(sizing.edges)[:-1]
    return (
        f"COALESCE((%s::text[])[width_bucket(kw, %s::numeric[]) + 1], '{UNKNOWN_SIZE}')",
        [names, list(sizing.edges)],
    )
