"""Open findings priced: how many, under which band of which book, from the lowest to the highest amount."""

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from compliance.choices import Basis, Offender
from compliance.models import Penalty
from compliance.selectors.counts import Cells
from registry.choices import MinerKind
from registry.selectors.persons import MINERS_OF_PERSONS

OFFENDER_OF_KIND = {
    MinerKind.INDIVIDUAL: Offender.CITIZEN,
    MinerKind.ENTREPRENEUR: Offender.ENTREPRENEUR,
    MinerKind.LEGAL_ENTITY: Offender.LEGAL_ENTITY,
    MinerKind.OPERATOR: Offender.OPERATOR,
    MinerKind.POOL: Offender.LEGAL_ENTITY,
}

CONTROL_PERCENT = 50
"""Above this share an owner and what it owns count as one person, when offences are counted."""

MEASURE_OF_BASIS: dict[str, str] = {
    Basis.PER_DAY: "by_days",
    Basis.PER_DEVICE: "by_devices",
    Basis.PER_VIOLATION: "by_violations",
    Basis.SHARE_OF_TURNOVER: "by_money",
    Basis.SHARE_OF_GAIN: "by_money",
}

# The columns of a band that pricing reads, in this order wherever bands come from.
BAND = (
    "id, norm_id, offender, occurrence, basis, amount_low, amount_high, currency, unit, cap, condition,"
    " threshold_fact, threshold_over, threshold_currency"
)

# A bill or a what-if prices what it names (rank 0); for the rest the law of the day stays (rank 1).
STORED_BANDS = f"""
    SELECT band.book_id AS priced_book, 0 AS rank, {", ".join("band." + name for name in BAND.split(", "))}
    FROM compliance_penalty band JOIN compliance_book book ON book.id = band.book_id
    WHERE book.kind <> 'law' AND band.days @> %(day)s
    UNION ALL
    SELECT book.id, 1, {", ".join("band." + name for name in BAND.split(", "))}
    FROM compliance_penalty band
    JOIN compliance_book law ON law.id = band.book_id
    JOIN compliance_book book ON book.pack_id = law.pack_id
    WHERE band.in_force @> %(day)s
"""

STORED_FINDINGS = """
    SELECT finding.miner_id, finding.site_id, finding.territory_id, finding.kind, finding.norm_id,
           finding.valid, finding.facts, '' AS side
    FROM compliance_finding finding WHERE finding.valid @> %(day)s
"""

