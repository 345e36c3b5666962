"""Writes a pack into the tables of the law in one transaction; the same pack a second time writes nothing."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count
from django.db.models.functions import Now, RowNumber

from compliance.choices import BookKind
from compliance.law.checks import in_force
from compliance.law.nodes import Trouble
from compliance.law.parse import pack_read
from compliance.law.periods import Span
from compliance.law.rows import Change, Table, bring
from compliance.law.schema import ActItem, Pack, PenaltyItem, pack_refused
from compliance.models import (
    Act,
    ActStatus,
    BannedArea,
    Book,
    Case,
    Claim,
    Finding,
    Fine,
    LawPack,
    Norm,
    Penalty,
    StaleMark,
)
from registry.choices import TerritoryKind
from registry.models import Register, Registration, Territory
from registry.services.territories import TerritoryRow, territories_store

PACKS = Path(__file__).parent / "packs"
NO_SUCH_TERRITORY = "The territory {} is not in the database; load the territories first (manage.py seed)."
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('headframe law load'))"


@dataclass(frozen=True)
class LoadOutcome:
    """What one load has changed, noun by noun; empty where the pack was stored already."""

    pack: str
    version: str
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        if not self.changes:
            return f"Pack {self.pack} ({self.version}): nothing has changed."
        return "\n".join([f"Pack {self.pack} ({self.version}):", *(f"  {change}" for change in self.changes)])


def pack_paths() -> list[Path]:
    """The pack files that come with the service, in the order of their codes."""
    return sorted(PACKS.glob("*.yaml"))


def law_load(path: Path) -> LoadOutcome:
    """Reads and stores one pack. Raises `PackRefused`, with nothing stored, where the file is wrong, names a territory
    that the database lacks, or leaves out a row on which findings, cases, fines or registrations rest."""
    pack = pack_read(path)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
        changes = _Loader(pack).load()
    return LoadOutcome(pack.code, pack.version, tuple(change for change in changes if change))


def as_range(span: Span) -> DateRange:
    return DateRange(span.start, span.end, "[)")


class _Loader:
    """Stores one pack, parents first; what is gone is removed last, children first."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.trouble = Trouble(pack.file)
        self.items: dict[str, ActItem] = {act.code: act for act in pack.acts}

    def load(self) -> list[Change]:
        territories = self.territories()
        self.territory_ids = dict(Territory.objects.values_list("code", "id"))
        self.refuse_unknown_territories()
        heads = self.head()
        self.head_id = heads.by_key[self.pack.code].pk
        registers = self.registers()
        acts = self.acts()
        statuses = self.statuses(acts)
        norms = self.norms(acts, registers)
        areas = self.areas(norms)
        books = self.books(acts)
        penalties = self.penalties(books, norms, acts)
        claims = self.claims()
        self.remove(registers, acts, statuses, norms, areas, books, penalties, claims)
        tables = (registers, acts, statuses, norms, areas, books, penalties)
        law = [territories, *(table.change for table in tables)]
        if any(law):
            StaleMark.objects.create(source="law")
        return [heads.change, *law, claims.change]

    def territory(self, code: str) -> int:
        return self.territory_ids[code]

    def refuse_unknown_territories(self) -> None:
        named = [(self.pack.territory, 1)]
        named += [(item.territory, item.line) for item in self.pack.registers]
        named += [(item.territory, item.line) for item in self.pack.norms]
        named += [(item.territory, item.line) for item in self.pack.claims]
        named += [(code, area.line) for norm in self.pack.norms for area in norm.areas for code in area.territories]
        for code, line in named:
            if code not in self.territory_ids:
                self.trouble.add(line, NO_SUCH_TERRITORY.format(code))
        self.refuse_if_troubled()

    def refuse_if_troubled(self) -> None:
        if self.trouble.problems:
            raise pack_refused(self.trouble.problems)

    def head(self) -> Table:
        pack = self.pack
        existing = LawPack.objects.filter(code=pack.code)
        wanted: dict[Hashable, dict[str, Any]] = {
            pack.code: {
                "code": pack.code,
                "title": pack.title,
                "territory_id": self.territory(pack.territory),
                "time_zone": pack.time_zone,
                "version": pack.version,
                "sha256": pack.sha256,
            }
        }
        table = bring("packs", existing, ("code",), wanted)
        if table.change.changed:
            existing.update(loaded_at=Now())
        return table

    def territories(self) -> Change:
        """The pack's own municipalities; they are added and renamed, never removed, for sites lie in them."""
        own = {item.code for item in self.pack.territories}
        parents = {item.parent for item in self.pack.territories} - own
        known = set(Territory.objects.filter(code__in=parents).values_list("code", flat=True))
        for item in self.pack.territories:
            if item.parent not in own | known:
                self.trouble.add(item.line, NO_SUCH_TERRITORY.format(item.parent))
        self.refuse_if_troubled()
        stored = territories_store(
            rows=[
                TerritoryRow(item.code, item.name, TerritoryKind.MUNICIPALITY, item.parent)
                for item in self.pack.territories
            ]
        )
        return Change("territories", added=stored.created, changed=stored.changed)

    def registers(self) -> Table:
        return bring(
            "registers",
            Register.objects.filter(code__startswith=f"{self.pack.code}."),
            ("code",),
            {
                item.code: {
                    "code": item.code,
                    "name": item.name,
                    "kind": item.kind,
                    "territory_id": self.territory(item.territory),
                    "keeper": item.keeper,
                }
                for item in self.pack.registers
            },
        )

    def acts(self) -> Table:
        return bring(
            "acts",
            Act.objects.filter(pack=self.head_id),
            ("code",),
            {
                item.code: {
                    "pack_id": self.head_id,
                    "code": item.code,
                    "title": item.title,
                    "citation": item.citation,
                    "sources": item.cited.as_json(),
                }
                for item in self.pack.acts
            },
        )

    def statuses(self, acts: Table) -> Table:
        return bring(
            "statuses of acts",
            ActStatus.objects.filter(act__pack=self.head_id),
            ("act_id", "period"),
            {
                (acts.by_key[act.code].pk, as_range(entry.period)): {
                    "act_id": acts.by_key[act.code].pk,
                    "status": entry.status,
                    "period": as_range(entry.period),
                    "confidence": entry.cited.confidence,
                    "sources": entry.cited.as_json(),
                }
                for act in self.pack.acts
                for entry in act.statuses
            },
        )

    def law_days(self, act: str, own: Span) -> DateRange | None:
        stretches = in_force(self.items[act], own)
        return as_range(stretches[0]) if stretches else None

    def norms(self, acts: Table, registers: Table) -> Table:
        return bring(
            "norms",
            Norm.objects.filter(pack=self.head_id),
            ("code",),
            {
                item.code: {
                    "pack_id": self.head_id,
                    "act_id": acts.by_key[item.act].pk,
                    "code": item.code,
                    "kind": item.kind,
                    "title": item.title,
                    "sentence": item.sentence,
                    "article": item.article,
                    "url": item.cited.first_url,
                    "territory_id": self.territory(item.territory),
                    "register_id": registers.by_key[item.register].pk if item.register else None,
                    "miner_kinds": list(item.miner_kinds),
                    "parameters": item.parameters,
                    "in_force": self.law_days(item.act, item.own_period),
                    "confidence": item.cited.confidence,
                    "sources": item.cited.as_json(),
                }
                for item in self.pack.norms
            },
        )

    def areas(self, norms: Table) -> Table:
        return bring(
            "banned areas",
            BannedArea.objects.filter(norm__pack=self.head_id),
            ("norm_id", "territory_id", "period"),
            {
                (norms.by_key[norm.code].pk, self.territory(code), as_range(period)): {
                    "norm_id": norms.by_key[norm.code].pk,
                    "territory_id": self.territory(code),
                    "period": as_range(period),
                    "partial": area.partial,
                    "note": area.note,
                    "confidence": area.cited.confidence,
                    "sources": area.cited.as_json(),
                }
                for norm in self.pack.norms
                for area in norm.areas
                for code in area.territories
                for period in area.periods
            },
        )

    def books(self, acts: Table) -> Table:
        return bring(
            "books",
            Book.objects.filter(pack=self.head_id),
            ("code",),
            {
                item.code: {
                    "pack_id": self.head_id,
                    "code": item.code,
                    "kind": item.kind,
                    "title": item.title,
                    "note": item.note,
                    "act_id": acts.by_key[item.act].pk if item.act else None,
                }
                for item in self.pack.books
            },
        )

    def penalties(self, books: Table, norms: Table, acts: Table) -> Table:
        """Bands that follow each other in time keep their rows by their order, so a corrected day moves no fine."""
        bands: dict[tuple[int, int, str, str], list[tuple[PenaltyItem, bool, str]]] = defaultdict(list)
        for book in self.pack.books:
            for item in sorted(book.penalties, key=lambda item: item.own_period.start):
                for norm in item.norms:
                    for offender in item.offenders:
                        for occurrence in item.occurrences:
                            key = (books.by_key[book.code].pk, norms.by_key[norm].pk, offender, occurrence)
                            bands[key].append((item, book.kind == BookKind.LAW, item.act or book.act))
        wanted: dict[Hashable, dict[str, Any]] = {}
        for (book_id, norm_id, offender, occurrence), items in bands.items():
            for number, (item, is_law, act) in enumerate(items, start=1):
                sources = item.cited.as_json() + (item.lookback.cited.as_json() if item.lookback else [])
                wanted[(book_id, norm_id, offender, occurrence, number)] = {
                    "book_id": book_id,
                    "norm_id": norm_id,
                    "act_id": acts.by_key[act].pk if act else None,
                    "offender": offender,
                    "occurrence": occurrence,
                    "article": item.article,
                    "amount_low": item.low,
                    "amount_high": item.high,
                    "currency": item.currency,
                    "sanctions": list(item.sanctions),
                    "condition": item.condition,
                    "lookback_days": item.lookback.days if item.lookback else None,
                    "in_force": self.law_days(act, item.own_period) if is_law else None,
                    "confidence": item.cited.confidence,
                    "sources": sources,
                }
        existing = Penalty.objects.filter(book__pack=self.head_id).annotate(
            number=models.Window(
                RowNumber(),
                partition_by=("book", "norm", "offender", "occurrence"),
                order_by=("in_force", "id"),
            )
        )
        return bring("penalties", existing, ("book_id", "norm_id", "offender", "occurrence", "number"), wanted)

    def claims(self) -> Table:
        return bring(
            "claims",
            Claim.objects.filter(code__startswith=f"{self.pack.code}."),
            ("code",),
            {
                item.code: {
                    "code": item.code,
                    "territory_id": self.territory(item.territory),
                    "said_by": item.said_by,
                    "said_on": item.said_on,
                    "statement": item.statement,
                    "bounds": item.bounds,
                    "low": item.low,
                    "high": item.high,
                    "unit": item.unit,
                    "url": item.cited.first_url,
                    "confidence": item.cited.confidence,
                }
                for item in self.pack.claims
            },
        )

    def remove(self, registers: Table, acts: Table, statuses: Table, norms: Table, areas: Table, books: Table,
               penalties: Table, claims: Table) -> None:  # fmt: skip
        self.keep_what_is_rested_on("Register", registers.gone, "register", (Registration,))
        self.keep_what_is_rested_on("Norm", norms.gone, "norm", (Finding, Case))
        self.keep_what_is_rested_on("Penalty", penalties.gone, "penalty", (Fine,))
        self.refuse_if_troubled()
        for table, model in (
            (claims, Claim),
            (penalties, Penalty),
            (books, Book),
            (areas, BannedArea),
            (norms, Norm),
            (statuses, ActStatus),
            (acts, Act),
            (registers, Register),
        ):
            table.change.removed = len(table.gone)
            if table.gone:
                model._default_manager.filter(pk__in=[row.pk for row in table.gone]).delete()

    def keep_what_is_rested_on(
        self, noun: str, gone: list[Any], link: str, dependants: Iterable[type[models.Model]]
    ) -> None:
        """A row that left the pack may go only where nothing of the register or of the cases rests on it."""
        rows = {row.pk: row for row in gone}
        for dependant in dependants if rows else ():
            counted = dependant._default_manager.filter(**{f"{link}__in": rows}).values_list(link)
            for pk, count in counted.annotate(count=Count("pk")).order_by(link):
                name = rows[pk].code if hasattr(rows[pk], "code") else rows[pk]
                self.trouble.add(
                    1,
                    f"{noun} {name} is gone from the pack, but {dependant._meta.verbose_name_plural} "
                    f"rest on it ({count}): keep it in the pack and end it with “until”.",
                )
