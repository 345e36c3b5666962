"""What a sighting is about: the one definition of an operation, as SQL over the register as it is or as it was."""

from collections.abc import Sequence

# A link holds where a clerk said so, or where no clerk said anything and the model linked the pair.
HOLDS = "(verdict = 'same' OR (verdict = '' AND status = 'linked'))"
LINKS_THAT_HOLD = f"(SELECT sighting_id, miner_id, other_id FROM registry_link WHERE {HOLDS})"

# Links are few beside sightings, so what they lead to is looked up from their side.
OPERATIONS = """
SELECT sighting.id AS sighting_id,
       COALESCE(merger.same_as_id, named.miner_id) AS miner_id,
       CASE WHEN named.miner_id IS NULL THEN NULLIF(COALESCE(linked.point, sighting.metering_point), '') END AS point,
       CASE WHEN named.miner_id IS NULL AND COALESCE(linked.point, sighting.metering_point) = ''
            THEN COALESCE(linked.single, sighting.id) END AS single{also}
FROM {sightings} sighting
LEFT JOIN {sites} site ON site.metering_point = sighting.metering_point AND sighting.metering_point <> ''
LEFT JOIN (
    SELECT link.sighting_id, other.metering_point AS point, other.id AS single,
           COALESCE(link.miner_id, other.miner_id, other_site.miner_id, other_link.miner_id) AS miner_id
    FROM {links} link
    LEFT JOIN {sightings} other ON other.id = link.other_id
    LEFT JOIN {sites} other_site ON other_site.metering_point = other.metering_point AND other.metering_point <> ''
    LEFT JOIN {links} other_link ON other_link.sighting_id = other.id
) linked ON linked.sighting_id = sighting.id
CROSS JOIN LATERAL (SELECT COALESCE(sighting.miner_id, site.miner_id, linked.miner_id) AS miner_id) named
LEFT JOIN {mergers} merger ON merger.miner_id = named.miner_id
"""


def operations_sql(
    *,
    sightings: str = "registry_sighting",
    sites: str = "registry_site",
    links: str = LINKS_THAT_HOLD,
    mergers: str = "registry_merger",
    also: Sequence[str] = (),
) -> str:
    """SQL that yields for every sighting its sighting_id and one of miner_id, point and single; the others are null.

    That is the miner that it names; else the miner whose site has its metering point; else the miner to whom a link
    that holds leads; else what the other sighting of such a link is about; else its metering point; else the single
    sighting (its id). A miner who is merged counts as the one that it is.

    Each argument is a table or a query in brackets: sightings have id, miner_id and metering_point ('' where there is
    none), sites miner_id and a metering_point that occurs once, mergers miner_id and same_as_id. `links` are only those
    that hold, one per sighting, with sighting_id, miner_id and other_id. `also` names columns of the sightings that
    are passed on.
    """
    passed = "".join(f", sighting.{column}" for column in also)
    return OPERATIONS.format(sightings=sightings, sites=sites, links=links, mergers=mergers, also=passed)