# The look-back is the law's; only where the law of the day names none, that of the bills; else a year is assumed.
# Who was fined within the look-back under the same norm offends again; so do, for the same person must not escape
# under another company's name, those who controlled it then, and whatever these control now. A person who is on file
# more than once was fined whichever of its miners was.
OPEN = """
WITH RECURSIVE
finding AS MATERIALIZED ({findings}),
candidate AS MATERIALIZED ({bands}),
person (norm_id, decided_on, miner_id) AS (
    SELECT proceeding.norm_id, fine.decided_on, COALESCE(other.miner_id, proceeding.miner_id)
    FROM compliance_fine fine JOIN compliance_case proceeding ON proceeding.id = fine.case_id
    LEFT JOIN {twice} one ON one.miner_id = proceeding.miner_id
    LEFT JOIN {twice} other ON other.person_id = one.person_id
    WHERE fine.status = 'issued' AND fine.decided_on <= %(day)s
      AND fine.decided_on > %(day)s - COALESCE(
            (SELECT max(lookback_days) FROM compliance_penalty band
             WHERE band.norm_id = proceeding.norm_id AND band.in_force @> %(day)s),
            (SELECT max(lookback_days) FROM compliance_penalty band WHERE band.norm_id = proceeding.norm_id),
            365)
    UNION
    SELECT person.norm_id, person.decided_on, stake.owner_id
    FROM person JOIN registry_ownership stake ON stake.miner_id = person.miner_id
    WHERE stake.owner_id IS NOT NULL AND stake.share_percent > %(control)s AND stake.period @> person.decided_on
),
repeater (norm_id, miner_id) AS (
    SELECT norm_id, miner_id FROM person
    UNION
    SELECT repeater.norm_id, stake.miner_id
    FROM repeater JOIN registry_ownership stake ON stake.owner_id = repeater.miner_id
    WHERE stake.share_percent > %(control)s AND stake.period @> %(day)s
),
account AS (
    SELECT DISTINCT ON (latest.miner_id) latest.miner_id, latest.turnover, latest.gain, latest.damage, latest.currency,
           latest.id::text AS money
    FROM registry_account latest
    WHERE cardinality(%(by_money)s::bigint[]) > 0 AND latest.year <= extract(year FROM %(day)s)
      AND latest.miner_id IN (SELECT finding.miner_id FROM finding WHERE finding.norm_id = ANY(%(by_money)s))
    ORDER BY latest.miner_id, latest.year DESC
),
open AS (
    SELECT finding.side, finding.territory_id, finding.kind, finding.norm_id,
           CASE WHEN repeater.miner_id IS NULL THEN 'first' ELSE 'repeat' END AS occurrence,
           NULL::int AS days, NULL::bigint AS devices, NULL::int AS violations,
           NULL::numeric AS turnover, NULL::numeric AS gain, NULL::numeric AS damage, NULL::text AS account_currency,
           '' AS money, count(*) AS findings
    FROM finding LEFT JOIN repeater ON (repeater.miner_id, repeater.norm_id) = (finding.miner_id, finding.norm_id)
    WHERE finding.norm_id <> ALL(%(measured)s)
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT finding.side, finding.territory_id, finding.kind, finding.norm_id,
           CASE WHEN repeater.miner_id IS NULL THEN 'first' ELSE 'repeat' END,
           CASE WHEN finding.norm_id = ANY(%(by_days)s) THEN
               LEAST(%(day)s, upper(finding.valid) - 1) - lower(finding.valid) + 1 END,
           CASE WHEN finding.norm_id = ANY(%(by_devices)s) THEN (
               SELECT sum(device.quantity)
               FROM registry_device device JOIN registry_site site ON site.id = device.site_id
               WHERE site.miner_id = finding.miner_id AND (finding.site_id IS NULL OR site.id = finding.site_id)
                 AND device.period @> %(day)s) END,
           CASE WHEN finding.norm_id = ANY(%(by_violations)s) THEN
               COALESCE((finding.facts ->> 'violations')::int, 1) END,
           account.turnover, account.gain, account.damage, account.currency, COALESCE(account.money, ''),
           count(*)
    FROM finding LEFT JOIN repeater ON (repeater.miner_id, repeater.norm_id) = (finding.miner_id, finding.norm_id)
    LEFT JOIN account ON account.miner_id = finding.miner_id AND finding.norm_id = ANY(%(by_money)s)
    WHERE finding.norm_id = ANY(%(measured)s)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
),
choice AS (SELECT DISTINCT norm_id, kind, occurrence, money, turnover, gain, damage, account_currency FROM open),
chosen AS MATERIALIZED (
    SELECT choice.norm_id, choice.kind, choice.occurrence, choice.money, book.priced_book, band.id AS penalty_id,
           band.basis, band.amount_low AS band_low, band.amount_high AS band_high, band.unit, band.cap, band.state,
           CASE WHEN band.unit = '' THEN 1 ELSE rate.value END AS unit_value,
           CASE WHEN band.basis LIKE 'share_%%' THEN account_currency
                WHEN band.unit <> '' THEN rate.currency ELSE band.currency END AS measured_currency
    FROM choice
    JOIN compliance_norm norm ON norm.id = choice.norm_id
    JOIN ({books}) book ON book.pack_id = norm.pack_id
    LEFT JOIN LATERAL (
        -- 0: its threshold is passed; 1: it has none; 2: its condition cannot be tested; 3: the sum is not known.
        SELECT fitting.* FROM (
            SELECT candidate.*, CASE
                WHEN condition <> '' THEN 2
                WHEN threshold_fact = '' THEN 1
                WHEN known.amount > threshold_over THEN 0
                WHEN known.amount IS NULL THEN 3 END AS state
            FROM candidate CROSS JOIN LATERAL (
                SELECT CASE WHEN threshold_currency = account_currency THEN
                    CASE threshold_fact WHEN 'turnover' THEN turnover WHEN 'gain' THEN gain ELSE damage END
                END AS amount
            ) known
            WHERE candidate.priced_book = book.priced_book AND candidate.norm_id = choice.norm_id
              AND candidate.occurrence = choice.occurrence
              AND candidate.offender = (%(offenders)s::jsonb ->> choice.kind)
        ) fitting
        WHERE fitting.state IS NOT NULL
        ORDER BY fitting.rank, fitting.state, fitting.threshold_over DESC NULLS LAST, fitting.id LIMIT 1
    ) band ON true
    LEFT JOIN compliance_unitrate rate
      ON rate.pack_id = norm.pack_id AND rate.unit = band.unit AND band.unit <> '' AND rate.period @> %(day)s
),
measure AS (
    SELECT open.*, chosen.priced_book, chosen.penalty_id, chosen.basis, chosen.band_low, chosen.band_high, chosen.unit,
           chosen.cap, chosen.state, chosen.unit_value, chosen.measured_currency,
           CASE chosen.basis WHEN 'fixed' THEN 1 WHEN 'per_day' THEN days WHEN 'per_device' THEN devices
                WHEN 'per_violation' THEN violations WHEN 'share_of_turnover' THEN turnover / 100
                WHEN 'share_of_gain' THEN gain / 100 END AS quantity
    FROM open JOIN chosen USING (norm_id, kind, occurrence, money)
),
price AS (
    SELECT measure.*,
           CASE WHEN known THEN measured_currency ELSE '' END AS currency,
           CASE WHEN known THEN round(LEAST(band_low * quantity, cap) * unit_value, 2) END AS each_low,
           CASE WHEN known THEN round(LEAST(band_high * quantity, cap) * unit_value, 2) END AS each_high
    FROM measure CROSS JOIN LATERAL (
        SELECT COALESCE(state < 2 AND band_high IS NOT NULL AND quantity IS NOT NULL AND unit_value IS NOT NULL
                        AND measured_currency <> '', false) AS known
    ) sure
)
"""

