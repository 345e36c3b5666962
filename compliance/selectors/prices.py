"""Open findings priced by the books: how many, under which band, from the lowest to the highest amount."""

import datetime as dt
from typing import Any

from compliance.choices import Offender
from compliance.selectors.counts import Cells
from registry.choices import MinerKind

OFFENDER_OF_KIND = {
    MinerKind.INDIVIDUAL: Offender.CITIZEN,
    MinerKind.ENTREPRENEUR: Offender.ENTREPRENEUR,
    MinerKind.LEGAL_ENTITY: Offender.LEGAL_ENTITY,
    MinerKind.OPERATOR: Offender.OPERATOR,
}

# A repeat offender was fined under the same norm within the look-back of its bands (a year where they name none).
# A bill or a what-if prices what it names; for the rest the law of the day stays. A band whose condition the register
# cannot test is kept for its sanctions, but prices nothing.
PRICED = """
WITH repeater AS (
    SELECT DISTINCT proceeding.miner_id, proceeding.norm_id
    FROM compliance_fine fine JOIN compliance_case proceeding ON proceeding.id = fine.case_id
    WHERE fine.status = 'issued' AND fine.decided_on <= %(day)s
      AND fine.decided_on > %(day)s - COALESCE((
            SELECT max(lookback_days) FROM compliance_penalty band WHERE band.norm_id = proceeding.norm_id), 365)
),
open AS (
    SELECT finding.territory_id, finding.kind, finding.norm_id,
           CASE WHEN repeater.miner_id IS NULL THEN 'first' ELSE 'repeat' END AS occurrence,
           count(*) AS findings
    FROM compliance_finding finding LEFT JOIN repeater USING (miner_id, norm_id)
    WHERE finding.valid @> %(day)s AND {in_cells}
    GROUP BY 1, 2, 3, 4
)
SELECT book.id AS book_id, open.territory_id, open.kind, open.norm_id, open.occurrence,
       band.id AS penalty_id,
       CASE WHEN band.condition = '' THEN band.currency ELSE '' END AS currency,
       open.findings,
       CASE WHEN band.condition = '' THEN band.amount_low * open.findings END AS amount_low,
       CASE WHEN band.condition = '' THEN band.amount_high * open.findings END AS amount_high
FROM open
JOIN compliance_norm norm ON norm.id = open.norm_id
JOIN compliance_book book ON book.pack_id = norm.pack_id
LEFT JOIN LATERAL (
    SELECT penalty.* FROM compliance_penalty penalty
    WHERE penalty.norm_id = open.norm_id AND penalty.occurrence = open.occurrence
      AND penalty.offender = (%(offenders)s::jsonb ->> open.kind)
      AND ((book.kind <> 'law' AND penalty.book_id = book.id) OR penalty.in_force @> %(day)s)
    ORDER BY (penalty.book_id = book.id) DESC, penalty.id LIMIT 1
) band ON true
"""


def priced(day: dt.date, cells: Cells | None = None) -> tuple[str, dict[str, Any]]:
    """SQL that yields the columns of `Exposure` (without the day) for the findings open on the day."""
    params: dict[str, Any] = {"day": day, "offenders": _offenders()}
    in_cells = "true"
    if cells is not None:
        wanted = "SELECT * FROM unnest(%(territories)s::bigint[], %(kinds)s::text[])"
        in_cells = f"(finding.territory_id, finding.kind) IN ({wanted})"
        params |= {"territories": [cell[0] for cell in cells], "kinds": [cell[1] for cell in cells]}
    return PRICED.format(in_cells=in_cells), params


def _offenders() -> str:
    pairs = ", ".join(f'"{kind.value}": "{offender.value}"' for kind, offender in OFFENDER_OF_KIND.items())
    return f"{{{pairs}}}"
