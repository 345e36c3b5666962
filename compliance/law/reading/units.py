"""Reads the units in which fines are counted, and what each was worth on which days."""

from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.schema import RateItem, UnitItem


def read_units(file: Mapping, context: Context) -> list[UnitItem]:
    found = []
    for item in file.mappings("units", "Unit", named_by="unit"):
        entry = UnitItem(
            line=item.line,
            unit=item.text("unit", longest=16),
            title=item.text("title", longest=200),
            rates=tuple(rates_of(item, context)),
        )
        if item.sound:
            found.append(entry)
    return found


def rates_of(unit: Mapping, context: Context) -> list[RateItem]:
    found = []
    for item in unit.mappings("rates", f"A rate of {unit.inner}", needed=True):
        entry = RateItem(
            line=item.line,
            value=item.money("value"),
            currency=context.currency(item, "currency"),
            period=context.period(item, needed=True),
            cited=context.cited(item),
            conflicts=context.conflicts(item),
        )
        if not entry.value and item.has("value"):
            item.refuse("needs a value above zero.", item.line_at("value"))
        if item.sound:
            found.append(entry)
    return found
