"""Triggers that note, for every statement on a table that feeds the totals, whose totals may have moved.

They are statement-level: a COPY of a million rows costs one grouping, not a million calls. Up to `FEW` changed rows
leave one mark per miner, so that a single change is brought up to date at once; more leave one mark per cell. Marks
whose source ends in "in cell" ask for the counts of the cell only: the findings are those of the marked miners.
"""

from django.db import migrations

FEW = 500

# For each table: the miners that its changed rows concern, and the cells that they concern without a miner.
MINERS = {
    "registry_miner": "SELECT changed.id, changed.territory_id, changed.kind FROM changed",
    "registry_site": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed JOIN registry_miner miner ON miner.id = changed.miner_id""",
    "registry_registration": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed JOIN registry_miner miner ON miner.id = changed.miner_id""",
    "registry_declaration": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed JOIN registry_miner miner ON miner.id = changed.miner_id""",
    "registry_reading": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed
        JOIN registry_site site ON site.metering_point = changed.metering_point
        JOIN registry_miner miner ON miner.id = site.miner_id""",
    "registry_sighting": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed
        LEFT JOIN registry_site site ON site.metering_point = changed.metering_point AND changed.metering_point <> ''
        JOIN registry_miner miner ON miner.id = COALESCE(changed.miner_id, site.miner_id)""",
    "compliance_fine": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed
        JOIN compliance_case proceeding ON proceeding.id = changed.case_id
        JOIN registry_miner miner ON miner.id = proceeding.miner_id""",
}
# An operation of nobody known counts where its metering point was last seen, so all its reports are concerned; a
# finding about a site counts where the site lies.
CELLS = {
    "registry_site": """
        SELECT sighting.territory_id, ''
        FROM changed JOIN registry_sighting sighting
          ON sighting.metering_point = changed.metering_point AND sighting.metering_point <> ''
        UNION
        SELECT changed.territory_id, miner.kind FROM changed JOIN registry_miner miner ON miner.id = changed.miner_id""",
    "registry_sighting": """
        SELECT changed.territory_id, '' FROM changed
        UNION
        SELECT other.territory_id, '' FROM changed JOIN registry_sighting other
          ON other.metering_point = changed.metering_point AND other.metering_point <> ''""",
}
ROWS = {
    "INSERT": ("REFERENCING NEW TABLE AS new_rows", "SELECT * FROM new_rows"),
    "UPDATE": (
        "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows",
    ),
    "DELETE": ("REFERENCING OLD TABLE AS old_rows", "SELECT * FROM old_rows"),
}
FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT 1 FROM ({rows}) changed LIMIT {few} + 1) sample) > {few} THEN
        WITH changed AS ({rows})
        INSERT INTO compliance_stalemark (miner_id, territory_id, kind, source, marked_at)
        SELECT DISTINCT NULL::bigint, territory_id, kind, '{source}', now()
        FROM ({miners}) touched (miner_id, territory_id, kind);
    ELSE
        WITH changed AS ({rows})
        INSERT INTO compliance_stalemark (miner_id, territory_id, kind, source, marked_at)
        SELECT DISTINCT miner_id, territory_id, kind, '{source}', now()
        FROM ({miners}) touched (miner_id, territory_id, kind);
    END IF;
    {cells}
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {operation} ON {table} {referencing}
FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
CELLS_MARK = """
    WITH changed AS ({rows})
    INSERT INTO compliance_stalemark (miner_id, territory_id, kind, source, marked_at)
    SELECT DISTINCT NULL::bigint, territory_id, kind, '{source} in cell', now()
    FROM ({cells}) touched (territory_id, kind);
"""
# A territory that comes under another parent may move any total above it and any ban on it: everything is stale.
MOVED = """
CREATE FUNCTION mark_stale_territory_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_rows JOIN old_rows USING (id) WHERE new_rows.parent_id IS DISTINCT FROM old_rows.parent_id
    ) THEN
        INSERT INTO compliance_stalemark (miner_id, territory_id, kind, source, marked_at)
        VALUES (NULL, NULL, '', 'territory', now());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_stale_territory_update AFTER UPDATE ON registry_territory
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION mark_stale_territory_update();
"""
DROP = "DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();"


def statements(tables: dict[str, str]) -> list[migrations.RunSQL]:
    made = []
    for table, miners in tables.items():
        source = table.split("_", 1)[1]
        for operation, (referencing, rows) in ROWS.items():
            name = f"mark_stale_{source}_{operation.lower()}"
            cells = CELLS_MARK.format(rows=rows, source=source, cells=CELLS[table]) if table in CELLS else ""
            forward = FUNCTION.format(
                name=name,
                rows=rows,
                few=FEW,
                source=source,
                miners=miners,
                cells=cells,
                operation=operation,
                table=table,
                referencing=referencing,
            )
            made.append(migrations.RunSQL(forward, DROP.format(name=name, table=table)))
    return made


class Migration(migrations.Migration):
    dependencies = [("compliance", "0002_reports_frozen"), ("registry", "0002_monthly_energy")]

    operations = [
        *statements(MINERS),
        migrations.RunSQL(MOVED, DROP.format(name="mark_stale_territory_update", table="registry_territory")),
    ]
