"""Territories: loading the tree of ISO 3166, and adding what the law names below it."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pycountry
from django.db import connection, transaction

from registry.choices import TerritoryKind

# ISO 3166-2 spells regions in a transliteration (“Irkutskaya oblast'”); these are their usual English names.
ENGLISH_NAMES = Path(__file__).resolve().parent.parent / "seed" / "region_names.csv"


@dataclass(frozen=True)
class TerritoryRow:
    """A territory to be on file; `parent` is a code, empty for a country."""

    code: str
    name: str
    kind: str
    parent: str = ""


@dataclass(frozen=True)
class Loaded:
    """How many rows were created, changed, and left as they were."""

    created: int
    changed: int
    unchanged: int


# Ids are drawn before anything is stored, so that a region and its parent go in with one statement: the trigger
# that flattens the tree fires once.
STORE = """
WITH incoming AS MATERIALIZED (
    SELECT row.code, row.name, row.kind, row.parent,
           COALESCE(old.id, nextval(pg_get_serial_sequence('registry_territory', 'id'))) AS id
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS row (code, name, kind, parent)
    LEFT JOIN registry_territory old ON old.code = row.code
), stored AS (
    INSERT INTO registry_territory AS territory (id, code, name, kind, parent_id)
    SELECT incoming.id, incoming.code, incoming.name, incoming.kind, COALESCE(sibling.id, above.id)
    FROM incoming
    LEFT JOIN incoming sibling ON sibling.code = incoming.parent
    LEFT JOIN registry_territory above ON above.code = incoming.parent
    ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind, parent_id = EXCLUDED.parent_id
    WHERE (territory.name, territory.kind, territory.parent_id)
        IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.kind, EXCLUDED.parent_id)
    RETURNING territory.xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM stored
"""


def iso_territories() -> list[TerritoryRow]:
    """All countries of ISO 3166-1 and all subdivisions of ISO 3166-2, each under what it lies in."""
    with ENGLISH_NAMES.open(encoding="utf-8", newline="") as lines:
        english = {row["code"]: row["name"] for row in csv.DictReader(lines)}
    rows = [
        TerritoryRow(country.alpha_2, getattr(country, "common_name", country.name), TerritoryKind.COUNTRY)
        for country in pycountry.countries
    ]
    rows += [
        TerritoryRow(
            region.code,
            english.get(region.code, region.name),
            TerritoryKind.REGION,
            region.parent_code or region.country_code,
        )
        for region in pycountry.subdivisions
    ]
    return rows


def territories_store(*, rows: Iterable[TerritoryRow]) -> Loaded:
    """Puts the territories on file with one statement; those on file already are changed only where they differ."""
    listed = list(rows)
    columns = [[getattr(row, name) for row in listed] for name in ("code", "name", "kind", "parent")]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STORE, columns)
        created, changed = cursor.fetchone()
        if created + changed > 100:
            cursor.execute("ANALYZE registry_territory, registry_territoryancestor")
    return Loaded(created, changed, len(listed) - created - changed)


def territories_load() -> Loaded:
    """Loads ISO 3166; may be run again at any time."""
    return territories_store(rows=iso_territories())
