"""Reads the ready-made scenarios of a pack."""

from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.scenarios import read_changes
from compliance.law.schema import ScenarioItem


def read_scenarios(file: Mapping, context: Context) -> list[ScenarioItem]:
    found = []
    for item in file.mappings("scenarios", "Scenario"):
        entry = ScenarioItem(
            line=item.line,
            code=item.code("code"),
            title=item.text("title", longest=200),
            note=item.text_or_none("note"),
            changes=tuple(read_changes(item, context)),
        )
        if item.sound:
            found.append(entry)
    return found
