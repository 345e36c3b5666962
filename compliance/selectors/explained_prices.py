"""What each book asks for some findings, with each step of the arithmetic in words.

The amounts come from the one statement that prices everything; here it is asked for single findings, and its columns
are put into words.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from compliance.choices import SHARES, Basis, BookKind, MoneyFact, Occurrence, Offender, SanctionRole
from compliance.models import Book, Finding, Fine, Penalty, UnitRate
from compliance.selectors.prices import OFFENDER_OF_KIND, Pricing
from registry.choices import MinerKind
from registry.models import Account

FINDINGS = """
    SELECT finding.miner_id, finding.site_id, finding.territory_id, finding.kind, finding.norm_id,
           finding.valid, finding.facts, finding.id::text AS side
    FROM compliance_finding finding WHERE finding.id = ANY(%(findings)s)
"""
# One row per finding and book: the band that holds, what it was multiplied by, and what came out.
PRICED = """
SELECT price.side::bigint AS finding_id, price.priced_book AS book_id, price.occurrence, price.penalty_id, price.state,
       price.basis, price.quantity, price.unit_value, price.measured_currency, price.days, price.devices,
       price.violations, price.turnover, price.gain, price.damage, price.account_currency,
       price.currency, price.each_low, price.each_high,
       round(price.band_low * price.quantity * price.unit_value, 2) AS uncapped_low,
       round(price.band_high * price.quantity * price.unit_value, 2) AS uncapped_high,
       round(price.cap * price.unit_value, 2) AS cap_money,
       round(price.each_low * (100 - band.discount_percent) / 100, 2) AS early_low,
       round(price.each_high * (100 - band.discount_percent) / 100, 2) AS early_high
FROM price LEFT JOIN compliance_penalty band ON band.id = price.penalty_id
"""
# Every band that a book has that day for the norm and the occurrence, whether or not it is the one that holds.
FITTING = """
SELECT DISTINCT open.side::bigint AS finding_id, candidate.priced_book AS book_id, candidate.rank, candidate.id
FROM open JOIN candidate
  ON candidate.norm_id = open.norm_id AND candidate.occurrence = open.occurrence
 AND candidate.offender IN (%(offenders)s::jsonb ->> open.kind, 'official')
JOIN compliance_norm norm ON norm.id = open.norm_id
JOIN compliance_book book ON book.id = candidate.priced_book AND book.pack_id = norm.pack_id
ORDER BY 1, 2, 3, 4
"""
# The fines of the findings' own miners that make a later offence a repeat: those within the look-back.
COUNTED = """
SELECT DISTINCT fine.id
FROM finding
JOIN person ON (person.miner_id, person.norm_id) = (finding.miner_id, finding.norm_id)
JOIN compliance_case proceeding ON (proceeding.miner_id, proceeding.norm_id) = (person.miner_id, person.norm_id)
JOIN compliance_fine fine
  ON fine.case_id = proceeding.id AND fine.decided_on = person.decided_on AND fine.status = 'issued'
