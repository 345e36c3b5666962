"""How far a change reaches: the miners whose findings or prices rest on the rows of others."""

from collections.abc import Iterable, Sequence

from django.db import connection

from registry.selectors.persons import MINERS_OF_PERSONS

# The marks after which the findings of what a miner owns may move; the prices of a whole group; and the findings of
# those who host it.
OWNERS = frozenset({"miner", "impediment", "ownership"})
GROUPS = frozenset({"fine", "ownership", "merger"})
CLIENTS = frozenset({"miner", "site", "registration", "reading", "device", "merger"})
COUNTS_ONLY = " in cell"
"""The end of the source of marks that ask for the counts of a cell only."""

# Miner (or none, for all of the cell), territory, kind and source of a stale mark.
Mark = tuple[int | None, int | None, str, str]

# Each list of miners, and each of cells, is read from the side of the stakes (of the hosted sites), of which there are
# few, so that a mark of a quarter of a million miners costs no more than a look at those.
OTHERS = """
WITH RECURSIVE
stakeholder AS (
    SELECT miner.id, miner.territory_id, miner.kind FROM registry_miner miner
    WHERE miner.id IN (SELECT owner_id FROM registry_ownership WHERE owner_id IS NOT NULL
                       UNION SELECT miner_id FROM registry_ownership)
),
up (id) AS (
    SELECT id FROM stakeholder
    WHERE id = ANY(%(groups)s)
       OR (territory_id, kind) IN (SELECT * FROM unnest(%(groups_territories)s::bigint[], %(groups_kinds)s::text[]))
    UNION
    SELECT stake.owner_id FROM up JOIN registry_ownership stake ON stake.miner_id = up.id
    WHERE stake.owner_id IS NOT NULL
),
down (id) AS (
    SELECT start.id FROM (
        SELECT id FROM up
        UNION
        SELECT id FROM stakeholder
        WHERE id = ANY(%(owners)s)
           OR (territory_id, kind) IN (SELECT * FROM unnest(%(owners_territories)s::bigint[], %(owners_kinds)s::text[]))
    ) start
    UNION
    SELECT stake.miner_id FROM down JOIN registry_ownership stake ON stake.owner_id = down.id
)
SELECT id FROM down
UNION
SELECT site.host_id FROM registry_site site
WHERE site.host_id IS NOT NULL AND site.miner_id = ANY(%(clients)s)
UNION
SELECT site.host_id
FROM unnest(%(clients_territories)s::bigint[], %(clients_kinds)s::text[]) cell (territory_id, kind)
JOIN registry_miner client ON (client.territory_id, client.kind) = (cell.territory_id, cell.kind)
JOIN registry_site site ON site.miner_id = client.id AND site.host_id IS NOT NULL
"""


# Their rows in a cell are looked for among the few who are on file more than once.
PERSONS = f"""
SELECT other.miner_id FROM {MINERS_OF_PERSONS} one JOIN {MINERS_OF_PERSONS} other USING (person_id)
JOIN registry_miner miner ON miner.id = one.miner_id
WHERE miner.id = ANY(%s) OR (miner.territory_id, miner.kind) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
"""


def concerned(marks: Sequence[Mark]) -> set[int]:
    """Ids of miners whom the marks concern without naming them: the same persons, and the others of them all."""
    named = {miner_id for miner_id, _, _, _ in marks if miner_id is not None}
    same = _same_persons(named, cells_in_bulk(marks))
    sources = {source for _, _, _, source in marks}
    others = others_concerned([*marks, *((miner_id, None, "", source) for miner_id in same for source in sources)])
    return same | others | _same_persons(others, set())


def cells_in_bulk(marks: Iterable[Mark]) -> set[tuple[int, str]]:
    """Cells that are marked instead of the many miners there who have changed."""
    return {
        (territory_id, kind)
        for miner_id, territory_id, kind, source in marks
        if miner_id is None and territory_id and kind and not source.endswith(COUNTS_ONLY)
    }


def _same_persons(miners: set[int], cells: set[tuple[int, str]]) -> set[int]:
    """Ids of all miners of the persons on file more than once of whom one is named, or lies in one of the cells."""
    if not miners and not cells:
        return set()
    places = sorted(cells)
    with connection.cursor() as cursor:
        cursor.execute(PERSONS, [sorted(miners), [place for place, _ in places], [kind for _, kind in places]])
        return {row[0] for row in cursor.fetchall()}


def others_concerned(marks: Iterable[Mark]) -> set[int]:
    """Ids of miners whom the marks concern besides those that they name: what these own, their groups, their hosts."""
    found: dict[str, set[int]] = {"owners": set(), "groups": set(), "clients": set()}
    cells: dict[str, set[tuple[int, str]]] = {name: set() for name in found}
    for miner_id, territory_id, kind, source in marks:
        for name, sources in (("owners", OWNERS), ("groups", GROUPS), ("clients", CLIENTS)):
            if source not in sources:
                continue
            if miner_id is not None:
                found[name].add(miner_id)
            elif territory_id is not None:
                cells[name].add((territory_id, kind))
    if not any(found.values()) and not any(cells.values()):
        return set()
    params: dict[str, list[int] | list[str]] = {}
    for name in found:
        params[name] = sorted(found[name])
        params[f"{name}_territories"] = [territory for territory, _ in sorted(cells[name])]
        params[f"{name}_kinds"] = [kind for _, kind in sorted(cells[name])]
    with connection.cursor() as cursor:
        cursor.execute(OTHERS, params)
        return {row[0] for row in cursor.fetchall()}
