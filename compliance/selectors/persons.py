"""Findings of persons: what is found of one of their miners on file is found of the person, once."""

from registry.selectors.persons import MINERS_OF_PERSONS

# What overlaps or adjoins is one breach; its facts are those of its first part. A breach at a site stays where the site
# lies. Whoever is on file once is left as found.
OF_PERSONS = f"""
WITH of_person AS (
    SELECT found.norm_id, twice.person_id, found.site_id,
           CASE WHEN found.site_id IS NULL THEN person.territory_id ELSE found.territory_id END AS territory_id,
           person.kind, found.valid, found.facts, found.miner_id
    FROM {{found}} found JOIN {MINERS_OF_PERSONS} twice ON twice.miner_id = found.miner_id
    JOIN registry_miner person ON person.id = twice.person_id
),
stretch AS (
    SELECT norm_id, person_id, site_id, territory_id, kind, unnest(range_agg(valid)) AS valid
    FROM of_person GROUP BY 1, 2, 3, 4, 5
)
SELECT stretch.norm_id, stretch.person_id AS miner_id, stretch.site_id, stretch.territory_id, stretch.kind,
       stretch.valid,
       (SELECT part.facts FROM of_person part
        WHERE part.person_id = stretch.person_id AND part.norm_id = stretch.norm_id
          AND part.site_id IS NOT DISTINCT FROM stretch.site_id AND part.valid <@ stretch.valid
        ORDER BY lower(part.valid) NULLS FIRST, part.miner_id <> part.person_id, part.miner_id LIMIT 1) AS facts
FROM stretch
"""


def findings_of_persons(found: str) -> str:
    """SQL for what a table or a query in brackets yields of persons on file more than once.

    It yields norm_id, miner_id, site_id, territory_id, kind, valid and facts, and so does the answer.
    """
    return OF_PERSONS.format(found=found)
