"""Reads acts."""

from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.reading.statuses import read_statuses
from compliance.law.schema import ActItem


def read_acts(file: Mapping, context: Context) -> list[ActItem]:
    found = []
    for item in file.mappings("acts", "Act", needed=True):
        entry = ActItem(
            line=item.line,
            code=item.code("code"),
            title=item.text("title", longest=300),
            citation=item.text("citation", longest=300),
            cited=context.cited(item),
            statuses=read_statuses(item, context, needed=True),
            conflicts=context.conflicts(item),
        )
        if item.sound:
            found.append(entry)
    return found
