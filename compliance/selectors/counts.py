"""The counts behind the registration rates, for any days and any cells, from the register as it is now."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from compliance.rules import EVERYTHING, EnergyLimit, RegistrationDuty, Scope, rules_in_law
from compliance.rules.compiled import compiled
from compliance.rules.ranges import Both, Stretches, days, union
from registry.selectors.operations import LINKS_THAT_HOLD, operations_sql
from registry.selectors.persons import MINERS_OF_PERSONS

SIGHTED_FOR_DAYS = 365

# Persons who are on file more than once and count in the cells, each with all its miners.
PERSONS = f"""
    SELECT each.miner_id, each.person_id, counted.territory_id, counted.kind
    FROM {MINERS_OF_PERSONS} each JOIN registry_miner counted ON counted.id = each.person_id {{within}}"""
WITHIN = "WHERE (counted.territory_id, counted.kind) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))"
# A person operates while any of its miners does, and is registered while any of them is.
PERSONS_ON_FILE = """
    SELECT '{measure}', territory_id, kind, unnest({days}) FROM (
        SELECT person.person_id, person.territory_id, person.kind, range_agg(miner.operating) AS operating,
               range_agg(entry.period) AS held
        FROM person JOIN registry_miner miner ON miner.id = person.miner_id
        LEFT JOIN registry_registration entry ON entry.miner_id = person.miner_id
        GROUP BY 1, 2, 3) persons"""

# Spans are first cut down to the pair (first, last) of the days they cover, so that a million spans over two years of
# months are grouped once instead of being joined with every month.
COUNT = """
WITH {sources}
span (measure, territory_id, kind, valid) AS ({spans}),
bucket AS (
    SELECT measure, territory_id, kind,
           width_bucket(COALESCE(lower(valid), '0001-01-01') - 1, %s::date[]) AS first,
           CASE WHEN upper(valid) IS NULL THEN cardinality(%s::date[])
                ELSE width_bucket(upper(valid) - 1, %s::date[]) END AS past_last,
           count(*) AS n
    FROM span GROUP BY 1, 2, 3, 4, 5
),
counted AS (
    SELECT (%s::date[])[i + 1] AS as_of, territory_id, kind, measure, sum(n) AS n
    FROM bucket, generate_series(first, past_last - 1) i
    GROUP BY 1, 2, 3, 4
)
SELECT as_of, territory_id, kind,
       {measures}
FROM counted GROUP BY 1, 2, 3
"""

# An operation counts where its miner does, or where it was last seen. It is registered while any of those is who were
# merged into its miner.
OPERATIONS = f"""
WITH operation AS (
    SELECT miner_id, point, single,
           (array_agg(territory_id ORDER BY seen_on DESC, sighting_id DESC))[1] AS territory_id,
           range_agg(daterange(seen_on, seen_on + {{sighted_for}})) AS seen
    FROM ({operations_sql(also=("territory_id", "seen_on"))}) about
    {{only}}
    GROUP BY 1, 2, 3
)
SELECT operation.seen AS seen,
       COALESCE(miner.territory_id, operation.territory_id) AS territory_id,
       COALESCE(miner.kind, '') AS kind,
       CASE WHEN operation.miner_id IN (SELECT same_as_id FROM registry_merger) THEN
            (SELECT range_agg(period) FROM registry_registration WHERE miner_id IN (
                SELECT operation.miner_id
                UNION ALL
                SELECT merger.miner_id FROM registry_merger merger WHERE merger.same_as_id = operation.miner_id
            ))
       ELSE (SELECT range_agg(registration.period) FROM registry_registration registration
             WHERE registration.miner_id = operation.miner_id) END AS held
