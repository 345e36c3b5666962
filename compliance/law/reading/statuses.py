"""Reads the status over time of an act, a norm or a band."""

from compliance.choices import ActStatusName
from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.timelines import StatusItem


def read_statuses(owner: Mapping, context: Context, *, needed: bool = False) -> tuple[StatusItem, ...]:
    """The list under `statuses`; a norm or a band may do without, then its act's status is its own."""
    if owner.has("statuses") and not needed and not owner.items("statuses"):
        owner.refuse("needs at least one entry under “statuses”.", owner.line_at("statuses"))
    found = []
    for item in owner.mappings("statuses", f"A status of {owner.inner}", needed=needed):
        entry = StatusItem(
            line=item.line,
            status=item.word("status", ActStatusName.values),
            period=context.period(item, needed=True),
            cited=context.cited(item),
            conflicts=context.conflicts(item),
        )
        if item.sound:
            found.append(entry)
    return tuple(found)
