"""What one unregistered operation of each kind of miner costs in each book, and what was in fact fined and paid."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from compliance.choices import Basis, FineStatus, NormKind
from compliance.models import Fine, Norm, Payment
from compliance.rules.periods import month_after
from compliance.selectors.counts import OPERATIONS, SIGHTED_FOR_DAYS
from compliance.selectors.known import asked
from compliance.selectors.prices import STORED_FINDINGS, Pricing
from registry.models import Territory, TerritoryAncestor

UNREGISTERED = (NormKind.REGISTRATION_DUTY, NormKind.ENERGY_LIMIT)
PRICED_ONCE = (Basis.FIXED, Basis.PER_VIOLATION)
"""An amount per day or per device of what nobody has seen is not known."""

# One operation of each kind that a duty addresses, in breach of it on the day, of a miner whom nobody knows.
ONE_OF_EACH = """
    SELECT NULL::bigint AS miner_id, NULL::bigint AS site_id, NULL::bigint AS territory_id, duty.kind, duty.norm_id,
           daterange(%(day)s, NULL) AS valid, '{}'::jsonb AS facts, '' AS side
    FROM unnest(%(norms)s::bigint[], %(of_kinds)s::text[]) duty (norm_id, kind)
"""
EACH = """
SELECT book.code, price.kind, price.norm_id, price.currency, price.basis, price.each_low, price.each_high
FROM price JOIN compliance_book book ON book.id = priced_book ORDER BY 1, 2, 3
"""
OPEN = """
SELECT book.code, price.currency, each_low, each_high, sum(findings)::bigint
FROM price JOIN compliance_book book ON book.id = priced_book GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
SEEN_UNREGISTERED = """
SELECT kind, count(*) FROM ({operations}) found
WHERE kind <> '' AND seen @> %s AND NOT COALESCE(held @> %s, false){within} GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class KindPrice:
    """What one unregistered operation of one kind of miner costs in one book and currency, over all its breaches.

    `unpriced` are breaches for which no amount is known; with no amount at all the currency is empty.
    """

    book: str
    kind: str
    currency: str
    low: Decimal | None
    high: Decimal | None
    breaches: int
    unpriced: int


@dataclass(frozen=True)
class OpenUnits:
    """Open findings that one book prices alike; without a currency, those that it does not price."""

    book: str
    currency: str
    low: Decimal | None
    high: Decimal | None
    findings: int


@dataclass(frozen=True)
class InFact:
    """What was assessed and what was paid in one currency in the months."""

    currency: str
    fines: int
    assessed: Decimal
    collected: Decimal


def duty_norms(day: dt.date, territory: Territory | None) -> list[Norm]:
    """The norms in force on the day under which mining unregistered is a breach, in the territory or around it."""
    norms = Norm.objects.in_force(day).filter(kind__in=UNREGISTERED).order_by("code")
    if territory is not None:
        near = TerritoryAncestor.objects.filter(descendant=territory).values("ancestor")
        norms = norms.filter(territory__in=near)
    return list(norms)


def kind_prices(day: dt.date, norms: list[Norm]) -> list[KindPrice]:
    """By book and kind of miner, for the first offence. One statement."""
    pairs = [(norm.pk, kind) for norm in norms for kind in norm.miner_kinds]
    params = {"norms": [pk for pk, _ in pairs], "of_kinds": [kind for _, kind in pairs]}
    sql, values = Pricing(findings=ONE_OF_EACH, params=params).sql(day, final=EACH)
    sums: dict[tuple[str, str], dict[str, tuple[Decimal, Decimal]]] = {}
    counts: dict[tuple[str, str], list[int]] = {}
    for book, kind, _, currency, basis, low, high in asked(sql, values):
        counted = counts.setdefault((book, kind), [0, 0])
        counted[0] += 1
        by_currency = sums.setdefault((book, kind), {})
        if not currency or basis not in PRICED_ONCE:
            counted[1] += 1
            continue
        before = by_currency.get(currency, (Decimal(0), Decimal(0)))
        by_currency[currency] = (before[0] + low, before[1] + high)
    found = []
    for (book, kind), by_currency in sums.items():
        breaches, unpriced = counts[book, kind]
        for currency, (low, high) in sorted(by_currency.items()):
            found.append(KindPrice(book, kind, currency, low, high, breaches, unpriced))
        if not by_currency:
            found.append(KindPrice(book, kind, "", None, None, breaches, unpriced))
    return found


def open_units(day: dt.date, places: list[int] | None) -> list[OpenUnits]:
    """The open findings of unregistered mining by what they cost, book by book."""
    within = "" if places is None else " AND finding.territory_id = ANY(%(places)s)"
    findings = (
        f"{STORED_FINDINGS}{within} AND finding.norm_id IN (SELECT id FROM compliance_norm WHERE kind = ANY(%(duty)s))"
    )
    params = {"places": places or [], "duty": [str(kind) for kind in UNREGISTERED]}
    sql, values = Pricing(findings=findings, params=params).sql(day, final=OPEN)
    return [OpenUnits(*row) for row in asked(sql, values)]


def seen_kinds(day: dt.date, places: list[int] | None) -> dict[str, int]:
    """Operations sighted in the year up to the day whose miner is known and unregistered, by kind."""
    within = "" if places is None else " AND territory_id = ANY(%s)"
    sql = SEEN_UNREGISTERED.format(operations=OPERATIONS.format(sighted_for=SIGHTED_FOR_DAYS, only=""), within=within)
    return dict(asked(sql, [day, day] if places is None else [day, day, places]))


def months_back(day: dt.date, months: int) -> dt.date:
    """The day so many months earlier; the last of its month where there is no such day."""
    first = month_after(day, -months)
    last = month_after(first, 1) - dt.timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def in_fact(day: dt.date, months: int, places: list[int] | None) -> list[InFact]:
    """Fines decided and payments received in the months up to the day, by currency; annulled fines count nowhere."""
    since = months_back(day, months)
    fines = Fine.objects.filter(status=FineStatus.ISSUED, decided_on__gt=since, decided_on__lte=day)
    payments = Payment.objects.filter(fine__status=FineStatus.ISSUED, paid_on__gt=since, paid_on__lte=day)
    if places is not None:
        fines = fines.filter(case__miner__territory__in=places)
        payments = payments.filter(fine__case__miner__territory__in=places)
    sums: dict[str, list[Decimal]] = {}
    for currency, number, amount in fines.order_by().values_list("currency").annotate(Count("pk"), Sum("amount")):
        sums[currency] = [Decimal(number), amount, Decimal(0)]
    for currency, amount in payments.order_by().values_list("fine__currency").annotate(Sum("amount")):
        sums.setdefault(currency, [Decimal(0), Decimal(0), Decimal(0)])[2] = amount
    return [InFact(currency, int(row[0]), row[1], row[2]) for currency, row in sorted(sums.items())]


def fined_miners(day: dt.date, months: int, places: list[int] | None) -> int:
    """Miners against whom some fine was decided in the months up to the day."""
    since = months_back(day, months)
    fines = Fine.objects.filter(status=FineStatus.ISSUED, decided_on__gt=since, decided_on__lte=day)
    if places is not None:
        fines = fines.filter(case__miner__territory__in=places)
    return fines.order_by().values("case__miner").distinct().count()
