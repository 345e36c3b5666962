"""From the text of a pack's file to a `Pack`; what is wrong is told with line and sentence, all of it at once."""

import hashlib
import zoneinfo
from calendar import monthrange
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import yaml

from compliance.choices import ActStatusName, BookKind, Confidence, NormKind, Occurrence, Offender
from compliance.law.checks import check
from compliance.law.iso import iso_currencies, iso_territories
from compliance.law.nodes import Mapping, Trouble, line_of, root
from compliance.law.parameters import read_parameters
from compliance.law.periods import BEGINNING, Season, Span, span_of_law
from compliance.law.schema import (
    BOUNDS,
    UNITS,
    ActItem,
    AreaItem,
    BookItem,
    Citation,
    ClaimItem,
    Lookback,
    NormItem,
    Pack,
    PenaltyItem,
    RegisterItem,
    StatusItem,
    TerritoryItem,
    pack_refused,
)
from registry.choices import MinerKind, RegisterKind

ANY_OCCURRENCE = "any"


def pack_read(path: Path) -> Pack:
    """The pack of one file. Raises `PackRefused` with everything that is wrong with it."""
    data = path.read_bytes()
    trouble = Trouble(path.name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        trouble.add(data.count(b"\n", 0, error.start) + 1, "The file is not UTF-8 text.")
        raise pack_refused(trouble.problems) from error
    outermost = root(text, trouble)
    if outermost is None:
        raise pack_refused(trouble.problems)
    pack = replace(_Reader(outermost, trouble).pack(), sha256=hashlib.sha256(data).hexdigest())
    if trouble.problems:
        raise pack_refused(trouble.problems)
    return pack


def declared_codes(outermost: Mapping, key: str) -> dict[str, int]:
    """The codes that the items of one list give themselves, with their lines, sound or not."""
    node = outermost.values.get(key)
    found: dict[str, int] = {}
    for item in node.value if isinstance(node, yaml.SequenceNode) else []:
        for name, value in item.value if isinstance(item, yaml.MappingNode) else []:
            if name.value == "code" and isinstance(value, yaml.ScalarNode):
                found.setdefault(value.value, line_of(value))
    return found


class _Reader:
    """Reads the lists of one file in their order; later lists refer to earlier ones."""

    def __init__(self, outermost: Mapping, trouble: Trouble) -> None:
        self.file = outermost
        self.trouble = trouble
        self.known = {
            key: declared_codes(outermost, key) for key in ("territories", "registers", "acts", "norms", "books")
        }
        self.pages: dict[str, tuple[str, str]] = {}

    def pack(self) -> Pack:
        head = self.file.mapping("pack", "The pack")
        pack = Pack(
            file=self.trouble.file,
            sha256="",
            code=head.code("code", longest=16),
            title=head.text("title", longest=200),
            territory=self.territory(head, "territory"),
            time_zone=self.zone(head, "time_zone"),
            version=head.text("version", longest=32),
        )
        whole = head.sound
        self.read_pages()
        pack = replace(
            pack,
            territories=tuple(self.territories()),
            registers=tuple(self.registers()),
            acts=tuple(self.acts()),
            norms=tuple(self.norms()),
            books=tuple(self.books()),
            claims=tuple(self.claims()),
        )
        self.file.tell_unknown_keys()
        if whole:
            check(pack, self.trouble)
        return pack

    def read_pages(self) -> None:
        if not self.file.has("sources"):
            return
        library = self.file.mapping("sources", "The list of sources")
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
        if name and name not in zoneinfo.available_timezones():
            item.refuse(f"names the time zone “{name}”, which does not exist.", item.line_at(key))
        return name

    def reference(self, item: Mapping, key: str, to: str, noun: str) -> str:
        code = item.text(key)
        if code and code not in self.known[to]:
            item.refuse(f"names the {noun} “{code}”, which the pack does not have.", item.line_at(key))
        return code

    def territories(self) -> list[TerritoryItem]:
        found = []
        for item in self.file.mappings("territories", "Territory"):
            code = item.text("code", longest=64)
            if code and "-x-" not in code:
                item.refuse(f"has the code “{code}”; our own codes are marked by “-x-”, as in RU-IRK-x-angarsk.")
            entry = TerritoryItem(item.line, code, item.text("name", longest=200), self.territory(item, "parent"))
            if item.sound:
                found.append(entry)
        return found

    def registers(self) -> list[RegisterItem]:
        found = []
        for item in self.file.mappings("registers", "Register"):
            self.cited(item)
            entry = RegisterItem(
                line=item.line,
                code=item.code("code", longest=64),
                name=item.text("name", longest=200),
                kind=item.word("kind", RegisterKind.values),
                territory=self.territory(item, "territory"),
                keeper=item.text("keeper", longest=200),
            )
            if item.sound:
                found.append(entry)
        return found

    def acts(self) -> list[ActItem]:
        found = []
        for item in self.file.mappings("acts", "Act", needed=True):
            entry = ActItem(
                line=item.line,
                code=item.code("code"),
                title=item.text("title", longest=300),
                citation=item.text("citation", longest=300),
                cited=self.cited(item),
                statuses=tuple(self.statuses(item)),
            )
            if item.sound:
                found.append(entry)
        return found

    def statuses(self, act: Mapping) -> list[StatusItem]:
        found = []
        for item in act.mappings("statuses", f"A status of {act.what}", needed=True):
            entry = StatusItem(
                line=item.line,
                status=item.word("status", ActStatusName.values),
                period=self.period(item, needed=True),
                cited=self.cited(item),
            )
            if item.sound:
                found.append(entry)
        return found

    def norms(self) -> list[NormItem]:
        found = []
        for item in self.file.mappings("norms", "Norm", needed=True):
            kind = item.word("kind", NormKind.values)
            entry = NormItem(
                line=item.line,
                code=item.code("code"),
                act=self.reference(item, "act", "acts", "act"),
                kind=kind,
                title=item.text("title", longest=200),
                sentence=item.text("sentence"),
                article=item.text("article", longest=200),
                territory=self.territory(item, "territory"),
                register=self.reference(item, "register", "registers", "register") if item.has("register") else "",
                miner_kinds=item.words("miner_kinds", MinerKind.values),
                parameters=read_parameters(kind, item.mapping("parameters", f"The parameters of {item.what}")),
                own_period=self.period(item, needed=False),
                cited=self.cited(item),
                areas=tuple(self.areas(item)),
            )
            if item.sound:
                found.append(entry)
        return found

    def areas(self, norm: Mapping) -> list[AreaItem]:
        found = []
        for item in norm.mappings("areas", f"An area of {norm.what}"):
            codes = item.words("territories")
            for code in codes:
                self.know_territory(item, code, item.line_at("territories"))
            within = self.period(item, needed=True)
            season = self.season(item, within)
            note = item.text_or_none("note", longest=300)
            entry = AreaItem(
                line=item.line,
                territories=codes,
                periods=tuple(season.laid_out(within)) if season and within.end else (within,),
                partial=item.yes_or_no("partial"),
                note="; ".join(filter(None, (note, str(season) if season else "")))[:300],
                cited=replace(self.cited(item), note=""),
            )
            if item.sound:
                found.append(entry)
        return found

    def season(self, area: Mapping, within: Span) -> Season | None:
        if not area.has("season"):
            return None
        if within.end is None:
            area.refuse("has a season but no “until”; a season is laid out year by year, so it must end.")
        item = area.mapping("season", f"The season of {area.what[0].lower()}{area.what[1:]}")
        season = Season(item.month_day("from"), item.month_day("until"), self.zone(item, "zone"))
        return season if item.sound else None

    def books(self) -> list[BookItem]:
        found = []
        for item in self.file.mappings("books", "Book", needed=True):
            entry = BookItem(
                line=item.line,
                code=item.code("code"),
                kind=item.word("kind", BookKind.values),
                title=item.text("title", longest=200),
                note=item.text_or_none("note"),
                act=self.reference(item, "act", "acts", "act") if item.has("act") else "",
                penalties=tuple(self.penalties(item)),
            )
            if item.sound:
                found.append(entry)
        return found

    def penalties(self, book: Mapping) -> list[PenaltyItem]:
        found = []
        for item in book.mappings("penalties", f"A penalty of {book.what}"):
            norms = item.words("norms")
            for code in norms:
                if code not in self.known["norms"]:
                    item.refuse(f"names the norm “{code}”, which the pack does not have.", item.line_at("norms"))
            occurrence = item.word("occurrence", [*Occurrence.values, ANY_OCCURRENCE])
            low, high, currency = self.money(item)
            entry = PenaltyItem(
                line=item.line,
                norms=norms,
                offenders=item.words("offenders", Offender.values),
                occurrences=tuple(Occurrence.values) if occurrence == ANY_OCCURRENCE else (occurrence,),
                act=self.reference(item, "act", "acts", "act") if item.has("act") else "",
                article=item.text("article", longest=200),
                low=low,
                high=high,
                currency=currency,
                sanctions=item.words("sanctions") if item.has("sanctions") else (),
                condition=item.text_or_none("condition", longest=300),
                lookback=self.lookback(item) if item.has("lookback") else None,
                own_period=self.period(item, needed=False),
                cited=self.cited(item),
            )
            if item.sound:
                found.append(entry)
        return found

    def money(self, penalty: Mapping) -> tuple[Decimal | None, Decimal | None, str]:
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

    def lookback(self, penalty: Mapping) -> Lookback | None:
        item = penalty.mapping("lookback", f"The look-back of {penalty.what[0].lower()}{penalty.what[1:]}")
        entry = Lookback(item.whole_number("days"), self.cited(item))
        if entry.days < 1:
            item.refuse("must be at least one day long.")
        return entry if item.sound else None

    def claims(self) -> list[ClaimItem]:
        found = []
        for item in self.file.mappings("claims", "Claim"):
            said_on, how_known = self.said_on(item)
            unit = item.word("unit", UNITS) if item.has("unit") else ""
            low = item.amount("low") if item.has("low") else None
            high = item.amount("high") if item.has("high") else None
            if low is not None and high is not None and low > high:
                item.refuse(f"has its low figure at {low}, above its high one at {high}.", item.line_at("low"))
            if (low is not None or high is not None) and not unit:
                item.refuse("has a figure but no unit.")
            if unit == "share" and max(low or 0, high or 0) > 1:
                item.refuse("is a share, which lies between 0 and 1.")
            cited = self.cited(item)
            entry = ClaimItem(
                line=item.line,
                code=item.code("code"),
                territory=self.territory(item, "territory"),
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

    def said_on(self, claim: Mapping) -> tuple[date, str]:
        """The day of a claim. Where only the month or year is known, its last day stands for it."""
        node = claim.values.get("said_on")
        parts = node.value.split("-") if isinstance(node, yaml.ScalarNode) else []
        if node is not None and 1 <= len(parts) <= 2 and all(part.isdecimal() for part in parts):
            claim.has("said_on")
            year, month = int(parts[0]), int(parts[1]) if len(parts) == 2 else 12
            if 1900 <= year <= 2200 and 1 <= month <= 12:
                span = f"in {node.value}"
                return date(year, month, monthrange(year, month)[1]), f"Said {span}; the day is not known."
        return claim.date("said_on"), ""
