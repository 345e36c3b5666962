"""The same triggers for the tables that the later kinds of norm read."""

from importlib import import_module

from django.db import migrations

MINERS = {
    "registry_account": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed JOIN registry_miner miner ON miner.id = changed.miner_id""",
    "registry_impediment": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed JOIN registry_miner miner ON miner.id = changed.miner_id""",
    "registry_ownership": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed JOIN registry_miner miner ON miner.id = changed.miner_id""",
    "registry_device": """
        SELECT miner.id, miner.territory_id, miner.kind
        FROM changed
        JOIN registry_site site ON site.id = changed.site_id
        JOIN registry_miner miner ON miner.id = site.miner_id""",
}


class Migration(migrations.Migration):
    dependencies = [("compliance", "0006_kinds_of_norm"), ("registry", "0003_kinds_of_norm")]

    operations = import_module("compliance.migrations.0003_stale_marks").statements(MINERS)
