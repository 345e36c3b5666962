"""Reads the head of a pack."""

from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.schema import Pack, ReachBack
from compliance.rules.working_days import has_calendar


def read_head(head: Mapping, context: Context, file: str) -> Pack:
    """The pack without any of its lists."""
    return Pack(
        file=file,
        sha256="",
        code=head.code("code", longest=16),
        title=head.text("title", longest=200),
        territory=context.territory(head, "territory"),
        time_zone=context.zone(head, "time_zone"),
        version=head.text("version", longest=32),
        calendar=calendar_of(head) if head.has("calendar") else "",
        milder_reaches_back=reach_back_of(head, context) if head.has("milder_reaches_back") else None,
    )


def calendar_of(head: Mapping) -> str:
    code = head.text("calendar", longest=12)
    if code and not has_calendar(code):
        head.refuse(
            f"names the calendar “{code}”, whose days off nobody knows; it is an ISO 3166 code such as KZ or US-TX.",
            head.line_at("calendar"),
        )
    return code


def reach_back_of(head: Mapping, context: Context) -> ReachBack | None:
    item = head.mapping("milder_reaches_back", "What the pack says of milder laws")
    if not item.has("value"):
        item.refuse("lacks “value”.")
    entry = ReachBack(item.line, item.yes_or_no("value"), context.cited(item))
    return entry if item.sound else None
