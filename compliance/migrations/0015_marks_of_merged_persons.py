"""What is found of a person rests on all its miners on file, so a merger marks both of them, not only their cells."""

from importlib import import_module

from django.db import migrations

before = import_module("compliance.migrations.0003_stale_marks")
cells = import_module("compliance.migrations.0013_marks_of_links_and_mergers")

MINERS = """
        SELECT miner.id, miner.territory_id, miner.kind FROM changed
        JOIN registry_miner miner ON miner.id = ANY (ARRAY[changed.miner_id, changed.same_as_id])"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0014_estimates_kept"), ("registry", "0006_lists_over_time")]

    operations = [
        *(migrations.RunSQL(made.reverse_sql, made.sql) for made in cells.statements("registry_merger")),
        *before.statements({"registry_merger": MINERS}),
    ]