STORED_BOOKS = "SELECT id AS priced_book, pack_id FROM compliance_book"

CELLS = """
SELECT priced_book AS book_id, territory_id, kind, norm_id, occurrence, penalty_id, currency,
       sum(findings)::bigint AS findings,
       sum(each_low * findings) AS amount_low,
       sum(each_high * findings) AS amount_high
FROM price GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


@dataclass(frozen=True)
class Pricing:
    """What is priced, by which bands, in which books; the defaults are what is stored.

    `findings` yields miner_id, site_id, territory_id, kind, norm_id, valid, facts and side (a word to group by);
    `bands` yields priced_book, rank and the columns of `BAND`; `books` yields priced_book and pack_id. Each may use the
    parameter `day` and those of `params`. Bands beyond those on file have one fixed amount.
    """

    findings: str = STORED_FINDINGS
    bands: str = STORED_BANDS
    books: str = STORED_BOOKS
    params: dict[str, Any] = field(default_factory=dict)

    def sql(self, day: dt.date, *, final: str = CELLS) -> tuple[str, dict[str, Any]]:
        """The statement and its parameters; `final` selects from `price`, one row per group of equal findings."""
        ctes = OPEN.format(findings=self.findings, bands=self.bands, books=self.books, twice=MINERS_OF_PERSONS)
        return ctes + final, {
            "day": day,
            "offenders": json.dumps({kind.value: offender.value for kind, offender in OFFENDER_OF_KIND.items()}),
            "control": CONTROL_PERCENT,
            **_measured(),
            **self.params,
        }


def priced(day: dt.date, cells: Cells | None = None) -> tuple[str, dict[str, Any]]:
    """SQL that yields the columns of `Exposure` (without the day) for the findings open on the day."""
    if cells is None:
        return Pricing().sql(day)
    wanted = "SELECT * FROM unnest(%(territories)s::bigint[], %(kinds)s::text[])"
    return Pricing(
        findings=f"{STORED_FINDINGS} AND (finding.territory_id, finding.kind) IN ({wanted})",
        params={"territories": [cell[0] for cell in cells], "kinds": [cell[1] for cell in cells]},
    ).sql(day)


def measured_norms() -> frozenset[int]:
    """The norms of which some band counts the days or the violations of a finding."""
    bands = Penalty.objects.filter(basis__in=(Basis.PER_DAY, Basis.PER_VIOLATION))
    return frozenset(bands.values_list("norm_id", flat=True))


def _measured() -> dict[str, list[int]]:
    """The norms of which some band depends on more than norm, kind of miner and occurrence, by what it depends on.

    What no band of a norm asks for is not looked up, so that equal findings stay one group.
    """
    bands = Penalty.objects.filter(~Q(basis=Basis.FIXED) | ~Q(threshold_fact="")).order_by()
    found: dict[str, set[int]] = {"by_days": set(), "by_devices": set(), "by_violations": set(), "by_money": set()}
    for norm_id, basis, fact in bands.values_list("norm_id", "basis", "threshold_fact").distinct():
        if basis in MEASURE_OF_BASIS:
            found[MEASURE_OF_BASIS[basis]].add(norm_id)
        if fact:
            found["by_money"].add(norm_id)
    every = set().union(*found.values())
    return {name: sorted(norms) for name, norms in found.items()} | {"measured": sorted(every)}
