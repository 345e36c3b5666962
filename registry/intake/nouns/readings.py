"""Files of meter readings: a row is about that month of that metering point."""

from registry.intake import columns
from registry.intake.columns import Column
from registry.intake.nouns.base import Key, Noun, Present


def _resolve(present: Present) -> str:
    return """
        SELECT s.line, old.id AS old_id, s.metering_point, s.month, s.energy_kwh
        FROM staged s
        LEFT JOIN registry_reading old ON old.metering_point = s.metering_point AND old.month = s.month
        WHERE s.errors IS NULL
    """


READINGS = Noun(
    name="readings",
    help="Energy per metering point and month.",
    example="metering_point,month,energy_kwh\nMP-000123,2025-03,842000.5\n",
    table="registry_reading",
    columns=(
        Column("metering_point", columns.text(64), "metering_point text", "The grid operator's number."),
        Column("month", columns.month(), "month date", "The month, such as 2025-03."),
        Column(
            "energy_kwh", columns.decimal(digits=13, places=3), "energy_kwh numeric", "Energy drawn in the month, kWh."
        ),
    ),
    row_checks=(),
    prepare=(),
    resolve=_resolve,
    refusals=(),
    keys=(Key(("metering_point", "month"), "metering_point", "this metering point and month"),),
    fields={
        "metering_point": ("metering_point",),
        "month": ("month",),
        "energy_kwh": ("energy_kwh",),
    },
    analyze=("registry_reading",),
)
