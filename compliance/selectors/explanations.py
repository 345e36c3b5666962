"""A finding unfolded: its norm and article, the facts with the rows they come from, and each step of the arithmetic."""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max

from compliance.choices import NormKind
from compliance.models import ActStatus, Book, Finding, Fine, Penalty
from compliance.selectors.prices import OFFENDER_OF_KIND
from registry.choices import MinerKind
from registry.models import Declaration, MonthlyEnergy, Registration


@dataclass(frozen=True)
class Source:
    """The row that a fact comes from: its noun as in the API, its id, and how a person calls it."""

    noun: str
    id: int | str
    label: str


@dataclass(frozen=True)
class Fact:
    name: str
    value: str
    source: Source


@dataclass(frozen=True)
class NormText:
    code: str
    title: str
    sentence: str
    article: str
    act: str
    status: str
    url: str
    confidence: str
    sources: list[Any]


@dataclass(frozen=True)
class Price:
    """What one book asks for the breach; amounts are null where nobody knows them."""

    book: str
    title: str
    article: str
    occurrence: str
    amount_low: Decimal | None
    amount_high: Decimal | None
    currency: str
    sanctions: list[str]
    condition: str
    confidence: str
    arithmetic: str


@dataclass(frozen=True)
class Explanation:
    """Why a miner is in breach, from which day, by which article, from which facts, and what it costs in each book."""

    finding: int
    miner: int
    miner_name: str
    norm: NormText
    since: dt.date
    until: dt.date | None
    days: str
    facts: list[Fact]
    penalties: list[Price]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def explain(finding_id: int, day: dt.date) -> Explanation:
    """Unfold one finding as of a day, or the nearest day on which it lasted. Raises `Finding.DoesNotExist`."""
    finding = Finding.objects.select_related("miner__territory", "miner__country", "norm__act", "site__territory").get(
        pk=finding_id
    )
    first, past_last = finding.valid.lower, finding.valid.upper
    on = max(day, first) if past_last is None else min(max(day, first), past_last - dt.timedelta(days=1))
    return Explanation(
        finding=finding.pk,
        miner=finding.miner_id,
        miner_name=finding.miner.name,
        norm=_norm(finding, on),
        since=finding.valid.lower,
        until=finding.valid.upper,
        days=_days(finding, on),
        facts=[_miner_fact(finding), *FACTS[NormKind(finding.norm.kind)](finding)],
        penalties=_penalties(finding, on),
    )


def _norm(finding: Finding, on: dt.date) -> NormText:
    norm = finding.norm
    status = ActStatus.objects.filter(act=norm.act, period__contains=on).order_by("-pk").first()
    return NormText(
        code=norm.code,
        title=norm.title,
        sentence=norm.sentence,
        article=norm.article,
        act=norm.act.title,
        status=status.get_status_display() if status else "Unknown",
        url=norm.url,
        confidence=norm.confidence,
        sources=norm.sources,
    )


def _days(finding: Finding, on: dt.date) -> str:
    start, end = finding.valid.lower, finding.valid.upper
    if end is None:
        return f"From {start} on; {(on - start).days + 1} days up to {on}." if on > start else f"From {start} on."
    return f"From {start} to {end - dt.timedelta(days=1)}: {(end - start).days} days."


def _miner_fact(finding: Finding) -> Fact:
    miner = finding.miner
    period = (
        f"{miner.operating.lower} on"
        if miner.operating.upper is None
        else f"{miner.operating.lower} to {miner.operating.upper}"
    )
    return Fact(
        "kind, place and time of operation",
        f"{miner.get_kind_display()}, {miner.territory.name}, operating from {period}",
        Source("miners", miner.pk, miner.name),
    )


def _registrations(finding: Finding) -> list[Fact]:
    register = finding.norm.register
    held = Registration.objects.filter(miner=finding.miner_id, register=register).order_by("period")
    facts = [
        Fact("entry in the register", _entry(entry), Source("registrations", entry.pk, str(entry))) for entry in held
    ]
    if facts or register is None:
        return facts
    return [
        Fact("entry in the register", f"none in “{register.name}”", Source("registers", register.code, register.name))
    ]


def _entry(entry: Registration) -> str:
    if entry.period is None:
        return str(entry.get_status_display())
    end = f" to {entry.period.upper}" if entry.period.upper else " on"
    return f"{entry.get_status_display()}, from {entry.period.lower}{end}"


