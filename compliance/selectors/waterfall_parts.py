"""The known parts of the waterfall: who registered when, who is silent, declares too little, owes, was fined."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from compliance.choices import BookKind, FineStatus, NormKind
from compliance.models import Book, Fine
from compliance.rules import EVERYTHING, EnergyLimit, RegistrationDuty, Rule, Scope, rules_in_law
from compliance.rules.compiled import compiled
from compliance.rules.periods import month_after
from compliance.selectors.counts import OPERATIONS, SIGHTED_FOR_DAYS
from compliance.selectors.known import asked, temporary
from compliance.selectors.prices import STORED_FINDINGS, Pricing
from registry.models import Territory, TerritoryAncestor

MONTHS = 12
TOLERANCE_PERCENT = Decimal(1)
"""Declared energy that lies no further than this below the meters' is taken as declared in full."""

KINDS_OF_PART: dict[str, tuple[str, ...]] = {
    "ended": (NormKind.REGISTRATION_DUTY, NormKind.ENERGY_LIMIT),
    "never": (NormKind.REGISTRATION_DUTY, NormKind.ENERGY_LIMIT),
    "silent": (NormKind.REPORTING,),
    "under_declared": (NormKind.LEVY, NormKind.REPORTING),
}
"""The kinds of norm whose findings price a part."""

