"""Raw PostgreSQL: the statements that a person would write by hand for the same work, without the service."""

import datetime as dt
import time
from pathlib import Path
from typing import Any

from django.db import connection

STAGE = """
DROP SCHEMA IF EXISTS raw CASCADE;
CREATE SCHEMA raw;
CREATE TABLE raw.miner (LIKE registry_miner INCLUDING ALL);
CREATE TABLE raw.identifier (LIKE registry_identifier INCLUDING ALL);
CREATE UNLOGGED TABLE raw.staged (line serial, name text, kind text, territory text, country text, identifiers text,
    operating_from date, operating_until date, note text);
"""
COPY = """
COPY raw.staged (name, kind, territory, country, identifiers, operating_from, operating_until, note)
FROM STDIN WITH (FORMAT csv, HEADER)
"""
UPSERT = """
WITH miner AS (
    INSERT INTO raw.miner (id, name, kind, territory_id, country_id, operating, note)
    SELECT line, staged.name, staged.kind, territory.id, country.id,
           daterange(operating_from, operating_until), COALESCE(note, '')
    FROM raw.staged
    JOIN registry_territory territory ON territory.code = staged.territory
    LEFT JOIN registry_territory country ON country.code = staged.country
    ON CONFLICT (id) DO UPDATE SET name = excluded.name
    RETURNING id
)
INSERT INTO raw.identifier (miner_id, scheme, value)
SELECT line, split_part(number, '=', 1), split_part(number, '=', 2)
FROM raw.staged CROSS JOIN LATERAL string_to_table(identifiers, ' ') number
ON CONFLICT (scheme, value) DO NOTHING
"""

# The same totals as a recomputation stores for the day, from the register alone and without keeping findings.
ON_FILE = """
SELECT territory_id, kind, count(*), count(held.miner_id)
FROM registry_miner m
LEFT JOIN (SELECT DISTINCT miner_id FROM registry_registration WHERE period @> %(day)s) held ON held.miner_id = m.id
WHERE operating @> %(day)s GROUP BY 1, 2
"""
ONE_REGION = """
SELECT kind, count(*), count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM registry_registration r WHERE r.miner_id = m.id AND r.period @> %(day)s))
FROM registry_miner m WHERE territory_id = %(territory)s AND operating @> %(day)s GROUP BY 1
"""
SIGHTED = """
SELECT count(DISTINCT COALESCE(
    'm' || COALESCE(s.miner_id, site.miner_id), 'p' || NULLIF(s.metering_point, ''), 's' || s.id))
FROM registry_sighting s
LEFT JOIN registry_site site ON site.metering_point = s.metering_point AND s.metering_point <> ''
WHERE s.seen_on > %(day)s - 365 AND s.seen_on <= %(day)s
"""
UNREGISTERED = """
SELECT m.territory_id, m.kind, count(*) FROM registry_miner m
JOIN registry_territoryancestor a ON a.descendant_id = m.territory_id
JOIN registry_territory ru ON ru.id = a.ancestor_id AND ru.code = 'RU'
WHERE m.kind = ANY(%(kinds)s) AND m.operating @> %(day)s AND NOT EXISTS (
    SELECT 1 FROM registry_registration r JOIN registry_register g ON g.id = r.register_id AND g.code = %(register)s
    WHERE r.miner_id = m.id AND r.period @> %(day)s)
GROUP BY 1, 2
"""
ABOVE_LIMIT = """
SELECT m.territory_id, m.kind, count(*) FROM registry_miner m
JOIN (
    SELECT DISTINCT ON (miner_id) miner_id, energy_kwh FROM (
        SELECT s.miner_id, r.month, sum(r.energy_kwh) AS energy_kwh
        FROM registry_reading r JOIN registry_site s ON s.metering_point = r.metering_point
         AND s.period && daterange(r.month, (r.month + interval '1 month')::date)
        WHERE r.month <= %(day)s GROUP BY 1, 2) monthly
    ORDER BY miner_id, month DESC) last ON last.miner_id = m.id AND last.energy_kwh > 6000
JOIN registry_territoryancestor a ON a.descendant_id = m.territory_id
JOIN registry_territory ru ON ru.id = a.ancestor_id AND ru.code = 'RU'
WHERE m.kind = 'individual' AND m.operating @> %(day)s AND NOT EXISTS (
    SELECT 1 FROM registry_registration r JOIN registry_register g ON g.id = r.register_id AND g.code = 'ru.miners'
    WHERE r.miner_id = m.id AND r.period @> %(day)s)
GROUP BY 1, 2
"""
FOREIGN = """
SELECT m.territory_id, m.kind, count(*) FROM registry_miner m
JOIN registry_territory c ON c.id = m.country_id AND c.code <> 'RU'
JOIN registry_territoryancestor a ON a.descendant_id = m.territory_id
JOIN registry_territory ru ON ru.id = a.ancestor_id AND ru.code = 'RU'
WHERE m.operating @> %(day)s GROUP BY 1, 2
"""
UNDECLARED = """
WITH expected AS (
    SELECT m.id, m.territory_id, m.kind,
           range_agg(daterange(date_trunc('month', lower(r.period))::date,
                     (date_trunc('month', upper(r.period) - 1) + interval '1 month')::date))
           * datemultirange(daterange(date_trunc('month', lower(m.operating))::date,
                     (date_trunc('month', upper(m.operating) - 1) + interval '1 month')::date))
           * datemultirange(daterange('2024-11-01', %(past_last)s)) AS months
    FROM registry_miner m JOIN registry_registration r ON r.miner_id = m.id
    JOIN registry_register g ON g.id = r.register_id AND g.code = 'ru.miners'
    JOIN registry_territoryancestor a ON a.descendant_id = m.territory_id
    JOIN registry_territory ru ON ru.id = a.ancestor_id AND ru.code = 'RU'
    WHERE m.kind <> 'operator' AND r.period IS NOT NULL GROUP BY m.id),
declared AS (
    SELECT miner_id, range_agg(daterange(month, (month + interval '1 month')::date)) AS months,
           bool_or(declared_on > %(day)s AND (month + interval '1 month 20 days')::date <= %(day)s) AS late
    FROM registry_declaration GROUP BY 1)
SELECT territory_id, kind, count(*) FROM expected LEFT JOIN declared ON declared.miner_id = expected.id
WHERE NOT isempty(expected.months - COALESCE(declared.months, '{}')) OR COALESCE(declared.late, false)
GROUP BY 1, 2
"""
BANNED = """
SELECT s.territory_id, m.kind, count(*) FROM registry_site s JOIN registry_miner m ON m.id = s.miner_id
WHERE s.period @> %(day)s AND s.off_grid = false AND s.territory_id IN (
    SELECT a.descendant_id FROM registry_territoryancestor a
    JOIN compliance_bannedarea b ON b.territory_id = a.ancestor_id AND NOT b.partial AND b.period @> %(day)s
    JOIN compliance_norm n ON n.id = b.norm_id AND n.in_force @> %(day)s)
GROUP BY 1, 2
"""
OPEN_FINDINGS = """
SELECT territory_id, kind, norm_id, count(*) FROM compliance_finding WHERE valid @> %(day)s GROUP BY 1, 2, 3
"""


