"""Links and mergers move operations from one cell to another, and so does whatever changes a sighting that is linked.

All marks are of cells: what miners are found to have breached does not depend on them.
"""

from importlib import import_module

from django.db import migrations

before = import_module("compliance.migrations.0003_stale_marks")
owners = import_module("compliance.migrations.0008_marks_of_owners_and_hosts")

NOBODY = "SELECT NULL::bigint, NULL::bigint, '' WHERE false"

# Links are followed to all whom they name, whether or not they hold: a mark too many costs one count.
LINK = """
        WITH concerned AS (
            SELECT sighting_id AS id FROM changed UNION SELECT other_id FROM changed WHERE other_id IS NOT NULL
        ), report AS (
            SELECT sighting.* FROM concerned JOIN registry_sighting sighting ON sighting.id = concerned.id
            UNION
            SELECT linked.* FROM concerned JOIN registry_link link ON link.other_id = concerned.id
            JOIN registry_sighting linked ON linked.id = link.sighting_id
        ), about AS (
            SELECT miner_id FROM changed
            UNION SELECT miner_id FROM report
            UNION SELECT site.miner_id FROM report JOIN registry_site site
              ON site.metering_point = report.metering_point AND report.metering_point <> ''
            UNION SELECT link.miner_id FROM concerned JOIN registry_link link ON link.sighting_id = concerned.id
        ), canonical AS (
            SELECT miner_id FROM about
            UNION SELECT merger.same_as_id FROM about JOIN registry_merger merger ON merger.miner_id = about.miner_id
        )
        SELECT territory_id, '' FROM report
        UNION
        SELECT same.territory_id, '' FROM report JOIN registry_sighting same
          ON same.metering_point = report.metering_point AND report.metering_point <> ''
        UNION
        SELECT miner.territory_id, miner.kind FROM canonical JOIN registry_miner miner ON miner.id = canonical.miner_id"""

# What was linked to a sighting, or to another of the same meter, goes where that goes.
LINKED = """
        SELECT linked.territory_id, '' FROM changed
        JOIN registry_link link ON link.other_id = changed.id
        JOIN registry_sighting linked ON linked.id = link.sighting_id
        UNION
        SELECT other.territory_id, '' FROM changed
        JOIN registry_link link ON link.sighting_id = changed.id
        JOIN registry_sighting other ON other.id = link.other_id
        UNION
        SELECT miner.territory_id, miner.kind
        FROM (
            SELECT link.miner_id, link.other_id FROM changed JOIN registry_link link ON link.sighting_id = changed.id
            UNION
            SELECT link.miner_id, link.other_id FROM changed JOIN registry_link link ON link.other_id = changed.id
        ) link
        LEFT JOIN registry_sighting other ON other.id = link.other_id
        LEFT JOIN registry_site site ON site.metering_point = other.metering_point AND other.metering_point <> ''
        LEFT JOIN registry_link further ON further.sighting_id = link.other_id
        LEFT JOIN registry_merger merger
          ON merger.miner_id = ANY (ARRAY[link.miner_id, other.miner_id, site.miner_id, further.miner_id])
        JOIN registry_miner miner
          ON miner.id = ANY (ARRAY[link.miner_id, other.miner_id, site.miner_id, further.miner_id, merger.same_as_id])"""
OF_METER = """
        SELECT linked.territory_id, '' FROM registry_link link
        JOIN registry_sighting other ON other.id = link.other_id
        JOIN registry_sighting linked ON linked.id = link.sighting_id
        JOIN changed ON changed.metering_point = other.metering_point AND other.metering_point <> ''"""
# Whatever counts under a merged miner counts in the cell of the one that it is.
MERGED = """
        SELECT miner.territory_id, miner.kind FROM changed
        JOIN registry_merger merger ON merger.miner_id = changed.miner_id
        JOIN registry_miner miner ON miner.id = merger.same_as_id"""
MERGED_BY_METER = """
        SELECT miner.territory_id, miner.kind FROM registry_merger merger
        JOIN registry_site site ON site.miner_id = merger.miner_id
        JOIN changed ON changed.metering_point = site.metering_point AND changed.metering_point <> ''
        JOIN registry_miner miner ON miner.id = merger.same_as_id"""

CELLS = {
    "registry_link": LINK,
    "registry_merger": """
        SELECT miner.territory_id, miner.kind FROM changed
        JOIN registry_miner miner ON miner.id = ANY (ARRAY[changed.miner_id, changed.same_as_id])""",
    "registry_registration": MERGED,
    "registry_site": " UNION ".join([before.CELLS["registry_site"], OF_METER, MERGED]),
    "registry_sighting": " UNION ".join([before.CELLS["registry_sighting"], LINKED, OF_METER, MERGED, MERGED_BY_METER]),
}
MINERS = {
    "registry_link": NOBODY,
    "registry_merger": NOBODY,
    "registry_registration": before.MINERS["registry_registration"],
    "registry_site": owners.MINERS["registry_site"],
    "registry_sighting": before.MINERS["registry_sighting"],
}


def statements(table: str) -> list[migrations.RunSQL]:
    source = table.split("_", 1)[1]
    made = []
    for operation, (referencing, rows) in before.ROWS.items():
        name = f"mark_stale_{source}_{operation.lower()}"
        forward = before.FUNCTION.format(
            name=name,
            rows=rows,
            few=before.FEW,
            source=source,
            miners=MINERS[table],
            cells=before.CELLS_MARK.format(rows=rows, source=source, cells=CELLS[table]),
            operation=operation,
            table=table,
            referencing=referencing,
        )
        made.append(migrations.RunSQL(forward, before.DROP.format(name=name, table=table)))
    return made


AS_THEY_WERE = {
    table: MINERS[table] for table in ("registry_registration", "registry_site", "registry_sighting")
}


class Migration(migrations.Migration):
    dependencies = [("compliance", "0012_estimates"), ("registry", "0005_lists_and_links")]

    operations = [
        *owners.reversed_statements(AS_THEY_WERE),
        *(made for table in MINERS for made in statements(table)),
    ]
