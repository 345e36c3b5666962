"""The view that adds up the readings of a miner's sites, month by month."""

from django.db import migrations, models

VIEW = """
CREATE VIEW registry_monthlyenergy AS
SELECT site.miner_id,
       reading.month,
       sum(reading.energy_kwh) AS energy_kwh,
       lead(reading.month) OVER (PARTITION BY site.miner_id ORDER BY reading.month) AS next_month
FROM registry_reading reading
JOIN registry_site site
  ON site.metering_point = reading.metering_point
 AND site.period && daterange(reading.month, (reading.month + interval '1 month')::date)
GROUP BY site.miner_id, reading.month
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.RunSQL(VIEW, "DROP VIEW registry_monthlyenergy"),
        migrations.CreateModel(
            name="MonthlyEnergy",
            fields=[],
            options={"managed": False, "db_table": "registry_monthlyenergy"},
        ),
    ]
