"""The totals as they are stored or asked for: headline, registration rates, exposure by territory, kind and norm."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db import connection
from django.db.models import QuerySet, Sum

from compliance.choices import RunKind, RunStatus
from compliance.models import (
    Book,
    Claim,
    Exposure,
    Penalty,
    Recomputation,
    RegistrationRate,
    StaleMark,
    Undetermined,
    UndeterminedMiners,
)
from compliance.selectors import counts
from compliance.selectors.counts import MEASURES
from compliance.selectors.prices import priced
from registry.choices import MinerKind
from registry.models import Territory

Group = Literal["territory", "kind", "territory_kind"]


@dataclass(frozen=True)
class Rate:
    """A share of one denominator: `registered` of `total`; `share` is null where the total is zero."""

    denominator: str
    registered: int
    total: int

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.registered) / Decimal(self.total) if self.total else None


@dataclass(frozen=True)
class RateRow:
    """The six counts of one territory, kind or day; see `RegistrationRate` for what each means."""

    as_of: dt.date
    key_code: str
    key_name: str
    kind: str
    on_file: int
    registered: int
    obliged: int
    obliged_registered: int
    sighted: int
    sighted_registered: int

    @property
    def rates(self) -> list[Rate]:
        return [
            Rate("on_file", self.registered, self.on_file),
            Rate("obliged", self.obliged_registered, self.obliged),
            Rate("sighted", self.sighted_registered, self.sighted),
        ]


@dataclass(frozen=True)
class BookTotal:
    """What one book makes of the open findings in one currency; the amounts are null where nothing is priced."""

    book_code: str
    book_title: str
    book_kind: str
    currency: str
    findings: int
    unpriced: int
    amount_low: Decimal | None
    amount_high: Decimal | None


@dataclass(frozen=True)
class ExposureRow:
    """What one book makes of the open findings of one territory, kind or norm in one currency."""

    key_code: str
    key_name: str
    currency: str
    findings: int
    unpriced: int
    amount_low: Decimal | None
    amount_high: Decimal | None


@dataclass(frozen=True)
class Headline:
    """The front page in numbers. `undetermined` are questions of a norm to a miner that a missing fact keeps open, and
    `undetermined_miners` the miners with any; both are kept for the day of the stored totals only, else null."""

    as_of: dt.date
    computed_on: dt.date | None
    on_file: int
    registered: int
    obliged: int
    obliged_registered: int
    sighted: int
    sighted_registered: int
    rates: list[Rate]
    claims: list[Claim]
    exposure: list[BookTotal]
    undetermined: int | None
    undetermined_miners: int | None
    stale: int

    @property
    def undetermined_share(self) -> Decimal | None:
        """Of the miners on file, the part that some norm could neither clear nor accuse."""
        if self.undetermined_miners is None or not self.on_file:
            return None
        return Decimal(self.undetermined_miners) / Decimal(self.on_file)


def stored_day() -> dt.date | None:
    """The day that the stored totals are for: null before the first recomputation of both kinds."""
    days = [_day_of_last_run(RunKind.RATES), _day_of_last_run(RunKind.EXPOSURE)]
    return min((day for day in days if day), default=None) if all(days) else None


def _day_of_last_run(kind: RunKind) -> dt.date | None:
    done = Recomputation.objects.filter(status=RunStatus.DONE, kind=kind).order_by("-pk")
    return done.values_list("as_of", flat=True).first()


def headline(as_of: dt.date) -> Headline:
    """The totals of the whole register on the day, from what is stored where it is stored."""
    row = _total(rates_by(as_of, "kind"), as_of)
    return Headline(
        as_of=as_of,
        computed_on=stored_day(),
        **{measure: getattr(row, measure) for measure in MEASURES},
        rates=row.rates,
        claims=list(Claim.objects.filter(bounds="registration_rate", said_on__lte=as_of)),
        exposure=book_totals(as_of),
        undetermined=_undetermined(as_of),
        undetermined_miners=undetermined_miners(as_of),
        stale=StaleMark.objects.count(),
    )


def _undetermined(as_of: dt.date) -> int | None:
    if stored_day() != as_of:
        return None
    counted: int | None = Undetermined.objects.filter(as_of=as_of).aggregate(total=Sum("miners"))["total"]
    return counted or 0


@dataclass(frozen=True)
class Undecided:
    """Of the miners on file on the day, how many some norm could neither clear nor accuse."""

    miners: int
    on_file: int

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.miners) / Decimal(self.on_file) if self.on_file else None


def undecided(as_of: dt.date, *, territory: Territory | None = None) -> Undecided | None:
    """The same for everything in the territory; null for a day that is not stored."""
    miners = undetermined_miners(as_of, territory=territory)
    if miners is None:
        return None
    cells = RegistrationRate.objects.filter(as_of=as_of)
    if territory is not None:
        cells = cells.filter(territory__above__ancestor=territory)
    return Undecided(miners, cells.aggregate(total=Sum("on_file"))["total"] or 0)


def undetermined_miners(as_of: dt.date, *, territory: Territory | None = None) -> int | None:
    """How many miners of the territory some norm could not decide on; null for a day that is not stored."""
    if stored_day() != as_of:
        return None
    cells = UndeterminedMiners.objects.filter(as_of=as_of)
    if territory is not None:
        cells = cells.filter(territory__above__ancestor=territory)
    counted: int | None = cells.aggregate(total=Sum("miners"))["total"]
    return counted or 0


def rates_by(as_of: dt.date, group: Group, *, territory: Territory | None = None) -> list[RateRow]:
    """The counts of the day by territory, by kind or by both, for everything in the territory.

    A region's row is the sum over all that lies below it. A day that is not stored is counted now.
    """
    cells: list[tuple[Any, ...]] = list(
        RegistrationRate.objects.filter(as_of=as_of).values_list("as_of", "territory_id", "kind", *MEASURES)
    ) or counts.rows([as_of])
    places = places_summed(territory)
    sums: dict[tuple[str, str], list[int]] = {}
    for _, territory_id, kind, *values in cells:
        if territory_id not in places:
            continue
        code = places[territory_id][0] if group != "kind" else ""
        key = (code, kind if group != "territory" else "")
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * len(MEASURES)), values, strict=True)]
    names = dict(places.values())
    return [
        RateRow(as_of, *_key(code, names, kind, group), kind, *values) for (code, kind), values in sorted(sums.items())
    ]


def rate_series(*, territory: Territory | None = None, kind: str | None = None) -> list[RateRow]:
    """One row per stored day, oldest first, for the territory with all below it (or all) and the kind (or all)."""
    cells = RegistrationRate.objects.order_by("as_of")
    if territory is not None:
        cells = cells.filter(territory__above__ancestor=territory)
    if kind is not None:
        cells = cells.filter(kind=kind)
    sums: QuerySet[Any, Any] = cells.values("as_of").annotate(
        **{f"sum_{measure}": Sum(measure) for measure in MEASURES}
    )
    code, name = (territory.code, territory.name) if territory else ("", "Everywhere")
    return [RateRow(row["as_of"], code, name, kind or "", *(row[f"sum_{m}"] for m in MEASURES)) for row in sums]


def book_totals(as_of: dt.date) -> list[BookTotal]:
    """One row per book and currency; findings without a known amount stand in the row without a currency."""
    rows = _exposure(as_of)
    sums = _sums(rows, lambda row: row["book_id"])
    return [
        BookTotal(book.code, book.title, book.kind, currency, *figures)
        for book in Book.objects.all()
        for (key, currency), figures in sorted(sums.items())
        if key == book.pk
    ]


def exposure_by(
    as_of: dt.date, *, book: Book, group: Literal["territory", "kind", "norm"], territory: Territory | None = None
) -> list[ExposureRow]:
    """What one book makes of the open findings, by territory (regions summed), kind or norm, and by currency."""
    places = places_summed(territory)
    norms = dict(book.pack.norms.values_list("pk", "code"))
    titles = dict(book.pack.norms.values_list("code", "title"))
    rows = [row for row in _exposure(as_of) if row["book_id"] == book.pk and row["territory_id"] in places]
    keys = {
        "territory": lambda row: places[row["territory_id"]][0],
        "kind": lambda row: row["kind"],
        "norm": lambda row: norms[row["norm_id"]],
    }
    names = {
        "territory": dict(places.values()),
        "kind": {str(value): str(label) for value, label in MinerKind.choices},
        "norm": titles,
    }[group]
    return [
        ExposureRow(key, names[key], currency, *figures)
        for (key, currency), figures in sorted(_sums(rows, keys[group]).items())
    ]


def sanctions_of(as_of: dt.date, book: Book, *, territory: Territory | None = None) -> list[tuple[str, str, int]]:
    """What may be imposed besides or instead of money: norm, sanction in words, number of open findings."""
    places = places_summed(territory)
    bands = Penalty.objects.in_bulk()
    norms = dict(book.pack.norms.values_list("pk", "title"))
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in _exposure(as_of):
        if row["book_id"] == book.pk and row["territory_id"] in places and row["penalty_id"] is not None:
            for sanction in bands[row["penalty_id"]].sanctions:
                found[norms[row["norm_id"]], sanction["words"]] += row["findings"]
    return [(norm, sanction, findings) for (norm, sanction), findings in sorted(found.items())]


def _exposure(as_of: dt.date) -> list[dict[str, Any]]:
    """The exposure cells of the day: stored ones, or priced now from the findings that were open on it."""
    stored: QuerySet[Any, Any] = Exposure.objects.filter(as_of=as_of).values()
    if stored.exists() or _day_of_last_run(RunKind.EXPOSURE) == as_of:
        return list(stored)
    sql, params = priced(as_of)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _sums(rows: Iterable[dict[str, Any]], key: Any) -> dict[tuple[Any, str], tuple[int, int, Any, Any]]:
    """Findings, unpriced, low and high per key and currency; what has no amount stands under no currency."""
    sums: dict[tuple[Any, str], tuple[int, int, Any, Any]] = {}
    for row in rows:
        place = (key(row), row["currency"])
        nothing = (0, 0, Decimal(0), Decimal(0)) if row["currency"] else (0, 0, None, None)
        findings, unpriced, low, high = sums.get(place, nothing)
        if row["currency"]:
            low, high = low + row["amount_low"], high + row["amount_high"]
        else:
            unpriced += row["findings"]
        sums[place] = (findings + row["findings"], unpriced, low, high)
    return sums


def places_summed(territory: Territory | None) -> dict[int, tuple[str, str]]:
    """For every territory (within the one named), code and name of the region or country that it is summed under."""
    inside = Territory.objects.all()
    if territory is not None:
        inside = inside.within(territory)
    rows = inside.values_list("pk", "code", "name", "kind", "parent__code", "parent__name")
    return {
        pk: (parent_code, parent_name) if kind == "municipality" else (code, name)
        for pk, code, name, kind, parent_code, parent_name in rows
    }


def _key(code: str, names: dict[str, str], kind: str, group: Group) -> tuple[str, str]:
    if group != "kind":
        return code, names[code]
    return kind, str(MinerKind(kind).label) if kind else "Nobody known"


def _total(rows: Iterable[RateRow], as_of: dt.date) -> RateRow:
    sums = [0] * len(MEASURES)
    for row in rows:
        sums = [a + getattr(row, measure) for a, measure in zip(sums, MEASURES, strict=True)]
    return RateRow(as_of, "", "Everywhere", "", *sums)
