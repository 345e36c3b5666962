"""Blocking: which pairs are weighed, that no block of a large register runs away, and that parts give the whole."""

import random
from collections.abc import Iterator

import duckdb
import pytest

from registry.linkage import blocking, clusters, model, records

WORDS = ("байкал", "енисей", "ангара", "самоцвет", "кедр", "тайга", "вьюга", "рубин", "гранит", "метель")
STREETS = ("мира", "ленина", "садовая", "лесная", "заводская", "речная")


@pytest.fixture
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in records.COLUMNS.items())
        connection.execute(f"CREATE TABLE handed ({columns})")
        connection.execute("CREATE TABLE verdict (sighting BIGINT, kind VARCHAR, number BIGINT, verdict VARCHAR)")
        connection.execute("CREATE TABLE kept (sighting BIGINT, miner BIGINT, other BIGINT)")
        yield connection


def hand(memory: duckdb.DuckDBPyConnection, kind: str, number: int, name: str, address: str, region: int = 1) -> None:
    free = kind == records.SIGHTING
    memory.execute(
        "INSERT INTO handed VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
        [kind, number, None if free else number, free, name, address, region, region],
    )


def hand_many(memory: duckdb.DuckDBPyConnection, miners: int, sightings: int) -> None:
    chance = random.Random(7)
    for number in range(miners + sightings):
        hand(
            memory,
            records.MINER if number < miners else records.SIGHTING,
            number,
            f"{chance.choice(WORDS)} {chance.choice(WORDS)} {chance.randrange(40)}",
            f"{chance.choice(STREETS)} {chance.randrange(60)}",
            chance.randrange(3),
        )


def pairs(memory: duckdb.DuckDBPyConnection, *, most: int = 200, at_once: int = 5_000_000) -> set[tuple[str, str]]:
    records.records_make(memory)
    blocking.blocks_make(memory, most=most)
    found: list[tuple[str, str]] = []
    for count in blocking.pairs_made(memory, at_once=at_once):
        made = memory.execute("SELECT join_key_l, join_key_r FROM pair").fetchall()
        assert len(made) == count
        found += [(left.split("-__-")[1], right.split("-__-")[1]) for left, right in made]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Байкал", "Мира 3"),  # both words of the name are looked at, and the street with the house
        ("Тайга", "Лесная 12"),
        ("", "ул. Лесная, 12"),
        ("Кедр и Тайга", ""),  # a word that nobody else has does not take the place of one that finds
    ],
)
def test_pair_is_found_by_a_word_of_the_name_or_by_street_and_house(
    memory: duckdb.DuckDBPyConnection, name: str, address: str
) -> None:
    hand(memory, records.MINER, 1, "ООО «Байкал Тайга»", "Лесная, 12")
    hand(memory, records.MINER, 2, "ООО «Рубин Метель»", "Садовая, 12")
    hand(memory, records.MINER, 3, "ООО «Байкал Тайга»", "Лесная, 12", region=2)
    hand(memory, records.SIGHTING, 1, name, address)
    assert pairs(memory) == {("s1", "m1.1")}


def test_sighting_is_held_against_earlier_sightings_and_never_against_itself(memory: duckdb.DuckDBPyConnection) -> None:
    for number in (1, 2, 3):
        hand(memory, records.SIGHTING, number, "Рубин", "")
    assert pairs(memory) == {("s2", "s1"), ("s3", "s1"), ("s3", "s2")}


def test_parts_give_the_pairs_of_the_whole(memory: duckdb.DuckDBPyConnection) -> None:
    hand_many(memory, 60, 60)
    whole = pairs(memory)
    assert len(whole) > 200
    assert pairs(memory, at_once=50) == whole


def test_common_block_gives_way_to_finer_ones_and_is_counted(memory: duckdb.DuckDBPyConnection) -> None:
    for number in range(20):
        hand(memory, records.MINER, number, f"Кедр {WORDS[number % 5]}", f"Лесная, {number}")
    hand(memory, records.SIGHTING, 1, "Кедр", "Лесная 3")
    hand(memory, records.SIGHTING, 2, "Кедр", "")
    assert len(pairs(memory)) == 41
    assert pairs(memory, most=10) == {("s1", "m3.3")}
    records.records_make(memory)
    # The word and the word with the street are met 22 and 21 times, the second sighting has nothing else.
    assert blocking.blocks_make(memory, most=10) == {
        "most_records": 10,
        "common_blocks": 2,
        "held_against_nothing": 1,
    }


def test_pairs_grow_with_the_register_and_not_with_its_square(memory: duckdb.DuckDBPyConnection) -> None:
    hand_many(memory, 400, 400)
    records.records_make(memory)
    blocking.blocks_make(memory, most=20)
    # By rule: two words, both, two with the street, two with the house, the street and the house, the house.
    assert sum(blocking.pairs_made(memory)) <= 400 * 20 * 9


def test_weights_of_parts_are_those_of_the_whole(
    memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_many(memory, 60, 60)
    records.records_make(memory)
    blocking.blocks_make(memory)
    tables = []
    for at_once in (5_000_000, 200):
        monkeypatch.setattr(blocking.pairs_made, "__kwdefaults__", {"at_once": at_once})
        count = clusters.candidates_make(memory, model.weighed(memory, model.fixed()))
        clusters.outcome_make(memory, clusters.Settings())
        tables.append((count, memory.execute("SELECT * FROM candidate ORDER BY ALL").fetchall()))
    assert tables[0] == tables[1]
    assert len(tables[0][1]) > 100
