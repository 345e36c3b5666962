"""Who is on file more than once: the one definition of which miners are one person, as SQL over the register."""

# Every miner of the persons who are on file more than once, and the one under which each of them counts.
MINERS_OF_PERSONS = """(
    SELECT miner_id, same_as_id AS person_id FROM registry_merger
    UNION
    SELECT same_as_id, same_as_id FROM registry_merger
)"""