# Whom a registration duty addresses on the day: of several duties all count, and of a person on file more than once
# those of all its miners.
BOUND = """
WITH duty (miner_id, due, held) AS ({duties}),
whole AS (
    SELECT COALESCE(merger.same_as_id, duty.miner_id) AS miner_id, range_agg(due) AS due,
           range_agg(due) - range_agg(due - held) AS held
    FROM duty LEFT JOIN registry_merger merger ON merger.miner_id = duty.miner_id GROUP BY 1
)
SELECT miner_id, held @> {day} AS holds, held @> lower(due) AS at_first,
       NOT isempty(held * datemultirange(daterange(NULL, {day}))) AS ever
FROM whole WHERE due @> {day}
"""
# Whatever is on file of a bound person, under whichever of its miners.
MINERS = """(
    SELECT miner_id, miner_id AS person_id FROM waterfall_bound
    UNION ALL
    SELECT merger.miner_id, merger.same_as_id FROM registry_merger merger
    JOIN waterfall_bound bound ON bound.miner_id = merger.same_as_id
)"""
# The view of monthly energy would be worked out for everybody and all months.
DRAWN = f"""
SELECT bound.person_id AS miner_id, reading.month, sum(reading.energy_kwh) AS energy_kwh, count(*) AS meters
FROM registry_reading reading
JOIN registry_site site
  ON site.metering_point = reading.metering_point
 AND site.period && daterange(reading.month, (reading.month + interval '1 month')::date)
JOIN {MINERS} bound ON bound.miner_id = site.miner_id
WHERE reading.month >= {{first}} AND reading.month < {{past}}
GROUP BY 1, 2
"""
# Declared and metered energy are compared for periods of which both are on file; months that nobody read count as
# nothing, so what lies below the meters lies below the whole.
LACKING = f"""
WITH stated AS (
    SELECT bound.person_id AS miner_id, month, months, sum(energy_kwh) AS kwh,
           (month + make_interval(months => months))::date AS past
    FROM registry_declaration declaration JOIN {MINERS} bound ON bound.miner_id = declaration.miner_id
    WHERE energy_kwh IS NOT NULL AND declared_on <= {{day}} AND month >= {{first}}
      AND month + make_interval(months => months) <= {{past}}
    GROUP BY 1, 2, 3
),
compared AS (
    SELECT stated.miner_id, stated.months, stated.month, stated.kwh AS declared, sum(drawn.energy_kwh) AS metered
    FROM stated JOIN waterfall_drawn drawn
      ON drawn.miner_id = stated.miner_id AND drawn.month >= stated.month AND drawn.month < stated.past
    GROUP BY 1, 2, 3, 4
)
SELECT miner_id, max(kwh) AS kwh FROM (
    SELECT miner_id, months, sum(metered - declared) FILTER (WHERE declared < metered * {{part}}) AS kwh
    FROM compared GROUP BY 1, 2
) by_length GROUP BY 1
"""
# Calendar months that a spell of days touches.
TOUCHED = (
    "((extract(year FROM last) - extract(year FROM began)) * 12"
    " + extract(month FROM last) - extract(month FROM began) + 1)"
)
# One row per bound miner: its part of the registration and, where it is registered, of the conduct. Each condition
# comes after those that it yields to, so that no miner is in two parts.
PARTS = """
WITH metered AS (
    SELECT miner_id, sum(energy_kwh) AS kwh, count(*) AS months, sum(meters) AS readings
    FROM waterfall_drawn GROUP BY 1
),
owed AS (
    SELECT bound.person_id AS miner_id, sum({months}) AS readings
    FROM {miners} bound
    JOIN registry_miner miner ON miner.id = bound.miner_id
    JOIN registry_site site ON site.miner_id = miner.id
    CROSS JOIN LATERAL (
        SELECT GREATEST(lower(site.period), lower(miner.operating), {first}) AS began,
               LEAST(COALESCE(upper(site.period), {past}), COALESCE(upper(miner.operating), {past}), {past}) - 1 AS last
    ) spell
    WHERE began <= last GROUP BY 1
),
silent AS (
    SELECT DISTINCT finding.miner_id
    FROM compliance_finding finding JOIN compliance_norm norm ON norm.id = finding.norm_id
    WHERE norm.kind = 'reporting' AND finding.valid @> {day} AND finding.facts -> 'reasons' ? 'missing'
),
fine (miner_id, currency, amount, paid, outstanding, overdue) AS ({fines}),
fined AS (
    SELECT COALESCE(merger.same_as_id, fine.miner_id) AS miner_id, bool_or(overdue > 0) AS overdue,
           bool_and(outstanding = 0) AS settled
    FROM fine LEFT JOIN registry_merger merger ON merger.miner_id = fine.miner_id GROUP BY 1
)
SELECT bound.miner_id,
       CASE WHEN holds AND at_first THEN 'in_time' WHEN holds THEN 'late' WHEN ever THEN 'ended'
            ELSE 'never' END AS registration,
       CASE WHEN NOT holds THEN ''
            WHEN silent.miner_id IS NOT NULL THEN 'silent'
            WHEN lacking.kwh > 0 THEN 'under_declared'
            WHEN fined.overdue THEN 'unpaid'
            WHEN lacking.miner_id IS NULL THEN 'untested'
            ELSE 'clear' END AS conduct,
       metered.kwh AS kwh, COALESCE(metered.months, 0) >= GREATEST(0, worked.months)
           AND COALESCE(metered.readings, 0) >= COALESCE(owed.readings, 0) AS read_in_full,
       lacking.kwh AS lacking_kwh,
       CASE WHEN fined.miner_id IS NULL THEN 'not_fined' WHEN settled THEN 'settled' ELSE 'owing' END AS enforcement
FROM waterfall_bound bound
JOIN registry_miner miner ON miner.id = bound.miner_id
LEFT JOIN (
    SELECT merger.same_as_id, range_agg(other.operating) AS operating
    FROM registry_merger merger JOIN registry_miner other ON other.id = merger.miner_id GROUP BY 1
) others ON others.same_as_id = bound.miner_id
CROSS JOIN LATERAL (
    SELECT range_merge(miner.operating::datemultirange + COALESCE(others.operating, '{{}}')) AS operating
) person
CROSS JOIN LATERAL (
    SELECT GREATEST(lower(person.operating), {first}) AS began,
           LEAST(COALESCE(upper(person.operating), {past}), {past}) - 1 AS last
) spell
CROSS JOIN LATERAL (
    SELECT CASE WHEN last < began THEN 0 ELSE {months} END AS months
) worked
LEFT JOIN metered ON metered.miner_id = bound.miner_id
LEFT JOIN owed ON owed.miner_id = bound.miner_id
LEFT JOIN waterfall_lacking lacking ON lacking.miner_id = bound.miner_id
LEFT JOIN silent ON silent.miner_id = bound.miner_id
LEFT JOIN fined ON fined.miner_id = bound.miner_id
"""

