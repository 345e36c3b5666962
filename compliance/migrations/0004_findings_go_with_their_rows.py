"""What hangs on a finding, and what a finding hangs on, in the database itself.

Findings are withdrawn by set-based SQL, which Django's own on_delete does not see.
"""

from django.db import migrations

REBIND = """
DO $$
DECLARE name text;
BEGIN
    SELECT conname INTO STRICT name FROM pg_constraint
    WHERE conrelid = '{table}'::regclass AND contype = 'f'
      AND conkey = ARRAY[(SELECT attnum FROM pg_attribute
                          WHERE attrelid = '{table}'::regclass AND attname = '{column}')];
    EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', name);
    EXECUTE format('ALTER TABLE {table} ADD CONSTRAINT %I FOREIGN KEY ({column}) REFERENCES {target} (id)'
                   ' ON DELETE {action} DEFERRABLE INITIALLY DEFERRED', name);
END $$;
"""


def rebind(table: str, column: str, target: str, action: str) -> migrations.RunSQL:
    names = {"table": table, "column": column, "target": target}
    return migrations.RunSQL(REBIND.format(**names, action=action), REBIND.format(**names, action="NO ACTION"))


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_stale_marks")]

    operations = [
        rebind("compliance_case", "finding_id", "compliance_finding", "SET NULL"),
        rebind("compliance_finding", "miner_id", "registry_miner", "CASCADE"),
        rebind("compliance_finding", "site_id", "registry_site", "CASCADE"),
    ]
