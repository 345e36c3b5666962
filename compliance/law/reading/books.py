"""Reads books and their bands of penalty."""

from decimal import Decimal

import yaml

from compliance.choices import BookKind, Occurrence, Offender
from compliance.law.lists import iso_currencies
from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.schema import BookItem, Lookback, PenaltyItem

ANY_OCCURRENCE = "any"


def read_books(file: Mapping, context: Context) -> list[BookItem]:
    found = []
    for item in file.mappings("books", "Book", needed=True):
        entry = BookItem(
            line=item.line,
            code=item.code("code"),
            kind=item.word("kind", BookKind.values),
            title=item.text("title", longest=200),
            note=item.text_or_none("note"),
            act=context.reference(item, "act", "acts", "act") if item.has("act") else "",
            penalties=tuple(penalties_of(item, context)),
        )
        if item.sound:
            found.append(entry)
    return found


def penalties_of(book: Mapping, context: Context) -> list[PenaltyItem]:
    found = []
    for item in book.mappings("penalties", f"A penalty of {book.what}"):
        norms = item.words("norms")
        for code in norms:
            if code not in context.known["norms"]:
                item.refuse(f"names the norm “{code}”, which the pack does not have.", item.line_at("norms"))
        occurrence = item.word("occurrence", [*Occurrence.values, ANY_OCCURRENCE])
        low, high, currency = money_of(item)
        entry = PenaltyItem(
            line=item.line,
            norms=norms,
            offenders=item.words("offenders", Offender.values),
            occurrences=tuple(Occurrence.values) if occurrence == ANY_OCCURRENCE else (occurrence,),
            act=context.reference(item, "act", "acts", "act") if item.has("act") else "",
            article=item.text("article", longest=200),
            low=low,
            high=high,
            currency=currency,
            sanctions=item.words("sanctions") if item.has("sanctions") else (),
            condition=item.text_or_none("condition", longest=300),
            lookback=lookback_of(item, context) if item.has("lookback") else None,
            own_period=context.period(item, needed=False),
            cited=context.cited(item),
        )
        if item.sound:
            found.append(entry)
    return found


def money_of(penalty: Mapping) -> tuple[Decimal | None, Decimal | None, str]:
    """Reads `amount`: low, high and currency, or the word “unknown”, which is not the same as nothing."""
    node = penalty.node("amount")
    if node is None or (isinstance(node, yaml.ScalarNode) and node.value == "unknown"):
        return None, None, ""
    item = penalty.mapping("amount", f"The amount of {penalty.what[0].lower()}{penalty.what[1:]}")
    low, high, currency = item.amount("low"), item.amount("high"), item.text("currency")
    if low > high:
        item.refuse(f"has its low end at {low}, above its high end at {high}.", item.line_at("low"))
    if currency and currency not in iso_currencies():
        item.refuse(f"is in “{currency}”, which is no currency of ISO 4217.", item.line_at("currency"))
    item.tell_unknown_keys()
    return low, high, currency


def lookback_of(penalty: Mapping, context: Context) -> Lookback | None:
    item = penalty.mapping("lookback", f"The look-back of {penalty.what[0].lower()}{penalty.what[1:]}")
    entry = Lookback(item.whole_number("days"), context.cited(item))
    if entry.days < 1:
        item.refuse("must be at least one day long.")
    return entry if item.sound else None
