"""Which territories a list sees gets a history, so that a run of the estimate can be read again afterwards."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Since when the lists of before see their territories, nobody noted: as long as they are on file.
BEGIN = """
INSERT INTO registry_listterritoryevent (id, pgh_created_at, pgh_label, pgh_obj_id, sightinglist_id, territory_id)
SELECT sees.id, list.created_at, 'insert', sees.id, sees.sightinglist_id, sees.territory_id
FROM registry_sightinglist_territories sees JOIN registry_sightinglist list ON list.id = sees.sightinglist_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("registry", "0005_lists_and_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListTerritory",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("registry.sightinglist_territories",),
        ),
        migrations.CreateModel(
            name="ListTerritoryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "sightinglist",
                    models.ForeignKey(
                        db_constraint=False,
                        db_tablespace="",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="registry.sightinglist",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_constraint=False,
                        db_tablespace="",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="registry.territory",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="registry.listterritory",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listterritory",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_listterritoryevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sightinglist_id", "territory_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."sightinglist_id", new_values."territory_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="6610e4d2957edf799368b571163d04ce5b5a2c04",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9eab9",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="registry_sightinglist_territories",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listterritory",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_listterritoryevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sightinglist_id", "territory_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."sightinglist_id", new_values."territory_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="e50fb777ff8d7600273554bce677b755d9f0fd1e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bf9d4",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="registry_sightinglist_territories",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listterritory",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_listterritoryevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sightinglist_id", "territory_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."sightinglist_id", old_values."territory_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="451762783d6b609e37dc5bc99326d5743826ffd7",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_7338a",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="registry_sightinglist_territories",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
    ]
