"""Writes a pack into the tables of the law in one transaction; the same pack a second time writes nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Count
from django.db.models.functions import Now, RowNumber

from compliance.choices import BookKind
from compliance.law import columns
from compliance.law.nodes import Trouble
from compliance.law.parse import pack_read
from compliance.law.rows import Change, Table, bring
from compliance.law.schema import Pack, pack_refused
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
    LawVersion,
    Norm,
    Penalty,
    Scenario,
    StaleMark,
    UnitRate,
)
from registry.choices import TerritoryKind
from registry.models import Register, Territory
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
    that the database lacks, or leaves out a norm or band on which findings, cases or fines rest."""
    pack = pack_read(path)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
        changes = _Loader(pack).load()
    return LoadOutcome(pack.code, pack.version, tuple(change for change in changes if change))


def reckoned_by(code: str) -> Any:
    """What the head of a stored pack says that verdicts and prices depend on; null before the first load."""
    return LawPack.objects.filter(code=code).values_list("territory", "calendar", "milder_reaches_back").first()


class _Loader:
    """Stores one pack: parents first, then what refers to them; what has left the pack is removed last."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.trouble = Trouble(pack.file)

    def load(self) -> list[Change]:
        pack = self.pack
        municipalities = self.municipalities()
        places = self.places()
        reckoned_before = reckoned_by(pack.code)
        head = bring("packs", LawPack.objects.filter(code=pack.code), ("code",), columns.of_pack(pack, places))
        pack_id = head.ids[pack.code]
        if head.change.changed:
            LawPack.objects.filter(pk=pack_id).update(loaded_at=Now())
        self.keep_text(pack_id)
        registers = bring(
            "registers",
            Register.objects.filter(code__in=[item.code for item in pack.registers]),
            ("code",),
            columns.of_registers(pack, places),
        )
        acts = bring("acts", Act.objects.filter(pack=pack_id), ("code",), columns.of_acts(pack, pack_id))
        statuses = bring(
            "statuses of acts",
            ActStatus.objects.filter(act__pack=pack_id),
            ("act_id", "period"),
            columns.of_statuses(pack, acts.ids),
        )
        norms = bring(
            "norms",
            Norm.objects.filter(pack=pack_id),
            ("code",),
            columns.of_norms(pack, pack_id, acts.ids, registers.ids, places),
        )
        areas = bring(
            "banned areas",
            BannedArea.objects.filter(norm__pack=pack_id),
            ("norm_id", "territory_id", "period"),
            columns.of_areas(pack, norms.ids, places),
        )
        self.refuse_another_book_of_law(pack_id)
        books = bring("books", Book.objects.filter(pack=pack_id), ("code",), columns.of_books(pack, pack_id, acts.ids))
        penalties = bring(
            "penalties",
            self.numbered_penalties(pack_id),
            ("book_id", "norm_id", "offender", "occurrence", "number"),
            columns.of_penalties(pack, books.ids, norms.ids, acts.ids),
        )
        claims = bring(
            "claims",
            Claim.objects.filter(code__startswith=f"{pack.code}.claim."),
            ("code",),
            columns.of_claims(pack, places),
        )
        units = self.unit_rates(pack_id)
        self.refuse_taken_scenarios(pack_id)
        scenarios = bring(
            "scenarios",
            Scenario.objects.filter(pack=pack_id, ready_made=True),
            ("code",),
            columns.of_scenarios(pack, pack_id),
        )
        self.refuse_what_is_rested_on("Norm", norms.gone, "norm", (Finding, Case))
        self.refuse_what_is_rested_on("Penalty", penalties.gone, "penalty", (Fine,))
        self.refuse_if_troubled()
        law = (units, penalties, books, areas, norms, statuses, acts)
        for table in (scenarios, claims, *law):
            table.remove()
        moved = [municipalities, registers.change, *(table.change for table in reversed(law))]
        if any(moved) or reckoned_before != reckoned_by(pack.code):
            StaleMark.objects.create(source="law")
        return [head.change, *moved, claims.change, scenarios.change]

    def keep_text(self, pack_id: int) -> None:
        """Keeps the text beside those of earlier loads, unless it is the very one that was loaded last."""
        latest = LawVersion.objects.filter(pack=pack_id).values_list("sha256", flat=True).first()
        if latest != self.pack.sha256:
            LawVersion.objects.create(
                pack_id=pack_id, version=self.pack.version, sha256=self.pack.sha256, text=self.pack.text
            )

    def unit_rates(self, pack_id: int) -> Table:
        """Rates that left the pack go first: two of one unit may not share a day, and nothing refers to them."""
        wanted = columns.of_unit_rates(self.pack, pack_id)
        stored = UnitRate.objects.filter(pack=pack_id)
        gone = [rate.pk for rate in stored if (rate.unit, rate.period) not in wanted]
        stored.filter(pk__in=gone).delete()
        table = bring("rates of units", stored.all(), ("unit", "period"), wanted)
        table.change.removed = len(gone)
        return table

    def refuse_taken_scenarios(self, pack_id: int) -> None:
        """An analyst's scenario is never overwritten by a ready-made one."""
        codes = {item.code: item.line for item in self.pack.scenarios}
        taken = Scenario.objects.filter(code__in=codes).exclude(pack=pack_id, ready_made=True)
        for code in taken.values_list("code", flat=True):
            self.trouble.add(codes[code], f"Scenario {code} is on file already as somebody's own; take another code.")
        self.refuse_if_troubled()

    def municipalities(self) -> Change:
        """The pack's own territories; they are added and renamed, never removed, for sites lie in them."""
        rows = [
            TerritoryRow(item.code, item.name, TerritoryKind.MUNICIPALITY, item.parent)
            for item in self.pack.territories
        ]
        concerned = Territory.objects.filter(code__in={code for row in rows for code in (row.code, row.parent)})
        stored = {TerritoryRow(*values) for values in concerned.values_list("code", "name", "kind", "parent__code")}
        known = {row.code for row in (*rows, *stored)}
        for item in self.pack.territories:
            if item.parent not in known:
                self.trouble.add(item.line, NO_SUCH_TERRITORY.format(item.parent))
        self.refuse_if_troubled()
        # Storing flattens the whole tree anew, so it is left alone where nothing differs.
        different = [row for row in rows if row not in stored]
        if not different:
            return Change("territories")
        outcome = territories_store(rows=different)
        return Change("territories", added=outcome.created, changed=outcome.changed)

    def places(self) -> dict[str, int]:
        """The ids of all territories that the pack names, by code."""
        named = self.pack.territories_named()
        ids = dict(Territory.objects.filter(code__in=[code for code, _ in named]).values_list("code", "id"))
        for code, line in named:
            if code not in ids:
                self.trouble.add(line, NO_SUCH_TERRITORY.format(code))
        self.refuse_if_troubled()
        return ids

    def refuse_another_book_of_law(self, pack_id: int) -> None:
        """The book of the law in force keeps its code: fines were priced by it."""
        stored = Book.objects.filter(pack=pack_id, kind=BookKind.LAW).first()
        for item in self.pack.books:
            if stored and item.kind == BookKind.LAW and item.code != stored.code:
                self.trouble.add(
                    item.line,
                    f"Book {item.code} holds the law in force, as {stored.code} did; keep that code.",
                )
        self.refuse_if_troubled()

    def numbered_penalties(self, pack_id: int) -> models.QuerySet[Any]:
        """The bands on file, numbered as the pack's are: in the order of time within norm, offender and occurrence."""
        return Penalty.objects.filter(book__pack=pack_id).annotate(
            number=models.Window(
                RowNumber(),
                partition_by=("book", "norm", "offender", "occurrence"),
                order_by=("days", "id"),
            )
        )

    def refuse_what_is_rested_on(
        self, noun: str, gone: list[Any], link: str, dependants: tuple[type[models.Model], ...]
    ) -> None:
        """A row that left the pack may go only where no finding, case or fine rests on it."""
        rows = {row.pk: row for row in gone}
        for dependant in dependants if rows else ():
            counted = dependant._default_manager.filter(**{f"{link}__in": rows}).values_list(link)
            for pk, count in counted.annotate(count=Count("pk")).order_by(link):
                name = rows[pk].code if hasattr(rows[pk], "code") else rows[pk]
                self.trouble.add(
                    1,
                    f"{noun} {name} is gone from the pack, but {dependant._meta.verbose_name_plural} rest on it "
                    f"({count}): keep it in the pack and end it with “until”.",
                )

    def refuse_if_troubled(self) -> None:
        if self.trouble.problems:
            raise pack_refused(self.trouble.problems)