SUMS = """
SELECT registration, conduct, enforcement, count(*), count(kwh), count(*) FILTER (WHERE read_in_full), sum(kwh),
       sum(lacking_kwh)
FROM waterfall_part GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

# Each finding prices the part of its miner that its kind of norm is about.
FINDINGS = f"""
    SELECT finding.miner_id, finding.site_id, finding.territory_id, finding.kind, finding.norm_id, finding.valid,
           finding.facts, part.part AS side
    FROM ({STORED_FINDINGS}) finding
    JOIN (SELECT miner_id, CASE WHEN conduct <> '' THEN conduct ELSE registration END AS part FROM waterfall_part) part
      USING (miner_id)
    JOIN compliance_norm norm ON norm.id = finding.norm_id
    JOIN unnest(%(parts)s::text[], %(kinds)s::text[]) priced_by (part, kind)
      ON priced_by.part = part.part AND priced_by.kind = norm.kind
"""
BY_PART = """
SELECT side, currency, sum(findings)::bigint, sum(each_low * findings), sum(each_high * findings)
FROM price JOIN compliance_book book ON book.id = priced_book
WHERE book.code = ANY(%(books)s) GROUP BY 1, 2 ORDER BY 1, 2
"""
FINED = """
SELECT part.conduct, part.registration, part.enforcement, fine.currency, sum(fine.amount), sum(fine.paid),
       sum(fine.overdue)
FROM ({fines}) fine (miner_id, currency, amount, paid, outstanding, overdue)
LEFT JOIN registry_merger merger ON merger.miner_id = fine.miner_id
JOIN waterfall_part part ON part.miner_id = COALESCE(merger.same_as_id, fine.miner_id)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
NOBODY_KNOWN = "SELECT count(*) FROM ({operations}) found WHERE kind = '' AND seen @> %s{within}"


@dataclass(frozen=True)
class PartRow:
    """Miners in one part of the registration, of the conduct and of the enforcement.

    `metered` of them drew energy that is on file, `read_in_full` have one for every month and each site;
    `lacking_kwh` is what they declared too little. Energy is of the twelve months, null where none is on file.
    """

    registration: str
    conduct: str
    enforcement: str
    miners: int
    metered: int
    read_in_full: int
    kwh: Decimal | None
    lacking_kwh: Decimal | None


@dataclass(frozen=True)
class PriceRow:
    """Findings of the miners of one part in one currency; without one, those for which no amount is known."""

    part: str
    currency: str
    findings: int
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class FineRow:
    """Fines decided against the miners of one part by the day: assessed, paid, and owed past the last day."""

    registration: str
    conduct: str
    enforcement: str
    currency: str
    assessed: Decimal
    paid: Decimal
    overdue: Decimal


@dataclass(frozen=True)
class Parts:
    """All that is counted for the waterfall of one place and day; energy is of the months from `first` to `past`."""

    first: dt.date
    past: dt.date
    rows: list[PartRow]
    prices: list[PriceRow]
    fines: list[FineRow]
    nobody_known: int
    duties: list[Rule]
    reporting: list[str]


def months_before(day: dt.date) -> tuple[dt.date, dt.date]:
    """The twelve calendar months that were over on the day: their first day, and the day after their last."""
    past = month_after(day + dt.timedelta(days=1), 0)
    return month_after(past, -MONTHS), past


