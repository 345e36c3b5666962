"""What a levy per kWh comes to: the energy that was metered and declared, and what is owed on it, lowest to highest."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.choices import NormKind
from compliance.models import Norm
from compliance.models.fields import DateMultirangeField
from compliance.rules.periods import MONTHS, Term, terms_within
from registry.models import Territory, TerritoryAncestor

UNKNOWN = "unknown"
ONE_DAY = dt.timedelta(days=1)

# A rate may apply unless a fact speaks against it: metered energy had a meter, and a site of which nobody knows whether
# it generates its own power may pay either rate. Certain is only what the meters say: the low end is of the months that
# were read, the high end of what was metered or declared, whichever is more, and what was declared above the meters may
# pay any of the rates. Where no meter of the miner was read in the period, what it declared is charged at both ends.
# The amount is unknown as soon as one rate that may apply is.
OWED = """
WITH term AS (SELECT * FROM unnest(%(starts)s::date[], %(ends)s::date[]) term (start, past)),
rate AS (
    SELECT * FROM unnest(%(lows)s::numeric[], %(highs)s::numeric[], %(whens)s::text[], %(spans)s::daterange[])
        rate (low, high, applies, valid)
),
miner AS (
    SELECT id, territory_id, kind, operating FROM registry_miner
    WHERE kind = ANY(%(kinds)s) AND territory_id = ANY(%(territories)s)
),
used AS (
    SELECT term.start, miner.id AS miner_id, miner.territory_id, miner.kind, calendar.month::date AS month,
           site.off_grid, reading.energy_kwh
    FROM term
    CROSS JOIN LATERAL generate_series(term.start, term.past - 1, interval '1 month') calendar (month)
    JOIN registry_site site
      ON site.period && daterange(calendar.month::date, (calendar.month + interval '1 month')::date)
    JOIN miner ON miner.id = site.miner_id
    LEFT JOIN registry_reading reading
      ON reading.metering_point = site.metering_point AND reading.month = calendar.month::date
    WHERE %(law)s::datemultirange && daterange(calendar.month::date, (calendar.month + interval '1 month')::date)
      AND (reading.id IS NOT NULL OR (calendar.month + interval '1 month')::date <= %(today)s)
),
drawn AS (
    SELECT start, miner_id, territory_id, kind, month, off_grid, sum(energy_kwh) AS kwh
    FROM used WHERE energy_kwh IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6
),
unread AS (
    SELECT start, miner_id, territory_id, kind, count(DISTINCT month) AS months
    FROM used WHERE energy_kwh IS NULL GROUP BY 1, 2, 3, 4
),
stated AS (
    SELECT term.start, term.past, miner.id AS miner_id, miner.territory_id, miner.kind,
           sum(declaration.energy_kwh) AS kwh
    FROM term
    JOIN registry_declaration declaration ON declaration.month = term.start AND declaration.months = %(months)s
    JOIN miner ON miner.id = declaration.miner_id
    WHERE declaration.energy_kwh IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
),
metered AS (SELECT start, miner_id, sum(kwh) AS kwh FROM drawn GROUP BY 1, 2),
unknown AS (
    SELECT term.start, miner.id AS miner_id, miner.territory_id, miner.kind
    FROM term
    JOIN miner ON datemultirange(miner.operating) * %(law)s::datemultirange && daterange(term.start, term.past)
    LEFT JOIN metered ON (metered.start, metered.miner_id) = (term.start, miner.id)
    LEFT JOIN stated ON (stated.start, stated.miner_id) = (term.start, miner.id)
    WHERE metered.miner_id IS NULL AND stated.miner_id IS NULL AND term.past <= %(today)s
),
beyond AS (
    SELECT stated.start, stated.past, stated.miner_id, stated.territory_id, stated.kind,
           stated.kwh - COALESCE(metered.kwh, 0) AS kwh, metered.kwh IS NULL AS alone
    FROM stated LEFT JOIN metered USING (start, miner_id)
    WHERE metered.kwh IS NULL OR stated.kwh > metered.kwh
),
charged AS (
    SELECT start, territory_id, kind, month AS first, (month + interval '1 month')::date AS past, off_grid,
           true AS metered, true AS sure, sum(kwh) AS kwh
    FROM drawn GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    SELECT start, territory_id, kind, start, past, NULL, false, alone, sum(kwh)
    FROM beyond GROUP BY 1, 2, 3, 4, 5, alone
),
figure (start, territory_id, kind, miner_id, unknown_id, unread_id, months, metered, declared, unpriced, low, high) AS (
    SELECT start, territory_id, kind, miner_id, NULL::bigint, NULL::bigint, NULL::bigint, kwh, NULL::numeric,
           NULL::numeric, NULL::numeric, NULL::numeric
    FROM drawn
    UNION ALL
    SELECT start, territory_id, kind, miner_id, NULL, NULL, NULL, NULL, kwh, NULL, NULL, NULL FROM stated
    UNION ALL
    SELECT start, territory_id, kind, NULL, miner_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM unknown
    UNION ALL
    SELECT start, territory_id, kind, NULL, NULL, miner_id, months, NULL, NULL, NULL, NULL, NULL FROM unread
    UNION ALL
    SELECT start, territory_id, kind, NULL, NULL, NULL, NULL, NULL, NULL, CASE WHEN NOT priced.known THEN kwh END,
           CASE WHEN priced.known THEN CASE WHEN charged.sure THEN fitting.low * kwh ELSE 0 END END,
           CASE WHEN priced.known THEN fitting.high * kwh END
    FROM charged
    CROSS JOIN LATERAL (
        SELECT min(rate.low) AS low, max(rate.high) AS high, count(*) AS rates, count(rate.high) AS found
        FROM rate
        WHERE rate.valid && daterange(charged.first, charged.past) AND (
            rate.applies = 'any' OR NOT metered
            OR (rate.applies = 'off_grid' AND off_grid IS NOT FALSE)
            OR (rate.applies = 'grid' AND off_grid IS NOT TRUE))
    ) fitting
    CROSS JOIN LATERAL (SELECT fitting.rates > 0 AND fitting.rates = fitting.found AS known) priced
)
SELECT start, place.code, place.name, figure.kind, count(DISTINCT miner_id), count(DISTINCT unknown_id),
       count(DISTINCT unread_id), COALESCE(sum(months), 0)::bigint, COALESCE(sum(metered), 0),
       sum(declared), COALESCE(sum(unpriced), 0), round(sum(low), 2), round(sum(high), 2)
