"""What was declared for each period beside what the meters say of it, for all miners of a scope at once."""

from decimal import Decimal
from typing import Any

from compliance.rules.base import EVERYTHING, Scope
from compliance.rules.compiled import compiled
from compliance.rules.periods import Terms, date_array

# Energy is compared where some was declared and some was metered; currencies of one period add up. The meters of
# months that nobody has read count as nothing, so what is below them is below the whole.
BELOW = """
    SELECT stated.miner_id, term.start, term.past, GREATEST(term.late_from, stated.stated_on) AS since,
           stated.kwh AS declared_kwh, drawn.kwh AS metered_kwh
    FROM unnest({starts}, {ends}, {late_days}) term (start, past, late_from)
    JOIN (
        SELECT miner_id, month, sum(energy_kwh) AS kwh, max(declared_on) AS stated_on
        FROM registry_declaration WHERE months = {months} AND {only}
        GROUP BY 1, 2
    ) stated ON stated.month = term.start
    JOIN (
        SELECT miner_id, ({every})[width_bucket(month, {every})] AS start, sum(energy_kwh) AS kwh
        FROM registry_monthlyenergy WHERE {only}
        GROUP BY 1, 2
    ) drawn ON drawn.miner_id = stated.miner_id AND drawn.start = term.start
    JOIN registry_miner miner ON miner.id = stated.miner_id AND miner.operating && daterange(term.start, term.past)
    WHERE stated.kwh < drawn.kwh * {part}
"""


def below_meter(periods: Terms, tolerance_percent: Decimal, only: str = "true") -> str:
    """Rows miner_id, start, past, since, declared_kwh, metered_kwh: overdue periods declared too low, since when.

    `only` is a condition on `miner_id`, of both the declarations and the meters.
    """
    return BELOW.format(
        starts=date_array(term.start for term in periods.overdue),
        ends=date_array(term.end for term in periods.overdue),
        late_days=date_array(term.late_from for term in periods.overdue),
        every=periods.starts,
        months=periods.months,
        only=only,
        part=1 - tolerance_percent / 100,
    )


def within(scope: Scope) -> tuple[str, list[Any]]:
    """The scope as a condition on `miner_id`, for statements that name it twice: its parameters, twice."""
    if scope == EVERYTHING:
        return "true", []
    sql, params = compiled(scope.miners().values_list("pk"))
    return f"miner_id IN ({sql})", [*params, *params]
