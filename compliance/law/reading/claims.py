"""Reads claims."""

from calendar import monthrange
from datetime import date

import yaml

from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.schema import BOUNDS, UNITS, ClaimItem


def read_claims(file: Mapping, context: Context) -> list[ClaimItem]:
    found = []
    for item in file.mappings("claims", "Claim"):
        said_on, how_known = day_said(item)
        unit = item.word("unit", UNITS) if item.has("unit") else ""
        low = item.amount("low") if item.has("low") else None
        high = item.amount("high") if item.has("high") else None
        if low is not None and high is not None and low > high:
            item.refuse(f"has its low figure at {low}, above its high one at {high}.", item.line_at("low"))
        if (low is not None or high is not None) and not unit:
            item.refuse("has a figure but no unit.")
        if unit == "share" and max(low or 0, high or 0) > 1:
            item.refuse("is a share, which lies between 0 and 1.")
        cited = context.cited(item)
        entry = ClaimItem(
            line=item.line,
            code=item.code("code"),
            territory=context.territory(item, "territory"),
            said_by=item.text("said_by", longest=200),
            said_on=said_on,
            statement=" ".join(filter(None, (item.text("statement"), how_known, cited.note))),
            bounds=item.word("bounds", BOUNDS),
            low=low,
            high=high,
            unit=unit,
            cited=cited,
        )
        if item.sound:
            found.append(entry)
    return found


def day_said(claim: Mapping) -> tuple[date, str]:
    """The day of a claim. Where only the month or year is known, its last day stands for it."""
    node = claim.values.get("said_on")
    parts = node.value.split("-") if isinstance(node, yaml.ScalarNode) else []
    if node is not None and 1 <= len(parts) <= 2 and all(part.isdecimal() for part in parts):
        claim.has("said_on")
        year, month = int(parts[0]), int(parts[1]) if len(parts) == 2 else 12
        if 1900 <= year <= 2200 and 1 <= month <= 12:
            return date(year, month, monthrange(year, month)[1]), f"Said in {node.value}; the day is not known."
    return claim.date("said_on"), ""