FROM operation LEFT JOIN registry_miner miner ON miner.id = operation.miner_id
"""

# All reports of the operations that may count in some cells: those of the miners there and of whoever was merged into
# them, by name, by their sites' meters or by links; those near by, what they are linked to and what has the same meter;
# and at last all that are linked to one of these.
REPORTS_OF_CELLS = f"""
    WHERE sighting_id IN (
        WITH miner AS (
            SELECT id FROM registry_miner
            WHERE (territory_id, kind) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
        ),
        member AS (
            SELECT id FROM miner
            UNION
            SELECT merger.miner_id FROM miner JOIN registry_merger merger ON merger.same_as_id = miner.id
        ),
        near AS (
            SELECT id FROM registry_sighting WHERE territory_id = ANY(%s)
            UNION
            SELECT link.other_id FROM registry_sighting seen JOIN {LINKS_THAT_HOLD} link ON link.sighting_id = seen.id
            WHERE seen.territory_id = ANY(%s) AND link.other_id IS NOT NULL
        ),
        point AS (
            SELECT DISTINCT metering_point FROM near JOIN registry_sighting USING (id) WHERE metering_point <> ''
        ),
        report AS (
            SELECT seen.id FROM member JOIN registry_sighting seen ON seen.miner_id = member.id
            UNION
            SELECT seen.id FROM member
            JOIN registry_site site ON site.miner_id = member.id
            JOIN registry_sighting seen ON seen.metering_point = site.metering_point AND seen.metering_point <> ''
            UNION
            SELECT link.sighting_id FROM member JOIN {LINKS_THAT_HOLD} link ON link.miner_id = member.id
            UNION
            SELECT id FROM near
            UNION
            SELECT seen.id FROM point
            JOIN registry_sighting seen ON seen.metering_point = point.metering_point AND seen.metering_point <> ''
        )
        SELECT id FROM report
        UNION
        SELECT link.sighting_id FROM report JOIN {LINKS_THAT_HOLD} link ON link.other_id = report.id
    )"""

# Who has several duties, or has them under several miners on file, is obliged once, and has met them while it has met
# each.
WHOLE = """
    SELECT miner_id, territory_id, kind, range_agg(due) AS due, range_agg(due) - range_agg(due - held) AS held
    FROM {duty} GROUP BY 1, 2, 3"""

MEASURES = ("on_file", "registered", "obliged", "obliged_registered", "sighted", "sighted_registered")

Cells = Sequence[tuple[int, str]]
Duty = RegistrationDuty | EnergyLimit


def counts(on: Sequence[dt.date], cells: Cells | None = None) -> tuple[str, list[Any]]:
    """SQL that yields as_of, territory_id, kind and the six counts of `RegistrationRate`, for ascending days."""
    scope = EVERYTHING if cells is None else Scope(cells=tuple(cell for cell in cells if cell[1]))
    parts: list[str] = []
    params: list[Any] = []
    sources = f"person AS MATERIALIZED ({PERSONS.format(within='' if cells is None else WITHIN)}),\n"
    source_params: list[Any] = [] if cells is None else [*_columns(scope.cells or ())]

    def add(measure: str, queryset: QuerySet[Any, Any]) -> None:
        sql, values = compiled(queryset)
        parts.append(f"SELECT '{measure}', * FROM ({sql}) {measure} (territory_id, kind, valid)")
        params.extend(values)

    miners = replace(scope, merged=False).miners()
    add("on_file", miners.values_list("territory_id", "kind", "operating"))
    add(
        "registered",
        _stretches(
            miners.filter(registrations__period__isnull=False).annotate(
                span=Both(days("operating"), union("registrations__period"))
            )
        ),
    )
    parts.append(PERSONS_ON_FILE.format(measure="on_file", days="operating"))
    parts.append(PERSONS_ON_FILE.format(measure="registered", days="operating * held"))
    more, values, wholes = _obliged(scope.by_person())
    sources, source_params = sources + more, source_params + values
    for whole in wholes:
        parts.append(f"SELECT 'obliged', territory_id, kind, unnest(due) FROM {whole} whole")
        parts.append(f"SELECT 'obliged_registered', territory_id, kind, unnest(due * held) FROM {whole} whole")
    operations, operation_params = _operations(cells)
    sources += f"sighted (seen, territory_id, kind, held) AS MATERIALIZED ({operations}),\n"
    source_params += operation_params
    parts.append("SELECT 'sighted', territory_id, kind, unnest(seen) FROM sighted")
    parts.append("SELECT 'sighted_registered', territory_id, kind, unnest(seen * held) FROM sighted")
    sums = ",\n       ".join(f"COALESCE(sum(n) FILTER (WHERE measure = '{m}'), 0)::int AS {m}" for m in MEASURES)
    sql = COUNT.format(sources=sources, spans="\nUNION ALL\n".join(parts), measures=sums)
    return sql, [*source_params, *params, list(on), list(on), list(on), list(on)]


def rows(on: Sequence[dt.date], cells: Cells | None = None) -> list[tuple[Any, ...]]:
    """The counts of a few days, asked of the register at once: as_of, territory_id, kind and the six counts."""
    sql, params = counts(on, cells)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        result: list[tuple[Any, ...]] = cursor.fetchall()
    return result


def _obliged(scopes: Sequence[Scope]) -> tuple[str, list[Any], list[str]]:
    """The duties as sources of a statement, with their parameters; and what yields due and held of whom they oblige."""
    sources, params, wholes, duties = "", list[Any](), list[str](), list[str]()
    for alike in _alike(_duties(scopes)):
        duty = f"duty_{alike[0].norm.pk}"
        asked = [
            compiled(rule.duties(part).values_list("pk", "territory_id", "kind", "due", "held"))
            for rule in alike
            for part in scopes
        ]
        each = "\nUNION ALL\n".join(sql for sql, _ in asked)
        sources += f"{duty} (miner_id, territory_id, kind, due, held) AS MATERIALIZED ({each}),\n"
        params += [value for _, values in asked for value in values]
        once = f"(SELECT * FROM {duty} WHERE miner_id NOT IN (SELECT miner_id FROM person))"
        wholes.append(once if len(alike) == 1 else f"({WHOLE.format(duty=f'{once} duty')})")
        duties.append(
            "SELECT person.person_id AS miner_id, person.territory_id, person.kind, duty.due, duty.held"
            f" FROM {duty} duty JOIN person USING (miner_id)"
        )
    if duties:
        wholes.append(f"({WHOLE.format(duty='(' + ' UNION ALL '.join(duties) + ') duty')})")
    return sources, params, wholes


def _duties(scopes: Sequence[Scope]) -> list[Duty]:
    return [rule for rule in rules_in_law(*scopes) if isinstance(rule, RegistrationDuty | EnergyLimit)]


def _alike(duties: list[Duty]) -> list[list[Duty]]:
    """The duties in groups, so that no miner has duties of two groups: it is obliged once, however many it has."""
    groups: list[list[Duty]] = []
    for duty in duties:
        apart, together = [], [duty]
        for group in groups:
            if any(_may_share(duty, other) for other in group):
                together += group
            else:
                apart.append(group)
        groups = [*apart, together]
    return groups


def _may_share(one: Duty, other: Duty) -> bool:
    """Whether some miner may have both duties."""
    same_kind = set(one.norm.miner_kinds) & set(other.norm.miner_kinds)
    return bool(same_kind) and not set(one.territory_ids).isdisjoint(other.territory_ids)


def _stretches(queryset: QuerySet[Any]) -> QuerySet[Any, Any]:
    return (
        queryset.filter(span__not_empty=True)
        .annotate(valid=Stretches(F("span")))
        .values_list("territory_id", "kind", "valid")
    )


def _operations(cells: Cells | None) -> tuple[str, list[Any]]:
    """The operations that count in the cells; those of a known miner hang on the miner's cell."""
    if cells is None:
        return OPERATIONS.format(sighted_for=SIGHTED_FOR_DAYS, only=""), []
    pairs = _columns([cell for cell in cells if cell[1]])
    nobody = [cell[0] for cell in cells if not cell[1]]
    sql = f"""
        SELECT * FROM ({OPERATIONS.format(sighted_for=SIGHTED_FOR_DAYS, only=REPORTS_OF_CELLS)}) concerned
        WHERE (territory_id, kind) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))"""
    return sql, [*pairs, nobody, nobody, *_columns(cells)]


def _columns(cells: Cells) -> tuple[list[int], list[str]]:
    return [territory_id for territory_id, _ in cells], [kind for _, kind in cells]
