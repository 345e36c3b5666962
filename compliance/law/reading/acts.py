"""Reads acts and their statuses over time."""

from compliance.choices import ActStatusName
from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.schema import ActItem, StatusItem


def read_acts(file: Mapping, context: Context) -> list[ActItem]:
    found = []
    for item in file.mappings("acts", "Act", needed=True):
        entry = ActItem(
            line=item.line,
            code=item.code("code"),
            title=item.text("title", longest=300),
            citation=item.text("citation", longest=300),
            cited=context.cited(item),
            statuses=tuple(statuses_of(item, context)),
        )
        if item.sound:
            found.append(entry)
    return found


def statuses_of(act: Mapping, context: Context) -> list[StatusItem]:
    found = []
    for item in act.mappings("statuses", f"A status of {act.what}", needed=True):
        entry = StatusItem(
            line=item.line,
            status=item.word("status", ActStatusName.values),
            period=context.period(item, needed=True),
            cited=context.cited(item),
        )
        if item.sound:
            found.append(entry)
    return found