def parts(day: dt.date, *, territory: Territory | None = None, book: Book | None = None) -> Parts:
    """The parts of all whom a registration duty addresses on the day, in the territory with all below it.

    Without a book they are priced by the law in force of each jurisdiction. Needs a transaction, in which it leaves
    temporary tables: `waterfall_…`. As many statements, however many miners there are.
    """
    places = None
    if territory is not None:
        below = TerritoryAncestor.objects.filter(ancestor=territory).order_by("descendant")
        places = tuple(below.values_list("descendant", flat=True))
    scope = EVERYTHING if places is None else Scope(territory_ids=places)
    scopes = scope.by_person()
    rules = rules_in_law(*scopes)
    duties = [rule for rule in rules if isinstance(rule, RegistrationDuty | EnergyLimit)]
    first, past = months_before(day)
    _tables(duties, scopes, day, first, past)
    fines, fine_values = compiled(_fines(day))
    return Parts(
        first=first,
        past=past,
        rows=[PartRow(*row) for row in asked(SUMS)],
        prices=_prices(day, book),
        fines=[FineRow(*row) for row in asked(FINED.format(fines=fines), fine_values)],
        nobody_known=_nobody_known(day, places),
        duties=list(duties),
        reporting=[rule.norm.code for rule in rules if rule.kind == NormKind.REPORTING and day in rule.in_force],
    )


def _tables(
    duties: list[RegistrationDuty | EnergyLimit], scopes: tuple[Scope, ...], day: dt.date, first: dt.date, past: dt.date
) -> None:
    """The temporary tables `waterfall_…`, one after the other, so that each is planned by what the last one holds."""
    each = [compiled(duty.duties(scope).values_list("pk", "due", "held")) for duty in duties for scope in scopes]
    nobody = "SELECT NULL::bigint, NULL::datemultirange, NULL::datemultirange WHERE false"
    fines, fine_values = compiled(_fines(day))
    words = {
        "duties": " UNION ALL ".join(sql for sql, _ in each) or nobody,
        "fines": fines,
        "day": f"'{day}'::date",
        "first": f"'{first}'::date",
        "past": f"'{past}'::date",
        "part": 1 - TOLERANCE_PERCENT / 100,
        "months": TOUCHED,
        "miners": MINERS,
    }
    temporary(
        "waterfall_bound", BOUND.format(**words), [value for _, values in each for value in values], index="miner_id"
    )
    temporary("waterfall_drawn", DRAWN.format(**words), index="miner_id")
    temporary("waterfall_lacking", LACKING.format(**words), index="miner_id")
    temporary("waterfall_part", PARTS.format(**words), fine_values, index="miner_id")


def _fines(day: dt.date) -> Any:
    fines: Any = Fine.objects.filter(status=FineStatus.ISSUED, decided_on__lte=day).with_balance(day)
    return fines.values_list("case__miner_id", "currency", "amount", "paid", "outstanding", "overdue")


def _prices(day: dt.date, book: Book | None) -> list[PriceRow]:
    pairs = [(part, str(kind)) for part, kinds in KINDS_OF_PART.items() for kind in kinds]
    books = [book.code] if book else list(Book.objects.filter(kind=BookKind.LAW).values_list("code", flat=True))
    params = {"parts": [part for part, _ in pairs], "kinds": [kind for _, kind in pairs], "books": books}
    sql, values = Pricing(findings=FINDINGS, params=params).sql(day, final=BY_PART)
    return [PriceRow(*row) for row in asked(sql, values)]


def _nobody_known(day: dt.date, places: tuple[int, ...] | None) -> int:
    operations = OPERATIONS.format(sighted_for=SIGHTED_FOR_DAYS, only="")
    within = "" if places is None else " AND territory_id = ANY(%s)"
    values: list[Any] = [day] if places is None else [day, list(places)]
    ((found,),) = asked(NOBODY_KNOWN.format(operations=operations, within=within), values)
    return int(found)