def timed(sql: str, params: Any = None) -> tuple[float, list[tuple[Any, ...]]]:
    """Seconds and rows of one statement."""
    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(sql, params)
        rows = cursor.fetchall() if cursor.description else []
        return time.perf_counter() - started, rows


def import_miners(path: Path) -> float:
    """Seconds for one COPY of the file into staging and one INSERT … ON CONFLICT into tables with the same indexes."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        started = time.perf_counter()
        with path.open("rb") as file, cursor.copy(COPY) as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        cursor.execute("ANALYZE raw.staged")
        cursor.execute(UPSERT)
        seconds = time.perf_counter() - started
        cursor.execute("DROP SCHEMA raw CASCADE")
    return seconds


def findings(day: dt.date) -> tuple[float, dict[str, int]]:
    """Seconds and the number of open findings per norm, straight from the register."""
    past_last = day.replace(day=1) if day.day > 20 else (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    statements: dict[str, tuple[str, dict[str, Any]]] = {
        "ru.registration.miner": (UNREGISTERED, {"kinds": ["legal_entity", "entrepreneur"], "register": "ru.miners"}),
        "ru.registration.operator": (UNREGISTERED, {"kinds": ["operator"], "register": "ru.operators"}),
        "ru.limit.individual": (ABOVE_LIMIT, {}),
        "ru.eligibility.foreign": (FOREIGN, {}),
        "ru.reporting.monthly": (UNDECLARED, {"past_last": past_last}),
        "ru.ban": (BANNED, {}),
    }
    total, counted = 0.0, {}
    for norm, (sql, params) in statements.items():
        seconds, rows = timed(sql, {"day": day} | params)
        total += seconds
        counted[norm] = sum(row[2] for row in rows)
    return total, counted


def rates(day: dt.date, months: list[dt.date]) -> tuple[float, int]:
    """Seconds and the miners on file: the counts of every stored month and of the day, one plain statement a month."""
    total, on_file = 0.0, 0
    for month in months:
        seconds, rows = timed(ON_FILE, {"day": month})
        sighted, _ = timed(SIGHTED, {"day": month})
        total += seconds + sighted
        on_file = sum(row[2] for row in rows)
    return total, on_file
