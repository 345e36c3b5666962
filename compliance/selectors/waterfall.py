"""The waterfall of one place and day: the counted parts, and from an estimate the part that nobody has seen."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from compliance.choices import Grade
from compliance.estimates.waterfall import Money, Quantity, Step, Waterfall, Whole, money_added, rounded, waterfall
from compliance.models import Book
from compliance.selectors.estimated import NO_RUN, Estimated
from compliance.selectors.waterfall_parts import FineRow, PartRow, Parts, PriceRow, parts
from registry.models import Territory

WHOLES = (
    Whole("obliged", "Obliged to register", note="Everyone whom a registration duty reaches, found or not."),
    Whole("registered", "Of those registered", note="The same as those registered in time or late."),
    Whole("found", "Of the breaches found", note="Not registered, silent, declared too little, or unpaid."),
)
REGISTRATION = {
    "in_time": "Registered in time",
    "late": "Registered late",
    "ended": "Registration ended",
    "never": "Never registered, on file",
}
CONDUCT = {
    "silent": "Silent: a report is missing",
    "under_declared": "Declared less than metered",
    "unpaid": "A fine is overdue",
    "untested": "Not tested: no declared energy beside a meter",
    "clear": "No fault found",
}
ENFORCEMENT = {
    "settled": "Fined, and settled",
    "owing": "Fined, still owing",
    "not_fined": "Not fined",
}
REGISTRATION_NOTES = {
    "in_time": "Stood in the register on the first day on which the duty was due, and stands in it.",
    "late": "Stands in the register, but did not on the first day on which the duty was due.",
    "ended": "Stood in the register while the duty was due, and no longer does.",
    "never": "On file and bound, and not once in the register while the duty was due.",
}
CONDUCT_NOTES = {
    "silent": "A finding of a reporting norm is open: a period was not declared at all.",
    "under_declared": "The declared energy of some period lies more than 1 % below what the meters say.",
    "unpaid": "A fine is past its last day. Whether levies were paid is not on file.",
    "untested": "Reports are not missing and no fine is overdue; more cannot be said without both figures.",
    "clear": "What was declared agrees with the meters, no report is missing, no fine is overdue.",
}
UNREAD = "no meter of theirs was read in the twelve months"
NOT_METERED = "nobody has metered them"
UNKNOWN_MONEY = "the book names no known amount"
NOT_PRICED = "what it would cost depends on who they are: see the hidden exposure"


def waterfall_of(
    day: dt.date, *, territory: Territory | None, estimate: Estimated | None, book: Book | None = None
) -> Waterfall:
    """The waterfall of the territory with all below it, as of the day, priced by the book or by the law in force.

    The unseen are what the estimate says of the unregistered, less those of them that are on file or were sighted.
    """
    with transaction.atomic():
        counted = parts(day, territory=territory, book=book)
    return waterfall(
        WHOLES,
        [
            *_registration(counted),
            _nobody_known(counted),
            _unseen(counted, estimate),
            *_conduct(counted),
            *_enforcement(counted),
        ],
    )


def _registration(counted: Parts) -> list[Step]:
    duties = tuple(f"norm {duty.norm.code}" for duty in counted.duties)
    return [
        _step(
            code,
            title,
            "obliged",
            [row for row in counted.rows if row.registration == code],
            prices=[price for price in counted.prices if price.part == code],
            sources=(*duties, "registrations", "meter readings"),
            note=REGISTRATION_NOTES[code],
        )
        for code, title in REGISTRATION.items()
    ]


def _nobody_known(counted: Parts) -> Step:
    return Step(
        code="nobody_known",
        title="Sighted, nobody knows whose",
        of="obliged",
        operations=Quantity.exactly(counted.nobody_known),
        energy_kwh=Quantity.unknown(NOT_METERED) if counted.nobody_known else Quantity.exactly(0),
        no_money=NOT_PRICED if counted.nobody_known else "",
        grade=Grade.ILLUSTRATIVE,
        sources=("sightings of 365 days",),
        note="Whether the duty reaches each of them is not known; they are counted as if it did.",
    )


def _unseen(counted: Parts, estimate: Estimated | None) -> Step:
    known = counted.nobody_known + sum(row.miners for row in counted.rows if row.registration in ("ended", "never"))
    sources: tuple[str, ...] = ()
    if estimate is None:
        operations, note = Quantity.unknown(NO_RUN), ""
    else:
        operations, sources = rounded(estimate.unregistered.less(known)), (f"estimate {estimate.number}",)
        note = f"What the estimate says of all unregistered, less the {known:,} that are on file or were sighted."
        if estimate.unregistered.high is not None and estimate.unregistered.high < known:
            note += " They are more than the estimate says there are, so it is too low for this day."
    unsure = operations.high != 0
    return Step(
        code="unseen",
        title="Never seen by anybody",
        of="obliged",
        operations=operations,
        energy_kwh=Quantity.unknown(NOT_METERED) if unsure else Quantity.exactly(0),
        no_money=NOT_PRICED if unsure else "",
        grade=Grade.ESTABLISHED if estimate is not None and estimate.inspected else Grade.ILLUSTRATIVE,
        sources=sources,
        note=note,
    )


def _conduct(counted: Parts) -> list[Step]:
    steps = []
    for code, title in CONDUCT.items():
        rows = [row for row in counted.rows if row.conduct == code]
        note = CONDUCT_NOTES[code]
        if code == "silent" and not counted.reporting:
            note = "No norm in force asks for reports here."
        step = _step(
            code,
            title,
            "registered",
            rows,
            prices=[price for price in counted.prices if price.part == code],
            money=_fines(counted, lambda fine: fine.conduct == "unpaid", "overdue") if code == "unpaid" else (),
            sources={
                "silent": (*(f"norm {norm}" for norm in counted.reporting), "findings"),
                "under_declared": ("declarations", "meter readings"),
                "unpaid": ("fines", "payments"),
            }.get(code, ("registrations", "declarations", "meter readings")),
            note=note,
            lacking=_lacking(rows) if code == "under_declared" else None,
        )
        steps.append(step)
    return steps


def _enforcement(counted: Parts) -> list[Step]:
    def found(row: PartRow | FineRow) -> bool:
        return row.registration in ("ended", "never") or row.conduct in ("silent", "under_declared", "unpaid")

    steps = []
    for code, title in ENFORCEMENT.items():
        rows = [row for row in counted.rows if found(row) and row.enforcement == code]
        of_code: Callable[[FineRow], bool] = lambda fine, code=code: found(fine) and fine.enforcement == code  # type: ignore[misc]  # noqa: E731
        paid = _fines(counted, of_code, "paid")
        steps.append(
            _step(
                code,
                title,
                "found",
                rows,
                money=_fines(counted, of_code, "assessed"),
                sources=("cases", "fines", "payments"),
                note="" if code == "not_fined" else f"Of what was assessed, {_paid_words(paid)} had been paid.",
            )
        )
    return steps


def _step(
    code: str,
    title: str,
    of: str,
    rows: Sequence[PartRow],
    *,
    prices: Sequence[PriceRow] = (),
    money: tuple[Money, ...] = (),
    sources: tuple[str, ...],
    note: str,
    lacking: Quantity | None = None,
) -> Step:
    unpriced = sum(price.findings for price in prices if not price.currency)
    priced = money_added(
        Money(price.currency, price.low, price.high)
        for price in prices
        if price.currency and price.low is not None and price.high is not None
    )
    return Step(
        code=code,
        title=title,
        of=of,
        operations=Quantity.exactly(sum(row.miners for row in rows)),
        energy_kwh=_energy(rows),
        lacking_kwh=lacking,
        money=money or priced,
        unpriced=unpriced,
        no_money=UNKNOWN_MONEY if unpriced and not priced else "",
        sources=sources,
        note=note,
    )


def _energy(rows: Sequence[PartRow]) -> Quantity:
    """What their meters show for the twelve months; at least that, where some month was not read."""
    miners, metered, in_full = (
        sum(getattr(row, name) for row in rows) for name in ("miners", "metered", "read_in_full")
    )
    kwh = sum((row.kwh for row in rows if row.kwh is not None), Decimal(0))
    if in_full == miners:
        return Quantity.exactly(kwh)
    if not metered:
        return Quantity.unknown(UNREAD)
    return Quantity.at_least(kwh, f"{miners - in_full:,} of {miners:,} were not read in every month")


def _lacking(rows: Sequence[PartRow]) -> Quantity:
    kwh = sum((row.lacking_kwh for row in rows if row.lacking_kwh is not None), Decimal(0))
    if not rows:
        return Quantity.exactly(0)
    return Quantity.at_least(kwh, "months that were not read or not declared may lack more")


def _fines(counted: Parts, wanted: Callable[[FineRow], Any], name: str) -> tuple[Money, ...]:
    sums = (Money(fine.currency, getattr(fine, name), getattr(fine, name)) for fine in counted.fines if wanted(fine))
    return tuple(money for money in money_added(sums) if money.high)


def _paid_words(paid: tuple[Money, ...]) -> str:
    return " and ".join(f"{money.high:,.2f} {money.currency}" for money in paid) or "nothing"
