"""Reads registers, and the municipalities that ISO 3166 lacks."""

from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.schema import RegisterItem, TerritoryItem
from registry.choices import RegisterKind


def read_territories(file: Mapping, context: Context) -> list[TerritoryItem]:
    found = []
    for item in file.mappings("territories", "Territory"):
        code = item.text("code", longest=64)
        if code and "-x-" not in code:
            item.refuse(f"has the code “{code}”; our own codes are marked by “-x-”, as in RU-IRK-x-angarsk.")
        entry = TerritoryItem(item.line, code, item.text("name", longest=200), context.territory(item, "parent"))
        if item.sound:
            found.append(entry)
    return found


def read_registers(file: Mapping, context: Context) -> list[RegisterItem]:
    found = []
    for item in file.mappings("registers", "Register"):
        context.cited(item)
        entry = RegisterItem(
            line=item.line,
            code=item.code("code", longest=64),
            name=item.text("name", longest=200),
            kind=item.word("kind", RegisterKind.values),
            territory=context.territory(item, "territory"),
            keeper=item.text("keeper", longest=200),
        )
        if item.sound:
            found.append(entry)
    return found
