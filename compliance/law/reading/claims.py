"""Reads claims."""

from calendar import monthrange
from datetime import date

import yaml

from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.schema import BOUNDS, UNITS, ClaimItem

QUOTATION_MARKS = '“”„"«»'


def read_claims(file: Mapping, context: Context) -> list[ClaimItem]:
    found = []
    for item in file.mappings("claims", "Claim"):
        said_on, how_known = day_said(item, "said_on", "Said in")
        about_on, about_known = day_said(item, "about_on", "About") if item.has("about_on") else (None, "")
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
            statement=" ".join(filter(None, (item.text("statement"), how_known, about_known, cited.note))),
            quote=quoted(item),
            where=item.text_or_none("where", longest=200),
            about_on=about_on,
            bounds=item.word("bounds", BOUNDS),
            low=low,
            high=high,
            unit=unit,
            cited=cited,
        )
        if item.sound:
            found.append(entry)
    return found


def quoted(claim: Mapping) -> str:
    """The words as they were said; the marks around them are the page's, not the speaker's."""
    words = claim.text_or_none("quote")
    if words and words[0] in QUOTATION_MARKS and words[-1] in QUOTATION_MARKS:
        claim.refuse("has quotation marks around its quote; write the words alone.", claim.line_at("quote"))
    return words


def day_said(claim: Mapping, key: str, words: str) -> tuple[date, str]:
    """A day of a claim. Where only the month or year is known, its last day stands for it."""
    node = claim.values.get(key)
    parts = node.value.split("-") if isinstance(node, yaml.ScalarNode) else []
    if node is not None and 1 <= len(parts) <= 2 and all(part.isdecimal() for part in parts):
        claim.has(key)
        year, month = int(parts[0]), int(parts[1]) if len(parts) == 2 else 12
        if 1900 <= year <= 2200 and 1 <= month <= 12:
            return date(year, month, monthrange(year, month)[1]), f"{words} {node.value}; the day is not known."
    return claim.date(key), ""
