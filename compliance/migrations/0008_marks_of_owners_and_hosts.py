"""A stake also concerns its owner, a hosted site its host: an edge that is gone can no longer be followed to them."""

from importlib import import_module

from django.db import migrations

before = import_module("compliance.migrations.0003_stale_marks")
MINERS = {
    "registry_ownership": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM (SELECT miner_id FROM changed UNION SELECT owner_id FROM changed) concerned
        JOIN registry_miner miner ON miner.id = concerned.miner_id""",
    "registry_site": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM (SELECT miner_id FROM changed UNION SELECT host_id FROM changed) concerned
        JOIN registry_miner miner ON miner.id = concerned.miner_id""",
}
AS_THEY_WERE = {
    "registry_ownership": import_module("compliance.migrations.0007_more_stale_marks").MINERS["registry_ownership"],
    "registry_site": before.MINERS["registry_site"],
}


def reversed_statements(tables: dict[str, str]) -> list[migrations.RunSQL]:
    """What drops the triggers of the tables going forward, and makes them again going back."""
    return [migrations.RunSQL(made.reverse_sql, made.sql) for made in before.statements(tables)]


class Migration(migrations.Migration):
    dependencies = [("compliance", "0007_more_stale_marks"), ("registry", "0004_ownership_import")]

    operations = [*reversed_statements(AS_THEY_WERE), *before.statements(MINERS)]
