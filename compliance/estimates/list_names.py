"""Lists by their names in the sentences of warnings, which are written with the codes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any


def spelt(message: str, names: Mapping[str, str], facts: Mapping[str, Any]) -> str:
    """The sentence with the names of the lists, quoted, for their codes.

    A code of one plain word, such as “pool”, may be meant as the word. It is a list where the facts of the warning
    name it, or where it stands in a pair, as in “complaint with pool”.
    """
    plain = {code for code in names if "_" not in code}
    sure = (names.keys() - plain) | (plain & set(_words(facts)))
    told = _named(message, sure, names)
    told = _named(told, plain - sure, names, after="(?= with )")
    return _named(told, plain - sure, names, before="(?<= with )")


def _named(message: str, codes: Iterable[str], names: Mapping[str, str], before: str = "", after: str = "") -> str:
    """All at once, so that no code is looked for within a name; what is quoted is a name already."""
    if not codes:
        return message
    either = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
    sought = rf"(“[^”]*”)|{before}(?<!\w)({either})(?!\w){after}"
    return re.sub(sought, lambda found: found[1] or f"“{names[found[2]]}”", message)


def _words(facts: Any) -> Iterable[str]:
    """All texts of the facts, keys and values."""
    if isinstance(facts, str):
        yield facts
    elif isinstance(facts, Mapping):
        for key, value in facts.items():
            yield from (key, *_words(value))
    elif isinstance(facts, list | tuple):
        for each in facts:
            yield from _words(each)
