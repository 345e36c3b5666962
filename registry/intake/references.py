"""References: cells that name something on file, a place, a register, a miner."""

import difflib
from collections.abc import Mapping
from functools import lru_cache

from registry.choices import ListKind
from registry.intake.columns import EMPTY, Cached, CellRefused, Lookups, MakeParser, Parser
from registry.services.identifiers import SCHEMES, NotValid, unknown_scheme
from registry.services.lists import LIST_OF_THE_REGISTER


def territory() -> MakeParser:
    def make(lookups: Lookups) -> Cached:
        return Cached(_place(lookups, lookups.territories, "territory"))

    return make


def country() -> MakeParser:
    def make(lookups: Lookups) -> Cached:
        return Cached(_place(lookups, lookups.countries, "country"))

    return make


def _place(lookups: Lookups, places: Mapping[str, str], noun: str) -> Parser:
    @lru_cache(maxsize=10_000)
    def hint(cell: str) -> str:
        key = cell.casefold()
        if key in lookups.territories:
            return f"{cell} is not a {noun}; write a code of two letters, such as RU"
        named = lookups.territory_names.get(key)
        if named:
            return f"“{cell}” is a name; write the code {named}"
        nearest = [code.upper() for code in difflib.get_close_matches(key, places, 3, 0.6)]
        tail = f"; the nearest codes are {', '.join(nearest)}" if nearest else ""
        return f"“{cell}” is not the code of a {noun} on file{tail}"

    def parse(cell: str) -> str:
        found = places.get(cell.casefold())
        if found is None:
            raise CellRefused(f"unknown_{noun}", f"{hint(cell)}.")
        return found

    return parse


def register() -> MakeParser:
    def make(lookups: Lookups) -> Cached:
        def parse(cell: str) -> str:
            found = lookups.registers.get(cell.casefold())
            if found is None:
                known = ", ".join(sorted(lookups.registers)) or "none: load the law first"
                raise CellRefused("unknown_register", f"“{cell}” is not a register on file; known are {known}.")
            return found

        return Cached(parse)

    return make


def sighting_list() -> MakeParser:
    """The code of a list that holds sightings; staged as its id and its kind."""

    def make(lookups: Lookups) -> Cached:
        def parse(cell: str) -> str:
            found = lookups.lists.get(cell.casefold())
            if found is None:
                known = ", ".join(
                    code for code, (_, kind) in sorted(lookups.lists.items()) if kind != ListKind.REGISTER
                )
                raise CellRefused("unknown_list", f"“{cell}” is not a list on file; known are {known or 'none'}.")
            if found[1] == ListKind.REGISTER:
                raise CellRefused("list_of_the_register", LIST_OF_THE_REGISTER)
            return "\t".join(found)

        return Cached(parse)

    return make


def _identifier(text: str) -> str:
    scheme, equals, value = text.partition("=")
    known = SCHEMES.get(scheme) or SCHEMES.get(scheme.lower())
    if not (equals and scheme and value):
        raise CellRefused("not_an_identifier", f"“{text}” is not an identifier; write it as ru.inn=7707083893.")
    if known is None:
        raise CellRefused("identifier_scheme_unknown", unknown_scheme(scheme))
    try:
        return f"{known.code}={known.clean(value)}"
    except NotValid as reason:
        raise CellRefused("identifier_not_valid", f"“{value}” is not a valid {known.code}: {reason}.") from None


def identifiers() -> MakeParser:
    """One or more identifiers with spaces between them; each once."""

    def parse(cell: str) -> str:
        numbers = [_identifier(text) for text in cell.replace(",", " ").replace(";", " ").split()]
        if not numbers:
            raise EMPTY
        return " ".join(dict.fromkeys(numbers))

    return lambda _: parse


def miner() -> MakeParser:
    """One identifier of a miner on file; staged as its scheme and its value."""

    def parse(cell: str) -> str:
        return _identifier(cell).replace("=", "\t", 1)

    return lambda _: parse