"""
# The registers' words for the kinds of miner that have officials of their own.
WITH_OFFICIALS = (MinerKind.LEGAL_ENTITY, MinerKind.OPERATOR, MinerKind.POOL)
UNKNOWN_THRESHOLD, UNTESTED_CONDITION = 3, 2
ASSUMED_LOOKBACK_DAYS = 365
"""What the statement takes where no band of the norm names a look-back."""


@dataclass(frozen=True)
class OtherBand:
    """Another band for the same breach, and in words for whom or when it holds instead, or besides."""

    article: str
    when: str
    amount: str
    criminal: bool
    sanctions: list[str]


@dataclass(frozen=True)
class Price:
    """What one book asks for the breach; amounts are null where nobody knows them, and `missing` says what is missing.

    `steps` is the arithmetic in words. `by_law` is true where a bill or a what-if leaves it to the law in force.
    """

    book: str
    title: str
    article: str
    occurrence: str
    amount_low: Decimal | None
    amount_high: Decimal | None
    currency: str
    missing: str
    steps: list[str]
    besides: list[str]
    instead: list[str]
    condition: str
    criminal: bool
    discount: str
    limitation: str
    others: list[OtherBand]
    by_law: bool
    status: str
    confidence: str
    sources: list[Any] = field(default_factory=list)
    conflicts: list[Any] = field(default_factory=list)

    @property
    def arithmetic(self) -> str:
        return " ".join(self.steps)


def number(value: Decimal | int) -> str:
    """“7,500,000”, “12.5”: no zeros that say nothing."""
    return f"{Decimal(value).normalize():,f}"


def between(low: Decimal | int, high: Decimal | int, measure: str = "") -> str:
    """“20 to 30 BCV”, or one number where both are the same."""
    amounts = number(low) if low == high else f"{number(low)} to {number(high)}"
    return f"{amounts} {measure}".strip()


def prices_of(findings: Sequence[Finding], on: dt.date) -> dict[int, list[Price]]:
    """By finding, what each book of its pack asks for it as of the day, the law in force first.

    The findings come with `miner` and `norm`, and last on the day.
    """
    if not findings:
        return {}
    pricing = Pricing(findings=FINDINGS, params={"findings": [finding.pk for finding in findings]})
    rows, fitting = _rows(pricing, on, PRICED), _rows(pricing, on, FITTING)
    packs = {finding.norm.pack_id for finding in findings}
    reader = _Reader(
        on=on,
        books={book.pk: book for book in Book.objects.filter(pack__in=packs)},
        bands=Penalty.objects.select_related("act").in_bulk({row["id"] for row in fitting}),
        rates=list(UnitRate.objects.filter(pack__in=packs, period__contains=on)),
        accounts=_accounts([finding.miner_id for finding in findings], on),
        fines=_fines(row["id"] for row in _rows(pricing, on, COUNTED)),
        with_lookback=frozenset(
            Penalty.objects.filter(norm__in={finding.norm_id for finding in findings}, lookback_days__isnull=False)
            .values_list("norm", flat=True)
            .distinct()
        ),
        fitting=fitting,
    )
    by_id = {finding.pk: finding for finding in findings}
    told: dict[int, list[Price]] = {finding.pk: [] for finding in findings}
    order = {BookKind.LAW: 0, BookKind.BILL: 1, BookKind.WHAT_IF: 2}
    for row in sorted(rows, key=lambda row: (order[BookKind(reader.books[row["book_id"]].kind)], row["book_id"])):
        told[row["finding_id"]].append(reader.price(by_id[row["finding_id"]], row))
    return told


def _rows(pricing: Pricing, on: dt.date, final: str) -> list[dict[str, Any]]:
    sql, params = pricing.sql(on, final=final)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _accounts(miner_ids: Iterable[int], on: dt.date) -> dict[int, Account]:
    """The latest year's account of each miner, up to the day's year."""
    latest = Account.objects.filter(miner__in=set(miner_ids), year__lte=on.year).order_by("miner", "year")
    return {account.miner_id: account for account in latest}


def _fines(ids: Iterable[int]) -> dict[tuple[int, int], list[Fine]]:
    """The fines by miner and norm, the latest last."""
    fines: dict[tuple[int, int], list[Fine]] = {}
    for fine in Fine.objects.filter(pk__in=list(ids)).select_related("case").order_by("decided_on", "pk"):
        fines.setdefault((fine.case.miner_id, fine.case.norm_id), []).append(fine)
    return fines


@dataclass(frozen=True)
class _Reader:
    """Puts the rows of the statement into words."""

    on: dt.date
    books: Mapping[int, Book]
    bands: Mapping[int, Penalty]
    rates: Sequence[UnitRate]
    accounts: Mapping[int, Account]
    fines: Mapping[tuple[int, int], list[Fine]]
    with_lookback: frozenset[int]
    fitting: Sequence[Mapping[str, Any]]

    def price(self, finding: Finding, row: Mapping[str, Any]) -> Price:
        book = self.books[row["book_id"]]
        band = self.bands.get(row["penalty_id"])
        fitting = [
            each for each in self.fitting if (each["finding_id"], each["book_id"]) == (finding.pk, row["book_id"])
        ]
        offender = OFFENDER_OF_KIND[MinerKind(finding.kind)]
        if band is None:
            return self._nothing(book, offender, row["occurrence"], self._others(finding, fitting, None))
        rank = next(each["rank"] for each in fitting if each["id"] == band.pk)
        known = row["each_high"] is not None
        missing = "" if known else self._missing(band, row)
        steps = [self._occurrence(finding, row["occurrence"])]
        if row["occurrence"] == Occurrence.REPEAT and finding.norm_id not in self.with_lookback:
            steps.append(f"No band on file says how far one looks back: {ASSUMED_LOOKBACK_DAYS} days are assumed.")
        if band.threshold_fact and row["state"] == 0:
            steps.append(self._threshold_passed(finding, band, row))
        steps += self._multiplied(finding, band, row) if known else [f"The amount is unknown: {missing}."]
        return Price(
            book=book.code,
            title=book.title,
            article=band.article,
            occurrence=row["occurrence"],
            amount_low=row["each_low"],
            amount_high=row["each_high"],
            currency=row["currency"],
            missing=missing,
            steps=steps,
            besides=[each["words"] for each in sanctions(band) if each["role"] == SanctionRole.BESIDES],
            instead=[each["words"] for each in sanctions(band) if each["role"] == SanctionRole.INSTEAD],
            condition=band.condition,
            criminal=band.criminal,
            discount=self._discount(band, row),
            limitation=self._limitation(finding, band),
            others=self._others(finding, [each for each in fitting if each["rank"] == rank], band),
            by_law=rank == 1 and book.kind != BookKind.LAW,
            status=status_on(band.timeline, self.on),
            confidence=band.confidence,
            sources=list(band.sources),
            conflicts=list(band.conflicts),
        )

    def _nothing(self, book: Book, offender: Offender, occurrence: str, others: list[OtherBand]) -> Price:
        words = f"{book.title} has no penalty for this norm and {_a(offender.label)}"
        return Price(
            book=book.code,
            title=book.title,
            article="",
            occurrence=occurrence,
            amount_low=None,
            amount_high=None,
            currency="",
            missing="a penalty for this norm and kind of offender",
            steps=[f"{words}: the amount is unknown, not zero."],
            besides=[],
            instead=[],
            condition="",
            criminal=False,
            discount="",
            limitation="",
            others=others,
            by_law=False,
            status="",
            confidence="",
        )

    def _occurrence(self, finding: Finding, occurrence: str) -> str:
        if occurrence == "first":
            return "It counts as a first offence: no earlier fine under this norm is within the look-back."
        own = self.fines.get((finding.miner_id, finding.norm_id), [])
        if own:
            return f"It counts as a repeat offence: fined on {own[-1].decided_on} under the same norm ({own[-1]})."
        return (
            "It counts as a repeat offence through an owner on file: another miner under the same control was fined"
            " under the same norm within the look-back."
        )

    def _missing(self, band: Penalty, row: Mapping[str, Any]) -> str:
        if row["state"] == UNTESTED_CONDITION:
            return f"it depends on what the register cannot test ({band.condition})"
        if row["state"] == UNKNOWN_THRESHOLD:
            fact = MoneyFact(band.threshold_fact)
            over = f"{number(band.threshold_over or 0)} {band.threshold_currency}"
            if row[fact.value] is not None:
                return f"the {fact.label.lower()} is on file in {row['account_currency']}, and the threshold is {over}"
            return f"not known is the {fact.label.lower()} of the miner, and the band holds above {over}"
        if band.amount_high is None:
            return "nobody has found the amount in the law"
        if row["quantity"] is None:
            return {
                Basis.PER_DEVICE: f"not known is how many devices stood there on {self.on}",
                Basis.SHARE_OF_TURNOVER: "not known is the turnover of the miner",
                Basis.SHARE_OF_GAIN: "not known is the gain of the miner",
            }.get(Basis(band.basis), "not known is what it is taken for")
        if row["unit_value"] is None:
            return f"not known is what one {band.unit} was worth on {self.on}"
        return "not known is its currency"

    def _threshold_passed(self, finding: Finding, band: Penalty, row: Mapping[str, Any]) -> str:
        fact = MoneyFact(band.threshold_fact)
        account = self.accounts[finding.miner_id]
        over = f"{number(band.threshold_over or 0)} {band.threshold_currency}"
        return (
            f"The {fact.label.lower()} of {account.year}, {number(row[fact.value])} {account.currency}"
            f" ({account.source}), is above {over}."
        )

    def _multiplied(self, finding: Finding, band: Penalty, row: Mapping[str, Any]) -> list[str]:
        assert band.amount_low is not None
        assert band.amount_high is not None
        currency = row["currency"]
        if band.basis in SHARES:
            account = self.accounts[finding.miner_id]
            name, total = (
                ("turnover", row["turnover"]) if band.basis == Basis.SHARE_OF_TURNOVER else ("gain", row["gain"])
            )
            product = (
                f"{between(band.amount_low, band.amount_high, '%')} of the {name} of {account.year}"
                f" ({number(total)} {currency}, {account.source})"
            )
        else:
            product = between(band.amount_low, band.amount_high, band.unit or currency)
            product += f" × {self._quantity(finding, band, row)}"
            if band.unit:
                product += f" × {number(row['unit_value'])} {currency}"
        step = f"{product} = {between(row['uncapped_low'], row['uncapped_high'], currency)}"
        if row["cap_money"] is not None and row["cap_money"] < row["uncapped_high"]:
            cap = f"{number(band.cap or 0)} {band.unit or currency}"
            step += f", capped at {cap}: {between(row['each_low'], row['each_high'], currency)}"
        elif row["cap_money"] is not None:
            step += f", below the cap of {number(row['cap_money'])} {currency}"
        steps = [f"{step}."]
        rate = next((each for each in self.rates if each.unit == band.unit), None) if band.unit else None
        if rate is not None:
            steps.append(f"{rate} on {self.on} ({rate.title}, {_cited(rate.sources)}).")
        return steps

    def _quantity(self, finding: Finding, band: Penalty, row: Mapping[str, Any]) -> str:
        if band.basis == Basis.PER_DAY:
            return f"{_counted(row['days'], 'day')} ({finding.valid.lower} to {self.on})"
        if band.basis == Basis.PER_DEVICE:
            return f"{_counted(row['devices'], 'device')} on {self.on}"
        if band.basis == Basis.PER_VIOLATION:
            return _counted(row["violations"], "violation")
        return "1 offence"

    def _discount(self, band: Penalty, row: Mapping[str, Any]) -> str:
        if not band.discount_percent:
            return ""
        paid = f"paid within {_counted(band.discount_days or 0, 'day')}, it is {number(band.discount_percent)} % less"
        if row["early_high"] is None:
            return f"{paid.capitalize()}."
        return f"{paid.capitalize()}: {between(row['early_low'], row['early_high'], row['currency'])}."

    def _limitation(self, finding: Finding, band: Penalty) -> str:
        if not band.limitation_days:
            return ""
        days = _counted(band.limitation_days, "day")
        if finding.valid.upper is None:
            return f"Nobody may be fined for it later than {days} after its last day, which has not come."
        ended = finding.valid.upper - dt.timedelta(days=1)
        last = ended + dt.timedelta(days=band.limitation_days)
        return f"Nobody may be fined for it later than {days} after its last day, {ended}: that is after {last}."

    def _others(self, finding: Finding, fitting: Sequence[Mapping[str, Any]], taken: Penalty | None) -> list[OtherBand]:
        """The bands of the book that do not price the finding: above a threshold, on a condition, of the official."""
        told = []
        for each in fitting:
            band = self.bands[each["id"]]
            if band == taken or (band.offender == Offender.OFFICIAL and finding.kind not in WITH_OFFICIALS):
                continue
            told.append(
                OtherBand(
                    article=band.article,
                    when=self._when(band),
                    amount=amount_words(band),
                    criminal=band.criminal,
                    sanctions=[sanction["words"] for sanction in sanctions(band)],
                )
            )
        return told

    def _when(self, band: Penalty) -> str:
        words = []
        if band.offender == Offender.OFFICIAL:
            words.append("for the official, besides the company")
        if band.threshold_fact:
            fact = MoneyFact(band.threshold_fact).label.lower()
            over = f"{number(band.threshold_over or 0)} {band.threshold_currency}"
            words.append(f"where the year's {fact} is above {over}")
        if band.condition:
            words.append(f"where {band.condition}")
        return ", ".join(words) or "otherwise"


def sanctions(band: Penalty) -> list[dict[str, Any]]:
    """What a band holds besides or instead of money; one that is words only stands besides it."""
    return [
        each if isinstance(each, dict) else {"role": SanctionRole.BESIDES.value, "words": str(each)}
        for each in band.sanctions
    ]


def amount_words(band: Penalty) -> str:
    """“20 to 30 BCV for each day, at most 600 BCV”; or that nobody knows the amount."""
    if band.amount_low is None or band.amount_high is None:
        return "amount unknown"
    if band.basis in SHARES:
        of = "turnover" if band.basis == Basis.SHARE_OF_TURNOVER else "gain"
        return f"{between(band.amount_low, band.amount_high, '%')} of the year's {of}"
    measure = band.unit or band.currency
    words = between(band.amount_low, band.amount_high, measure)
    if band.basis != Basis.FIXED:
        words += f" for {Basis(band.basis).label.lower()}"
    return words if band.cap is None else f"{words}, at most {number(band.cap)} {measure}"


def status_on(timeline: Sequence[Mapping[str, Any]], on: dt.date) -> str:
    """The status that a timeline gives for a day, as its word; empty where it says nothing of the day."""
    entry = entry_on(timeline, on)
    return str(entry["status"]) if entry else ""


def entry_on(timeline: Sequence[Mapping[str, Any]], on: dt.date) -> Mapping[str, Any] | None:
    """The entry of a timeline that holds on a day; its ends are inclusive, and null where they are open."""
    day = on.isoformat()
    return next(
        (
            entry
            for entry in reversed(timeline)
            if (entry.get("from") or day) <= day and day <= (entry.get("until") or day)
        ),
        None,
    )


def _counted(count: int | Decimal, noun: str) -> str:
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def _a(label: str) -> str:
    word = label.lower()
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _cited(sources: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(source.get("url") or source.get("note") or "no address") for source in sources) or "no source"
