"""Exposure of what nobody has seen: its number from an estimate, its price from each book, and what it may bring in."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from compliance.choices import Grade
from compliance.estimates.collection import Collection, collection
from compliance.estimates.portfolio import Units, detection
from compliance.estimates.waterfall import Quantity, rounded
from compliance.models import Book
from compliance.selectors.estimated import NO_RUN, Estimated
from compliance.selectors.hidden_prices import (
    InFact,
    KindPrice,
    OpenUnits,
    duty_norms,
    fined_miners,
    in_fact,
    kind_prices,
    open_units,
    seen_kinds,
)
from compliance.selectors.hidden_rows import CENT, KINDS, SPLIT, Hazard, HiddenRow, hidden_rows
from compliance.selectors.waterfall_parts import parts
from registry.models import Territory, TerritoryAncestor

HAZARD_MONTHS = 12
NOTHING = "no duty to register that it could price is in force here."


@dataclass(frozen=True)
class Question:
    """What is asked: the horizon in months; the hazard of detection a month, or null to take the register's; raids.

    `common_cv` is the coefficient of variation of the common factor of raids; 0 means that each is found by itself.
    """

    day: dt.date
    territory: Territory | None
    months: int = 12
    hazard: float | None = None
    common_cv: float = 0.0


@dataclass(frozen=True)
class Expected:
    """What is expected to come in within the horizon, of the known or of the unseen, in one book and currency."""

    of: str
    book: str
    currency: str
    figures: Collection
    grade: str


@dataclass(frozen=True)
class Known:
    """The open findings of unregistered mining in one book and currency; without one, those without a price."""

    book: str
    currency: str
    findings: int
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class Hidden:
    """The whole answer. `unseen` are the estimated unregistered that are not on file, sighted or not."""

    books: dict[str, Book]
    unregistered: Quantity
    on_file: int
    unseen: Quantity
    hazard: Hazard
    split: dict[str, int]
    prices: list[KindPrice]
    rows: list[HiddenRow]
    known: list[Known]
    expected: list[Expected]
    in_fact: list[InFact]
    sentences: list[str]


def hidden_exposure(asked: Question, estimate: Estimated | None, books: Iterable[Book]) -> Hidden:
    """The hidden exposure in each book. What a book does not price stays unpriced, and the answer says so."""
    with transaction.atomic():
        counted = parts(asked.day, territory=asked.territory)
    places = None
    if asked.territory is not None:
        below = TerritoryAncestor.objects.filter(ancestor=asked.territory)
        places = list(below.order_by("descendant").values_list("descendant", flat=True))
    on_file = sum(row.miners for row in counted.rows if row.registration in ("ended", "never"))
    unregistered = Quantity.unknown(NO_RUN) if estimate is None else estimate.unregistered
    unseen = rounded(unregistered.less(on_file))
    chosen = {book.code: book for book in books}
    prices = [price for price in kind_prices(asked.day, duty_norms(asked.day, asked.territory)) if price.book in chosen]
    split = seen_kinds(asked.day, places)
    hazard = _hazard(asked, on_file + counted.nobody_known, fined_miners(asked.day, HAZARD_MONTHS, places))
    rows = [row for code in chosen for row in hidden_rows(code, unseen, estimate, prices, split, hazard)]
    units = [unit for unit in open_units(asked.day, places) if unit.book in chosen]
    return Hidden(
        books=chosen,
        unregistered=unregistered,
        on_file=on_file,
        unseen=unseen,
        hazard=hazard,
        split=split,
        prices=prices,
        rows=rows,
        known=_known(units),
        expected=[
            *_expected_known(units, hazard, asked.common_cv),
            *_expected_hidden(rows, hazard, asked.common_cv),
        ],
        in_fact=in_fact(asked.day, asked.months, places),
        sentences=[_sentence(chosen[code], prices) for code in chosen],
    )


def _hazard(asked: Question, at_risk: int, fined: int) -> Hazard:
    if asked.hazard is not None:
        chance = detection(asked.hazard, asked.months)
        return Hazard(asked.hazard, chance, fined, at_risk, "As it was asked for.")
    if not at_risk:
        words = "No unregistered operation is on file or was sighted, so nothing says how often one is found."
        return Hazard(None, None, fined, at_risk, words)
    if not fined:
        words = (
            "No miner was fined in the twelve months, for whatever it was, so nothing says how often one is found:"
            " give the detections a month."
        )
        return Hazard(None, None, fined, at_risk, words)
    per_month = fined / at_risk / HAZARD_MONTHS
    words = (
        f"{fined:,} miners were fined in the twelve months, for whatever it was; {at_risk:,} unregistered operations"
        " are on file or were sighted. Of those that nobody has seen fewer are found, so what is expected of them is at"
        " most this."
    )
    return Hazard(per_month, detection(per_month, asked.months), fined, at_risk, words)


def _known(units: Sequence[OpenUnits]) -> list[Known]:
    sums: dict[tuple[str, str], Known] = {}
    for unit in units:
        key = (unit.book, unit.currency)
        before = sums.get(
            key, Known(*key, 0, Decimal(0) if unit.currency else None, Decimal(0) if unit.currency else None)
        )
        sums[key] = Known(
            *key,
            before.findings + unit.findings,
            None if before.low is None else before.low + (unit.low or 0) * unit.findings,
            None if before.high is None else before.high + (unit.high or 0) * unit.findings,
        )
    return [sums[key] for key in sorted(sums)]


def _expected_known(units: Sequence[OpenUnits], hazard: Hazard, common_cv: float) -> list[Expected]:
    if hazard.probability is None:
        return []
    by_place: dict[tuple[str, str], list[Units]] = {}
    for unit in units:
        if unit.currency and unit.low is not None and unit.high is not None:
            one = Units(hazard.probability, unit.low, unit.high, count=unit.findings)
            by_place.setdefault((unit.book, unit.currency), []).append(one)
    return [
        Expected("known", *key, collection(of, common_cv=common_cv, unit=CENT), Grade.ESTABLISHED)
        for key, of in sorted(by_place.items())
    ]


def _expected_hidden(rows: Sequence[HiddenRow], hazard: Hazard, common_cv: float) -> list[Expected]:
    """Of all unseen together, at their best number: by the split where there is one, else over the range."""
    found: dict[tuple[str, str], HiddenRow] = {}
    for row in rows:
        if row.name == "all" and row.currency and (row.how == SPLIT or (row.book, row.currency) not in found):
            found[row.book, row.currency] = row
    answers = []
    for (book, currency), row in sorted(found.items()):
        if hazard.probability is None or row.operations.point is None or row.each_low is None or row.each_high is None:
            continue
        unit = Units(hazard.probability, row.each_low, row.each_high, count=int(row.operations.point))
        figures = collection([unit], common_cv=common_cv, unit=CENT)
        answers.append(Expected("hidden", book, currency, figures, Grade.ILLUSTRATIVE))
    return answers


def _sentence(book: Book, prices: Sequence[KindPrice]) -> str:
    """What the book makes of mining unregistered, in words."""
    of_book = [price for price in prices if price.book == book.code]
    priced = [price for price in of_book if price.currency]
    if not of_book:
        return f"{book.title}: {NOTHING}"
    if not priced:
        return (
            f"{book.title}: no known amount for mining unregistered, whoever does it; the exposure of what nobody has"
            " seen cannot be put in money."
        )
    said = "; ".join(
        f"{KINDS[price.kind].lower()} {price.low:,.0f} to {price.high:,.0f} {price.currency}" for price in priced
    )
    without = [KINDS[price.kind].lower() for price in of_book if not price.currency]
    rest = f"; no known amount for {', '.join(without)}" if without else ""
    return f"{book.title}: for one unregistered operation, {said}{rest}."
