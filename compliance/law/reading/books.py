"""Reads books."""

from compliance.choices import BookKind
from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.reading.penalties import read_penalties
from compliance.law.schema import BookItem


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
            penalties=tuple(read_penalties(item, context)),
        )
        if item.sound:
            found.append(entry)
    return found
