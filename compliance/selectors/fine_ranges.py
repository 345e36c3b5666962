"""What a fine in a case may be: first offence or repeat, by which band, and from the lowest to the highest amount.

The statement that prices open findings is asked of the one offence of the case, so that a fine and the exposure
before it rest on the same persons, facts and arithmetic.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from compliance.choices import SHARES, Basis
from compliance.models import Case, Penalty
from compliance.selectors.explained_prices import between, number
from compliance.selectors.prices import OFFENDER_OF_KIND, Pricing
from registry.choices import MinerKind

OFFENCE = """
    SELECT proceeding.miner_id, finding.site_id, miner.territory_id, miner.kind, proceeding.norm_id,
           COALESCE(finding.valid, daterange(proceeding.offence_on, proceeding.offence_on, '[]')) AS valid,
           COALESCE(finding.facts, '{}') AS facts, '' AS side
    FROM compliance_case proceeding
    JOIN registry_miner miner ON miner.id = proceeding.miner_id
    LEFT JOIN compliance_finding finding ON finding.id = proceeding.finding_id
    WHERE proceeding.id = %(case)s
"""
# Whose band it is and for which occurrence has been asked before; whether its condition is met is for the authority.
BANDS = """
    SELECT %(book)s::bigint AS priced_book, 0 AS rank, band.id, band.norm_id, %(offender)s::text AS offender,
           counted.occurrence, band.basis, band.amount_low, band.amount_high, band.currency, band.unit, band.cap,
           '' AS condition, CASE WHEN %(thresholds)s THEN band.threshold_fact ELSE '' END AS threshold_fact,
           band.threshold_over, band.threshold_currency
    FROM compliance_penalty band CROSS JOIN (VALUES ('first'), ('repeat')) counted (occurrence)
    WHERE band.id = ANY(%(bands)s)
"""
BOOK = "SELECT %(book)s::bigint AS priced_book, %(pack)s::bigint AS pack_id"
PRICE = """
    SELECT penalty_id, state, quantity, unit_value, currency, each_low, each_high FROM price
"""
QUANTITIES = {Basis.PER_DAY: "days", Basis.PER_DEVICE: "devices", Basis.PER_VIOLATION: "violations"}
UNKNOWN_THRESHOLD = 3


@dataclass(frozen=True)
class FineRange:
    """From the lowest to the highest amount that the band allows, in words too; null where it cannot be said.

    `passed` is false where the band only holds above a sum that the miner is known not to have reached.
    """

    low: Decimal | None
    high: Decimal | None
    currency: str
    arithmetic: str
    passed: bool = True


def last_day_of_offence(case: Case, day: dt.date) -> dt.date:
    """The last day of the offence up to a day: that of the case, or of its finding, which may last on."""
    finding = case.finding
    if finding is None:
        return case.offence_on
    past_last = finding.valid.upper
    last = day if past_last is None else min(day, past_last - dt.timedelta(days=1))
    return max(last, case.offence_on)


def occurrence_of(case: Case) -> str:
    """“first”, or “repeat” where the person or its group was fined within the look-back before the offence."""
    rows = _ask(case, case.offence_on, [], "SELECT occurrence FROM open")
    return str(rows[0]["occurrence"])


def band_that_holds(case: Case, law_of: dt.date, on: dt.date, *, offender: str, occurrence: str) -> Penalty | None:
    """The band of the law of one day for the facts of another: the highest threshold that is passed comes first."""
    bands = Penalty.objects.in_force(law_of).filter(norm=case.norm_id, offender=offender, occurrence=occurrence)
    rows = _ask(case, on, list(bands.values_list("pk", flat=True)), PRICE)
    return Penalty.objects.filter(pk=rows[0]["penalty_id"]).first() if rows else None


def fine_range(case: Case, band: Penalty, on: dt.date) -> FineRange:
    """What the band allows, counted up to the day."""
    (row,) = _ask(case, on, [band.pk], PRICE)
    if row["penalty_id"] is None:
        return FineRange(None, None, "", "", passed=False)
    if row["state"] == UNKNOWN_THRESHOLD:
        (row,) = _ask(case, on, [band.pk], PRICE, thresholds=False)
    if row["each_high"] is None:
        return FineRange(None, None, band.currency, "")
    return FineRange(row["each_low"], row["each_high"], row["currency"], _arithmetic(band, row))


def _ask(case: Case, day: dt.date, bands: list[int], final: str, *, thresholds: bool = True) -> list[dict[str, Any]]:
    params = {
        "case": case.pk,
        "bands": bands,
        "book": 0,
        "pack": case.norm.pack_id,
        "offender": OFFENDER_OF_KIND[MinerKind(case.miner.kind)],
        "thresholds": thresholds,
    }
    pricing = Pricing(OFFENCE, BANDS, BOOK, params)
    sql, values = pricing.sql(day, final=final)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _arithmetic(band: Penalty, row: dict[str, Any]) -> str:
    """“20 to 30 BCV × 4 days × 375,000 UZS, at most 600 BCV”; nothing where the band says the amount itself."""
    if band.amount_low is None or band.amount_high is None or (band.basis == Basis.FIXED and not band.unit):
        return ""
    currency = row["currency"]
    words = between(band.amount_low, band.amount_high, band.unit or band.currency or "%")
    if band.basis in QUANTITIES:
        words += f" × {number(row['quantity'])} {QUANTITIES[Basis(band.basis)]}"
    elif band.basis in SHARES:
        of = "turnover" if band.basis == Basis.SHARE_OF_TURNOVER else "gain"
        words += f" of the year's {of} of {number(row['quantity'] * 100)} {currency}"
    if band.unit:
        words += f" × {number(row['unit_value'])} {currency}"
    return words if band.cap is None else f"{words}, at most {number(band.cap)} {band.unit or currency}"