FROM figure JOIN registry_territory place ON place.id = figure.territory_id
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 4
"""


@dataclass(frozen=True)
class LevyRow:
    """One period of one levy, for the miners of one territory and kind.

    `miners` are those of whom some energy is known; `unknown_miners` mined in a period that is over, and neither a
    reading nor a declaration of theirs is on file: they are in none of the sums. `unread_miners` have a site in use
    that was not read in some month that is over; `unread_months` are these months, counted for each of them. Energy is
    in kWh; `declared_kwh` is null where nobody declared any. `unpriced_kwh` are those of which a rate that may apply is
    not known; the amounts are of the others, and null where there are none. Where months are unread or miners unknown,
    `owed_high` is of what is on file, and more may be owed.
    """

    norm: str
    month: dt.date
    months: int
    territory: str
    territory_name: str
    kind: str
    miners: int
    unknown_miners: int
    unread_miners: int
    unread_months: int
    metered_kwh: Decimal
    declared_kwh: Decimal | None
    unpriced_kwh: Decimal
    owed_low: Decimal | None
    owed_high: Decimal | None
    currency: str


def levies(
    first: dt.date, last: dt.date, *, territory: Territory | None = None, today: dt.date = dt.date.max
) -> list[LevyRow]:
    """The levies of the periods that begin from the first to the last day, in the territory with all below it.

    Nothing is missing yet, on `today`, of a month or a period that is not over.
    """
    norms = Norm.objects.filter(kind=NormKind.LEVY, in_force__isnull=False).select_related("pack").order_by("code")
    return [row for norm in norms for row in levies_of(norm, first, last, territory=territory, today=today)]


def levies_of(
    norm: Norm, first: dt.date, last: dt.date, *, territory: Territory | None = None, today: dt.date = dt.date.max
) -> list[LevyRow]:
    """The same of one norm, which may be a changed copy."""
    months = MONTHS[norm.parameters["period"]]
    places = TerritoryAncestor.objects.filter(ancestor=norm.territory_id)
    if territory is not None:
        places = places.filter(descendant__above__ancestor=territory)
    params = {
        **_terms(terms_within(norm, first, last)),
        **_rates(norm.parameters["bands"]),
        "law": DateMultirangeField().get_prep_value(norm.in_force),
        "today": today,
        "months": months,
        "kinds": norm.miner_kinds,
        "territories": list(places.values_list("descendant", flat=True)),
    }
    with connection.cursor() as cursor:
        cursor.execute(OWED, params)
        rows = cursor.fetchall()
    currency = _currency(norm.parameters["bands"])
    return [_row(norm.code, months, row, currency) for row in rows]


def _row(norm: str, months: int, row: tuple[Any, ...], currency: str) -> LevyRow:
    month, *rest = row
    values: list[Any] = [norm, month, months, *rest, currency if row[-1] is not None else ""]
    return LevyRow(*values)


def _terms(found: list[Term]) -> dict[str, Any]:
    return {"starts": [term.start for term in found], "ends": [term.end for term in found]}


def _rates(bands: list[dict[str, Any]]) -> dict[str, Any]:
    known = [None if band["rate"] == UNKNOWN else band["rate"] for band in bands]
    return {
        "lows": [Decimal(rate["low"]) if rate else None for rate in known],
        "highs": [Decimal(rate["high"]) if rate else None for rate in known],
        "whens": [band["when"] for band in bands],
        "spans": [_span(band) for band in bands],
    }


def _span(band: dict[str, Any]) -> DateRange:
    """The days of a band; the pack's last day is still one of them."""
    until = band.get("until")
    past = dt.date.fromisoformat(until) + ONE_DAY if until else None
    return DateRange(dt.date.fromisoformat(band["from"]), past, "[)")


def _currency(bands: list[dict[str, Any]]) -> str:
    """The one currency of all rates; empty where none is known."""
    return next((band["rate"]["currency"] for band in bands if band["rate"] != UNKNOWN), "")