def _energy(finding: Finding) -> list[Fact]:
    limit = Decimal(finding.norm.parameters["energy_kwh_month"])
    months = MonthlyEnergy.objects.filter(miner=finding.miner_id, energy_kwh__gt=limit).order_by("month")
    readings = [
        Fact(
            f"energy drawn in {row.month:%Y-%m}",
            f"{row.energy_kwh} kWh − {limit} kWh = {row.energy_kwh - limit} kWh above the limit",
            Source("readings", f"{row.month:%Y-%m}", f"all metering points of the miner, {row.month:%Y-%m}"),
        )
        for row in months
    ]
    return readings + _registrations(finding)


def _country(finding: Finding) -> list[Fact]:
    country = finding.miner.country
    name = str(country) if country else "unknown"
    return [Fact("country of incorporation", name, Source("miners", finding.miner_id, finding.miner.name))]


def _declarations(finding: Finding) -> list[Fact]:
    declared = Declaration.objects.filter(miner=finding.miner_id).order_by("month")
    first = finding.facts.get("first_missing_month")
    missing = (
        [Fact("first month without a declaration", first[:7], Source("miners", finding.miner_id, finding.miner.name))]
        if first
        else []
    )
    return (
        missing
        + [
            Fact(
                f"declaration for {row.month:%Y-%m}",
                f"came in on {row.declared_on}",
                Source("declarations", row.pk, str(row)),
            )
            for row in declared
        ]
        + _registrations(finding)
    )


def _site(finding: Finding) -> list[Fact]:
    site = finding.site
    if site is None:
        return []
    source = Source("sites", site.pk, site.name)
    bans = finding.norm.areas.filter(
        territory__below__descendant=site.territory_id, period__overlap=finding.valid
    ).select_related("territory")
    return [
        Fact("place of the site", str(site.territory), source),
        Fact("own off-grid generation", {True: "yes", False: "no", None: "unknown"}[site.off_grid], source),
        *(
            Fact(
                "banned area",
                f"{ban.territory}, from {ban.period.lower} to {ban.period.upper}",
                Source("bans", ban.pk, str(ban)),
            )
            for ban in bans
        ),
    ]


FACTS: dict[NormKind, Callable[[Finding], list[Fact]]] = {
    NormKind.REGISTRATION_DUTY: _registrations,
    NormKind.ENERGY_LIMIT: _energy,
    NormKind.ELIGIBILITY: _country,
    NormKind.REPORTING: _declarations,
    NormKind.BAN: _site,
    NormKind.GENERAL: lambda finding: [],
}


def _penalties(finding: Finding, on: dt.date) -> list[Price]:
    offender = OFFENDER_OF_KIND[MinerKind(finding.miner.kind)]
    lookback = Penalty.objects.filter(norm=finding.norm_id).aggregate(longest=Max("lookback_days"))["longest"] or 365
    bands = list(Penalty.objects.filter(norm=finding.norm_id, offender=offender).select_related("book").order_by("pk"))
    repeat = Fine.objects.filter(
        case__miner=finding.miner_id,
        case__norm=finding.norm_id,
        status="issued",
        decided_on__lte=on,
        decided_on__gt=on - dt.timedelta(days=lookback),
    ).exists()
    occurrence = "repeat" if repeat else "first"
    fitting = [band for band in bands if band.occurrence == occurrence]
    in_law = [band for band in fitting if band.in_force is not None and on in band.in_force]
    prices = []
    for book in Book.objects.filter(pack=finding.norm.pack_id):
        own = [band for band in fitting if band.book_id == book.pk and book.kind != "law"]
        prices.append(_price(book, next(iter(own or in_law), None), occurrence))
    return prices


def _price(book: Book, band: Penalty | None, occurrence: str) -> Price:
    if band is None:
        return Price(
            book.code, book.title, "", occurrence, None, None, "", [], "", "",
            "This book has no penalty for this norm and kind of offender: the amount is unknown, not zero.",
        )  # fmt: skip
    known = band.amount_high is not None and not band.condition
    if known:
        arithmetic = f"1 finding × {band.amount_low} to {band.amount_high} {band.currency}"
    elif band.condition:
        arithmetic = f"Counted without an amount: it depends on what the register cannot test ({band.condition})."
    else:
        arithmetic = "Counted without an amount: nobody has found one."
    return Price(
        book=book.code,
        title=book.title,
        article=band.article,
        occurrence=occurrence,
        amount_low=band.amount_low if known else None,
        amount_high=band.amount_high if known else None,
        currency=band.currency if known else "",
        sanctions=[sanction["words"] for sanction in band.sanctions],
        condition=band.condition,
        confidence=band.confidence,
        arithmetic=arithmetic,
    )
