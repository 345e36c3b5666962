"""What the readers of every noun share: the pack's list of pages, its own codes, citations, periods and places."""

import yaml

from compliance.choices import Confidence
from compliance.law.cited import Citation, Conflict
from compliance.law.lists import iso_currencies, iso_territories, time_zones
from compliance.law.nodes import Mapping, line_of
from compliance.law.periods import BEGINNING, Span, span_of_law


def declared_codes(outermost: Mapping, key: str, named: str = "code") -> dict[str, int]:
    """The codes that the items of one list give themselves, with their lines, sound or not."""
    node = outermost.values.get(key)
    found: dict[str, int] = {}
    for item in node.value if isinstance(node, yaml.SequenceNode) else []:
        for name, value in item.value if isinstance(item, yaml.MappingNode) else []:
            if name.value == named and isinstance(value, yaml.ScalarNode):
                found.setdefault(value.value, line_of(value))
    return found


def declared_norms(outermost: Mapping) -> dict[str, tuple[str, yaml.Node | None]]:
    """The kind of each norm and its parameters as they are written, by code; for what changes a norm in part."""
    node = outermost.values.get("norms")
    found: dict[str, tuple[str, yaml.Node | None]] = {}
    for item in node.value if isinstance(node, yaml.SequenceNode) else []:
        values = {name.value: value for name, value in item.value} if isinstance(item, yaml.MappingNode) else {}
        code, kind = values.get("code"), values.get("kind")
        if isinstance(code, yaml.ScalarNode) and isinstance(kind, yaml.ScalarNode):
            found.setdefault(code.value, (kind.value, values.get("parameters")))
    return found


class Context:
    """What one file declares, sound or not, so that an item is not blamed for the faults of one that it refers to."""

    def __init__(self, file: Mapping) -> None:
        self.known = {key: declared_codes(file, key) for key in ("territories", "registers", "acts", "norms", "books")}
        self.known["units"] = declared_codes(file, "units", "unit")
        self.norms = declared_norms(file)
        self.pages: dict[str, tuple[str, str]] = {}

    def read_pages(self, file: Mapping) -> None:
        if not file.has("sources"):
            return
        library = file.mapping("sources", "The list of sources")
        for key in list(library.values):
            page = library.mapping(key, f"Source {key}")
            url = page.text_or_none("url", longest=500)
            if url and not url.startswith(("https://", "http://")):
                page.refuse(f"needs an address that begins with https:// or http://, not “{url}”.", page.line_at("url"))
            self.pages[key] = (url, page.text("title", longest=300))
            page.tell_unknown_keys()

    def cited(self, item: Mapping) -> Citation:
        """Reads `confidence`, `sources` and `note`: every item has them, and only a weak one may lack a page."""
        confidence = item.word("confidence", Confidence.values)
        keys = item.words("sources", empty=True) if item.has("sources") else ()
        note = item.text_or_none("note")
        for key in keys:
            if key not in self.pages:
                item.refuse(f"cites “{key}”, which is not in the pack's list of sources.", item.line_at("sources"))
        if confidence and not keys and (confidence != Confidence.LOW or not note):
            item.refuse(
                "cites no source; without one its confidence must be L and a note must say where it comes from."
            )
        return Citation(confidence, tuple(self.pages.get(key, ("", "")) for key in keys), note)

    def conflicts(self, item: Mapping) -> tuple[Conflict, ...]:
        """Reads `conflicts`: what other sources say of the same thing."""
        found = []
        for other in item.mappings("conflicts", f"What contradicts {item.inner}"):
            entry = Conflict(other.text("says"), self.cited(other))
            if other.sound:
                found.append(entry)
        return tuple(found)

    def currency(self, item: Mapping, key: str) -> str:
        code = item.text(key)
        if code and code not in iso_currencies():
            item.refuse(f"is in “{code}”, which is no currency of ISO 4217.", item.line_at(key))
        return code

    def period(self, item: Mapping, *, needed: bool) -> Span:
        """Reads `from` and `until`, both inclusive, as the law says them."""
        first = item.date("from") if needed else item.date_or_none("from") or BEGINNING
        last = item.date_or_none("until")
        if last is not None and last < first:
            item.refuse(f"ends on {last}, before it starts on {first}.", item.line_at("until"))
            return span_of_law(first, None)
        return span_of_law(first, last)

    def territory(self, item: Mapping, key: str) -> str:
        code = item.text(key)
        self.know_territory(item, code, item.line_at(key))
        return code

    def know_territory(self, item: Mapping, code: str, line: int) -> None:
        if code and code not in iso_territories() and code not in self.known["territories"]:
            item.refuse(
                f"names the territory “{code}”, which is neither of ISO 3166 nor declared under “territories”.", line
            )

    def zone(self, item: Mapping, key: str) -> str:
        name = item.text(key)
        if name and name not in time_zones():
            item.refuse(f"names the time zone “{name}”, which does not exist.", item.line_at(key))
        return name

    def reference(self, item: Mapping, key: str, to: str, noun: str) -> str:
        code = item.text(key)
        if code and code not in self.known[to]:
            item.refuse(f"names the {noun} “{code}”, which the pack does not have.", item.line_at(key))
        return code
