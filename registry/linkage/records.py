"""Records: what is compared of sightings and of what they may be, with names and addresses brought to one form."""

import duckdb

# What the register hands over: a row per sighting to be linked or to be linked to (kind s, number: its id), and a row
# per site of a miner (kind m, number: the miner's id, part: the site's).
COLUMNS = {
    "kind": "VARCHAR",
    "number": "BIGINT",
    "part": "BIGINT",
    "free": "BOOLEAN",
    "name": "VARCHAR",
    "address": "VARCHAR",
    "territory": "BIGINT",
    "region": "BIGINT",
    "power_kw": "DOUBLE",
    "devices": "DOUBLE",
    "seen_on": "DATE",
}
MINER, SIGHTING = "m", "s"

LONG_FORMS = (
    "общество с ограниченной ответственностью",
    "публичное акционерное общество",
    "акционерное общество",
    "индивидуальный предприниматель",
)
# Legal forms and the words of the trade say nothing of who it is; nor do the words of an address that are not names.
NAME_WORDS = (
    *("ооо", "оао", "зао", "пао", "ао", "ип", "нко", "тоо", "llc", "ltd", "inc", "jsc", "ooo", "ip", "co", "company"),
    *("майнинг", "майнер", "ферма", "mining", "miner", "farm", "synthetic", "sample"),
)
ADDRESS_WORDS = (
    *("улица", "ул", "проспект", "пр", "просп", "переулок", "пер", "шоссе", "ш", "дом", "д", "строение", "стр"),
    *("корпус", "корп", "город", "г", "поселок", "пос", "п", "село", "с", "деревня", "дер"),
    *("street", "str", "st", "avenue", "ave", "road", "rd", "house", "sample"),
)

RECORDS = r"""
CREATE OR REPLACE TABLE record AS
WITH plain AS (
    SELECT *, kind || number || COALESCE('.' || part, '') AS key,
           list_filter(string_split(
               regexp_replace({name}, '[^0-9a-zа-я]+', ' ', 'g'), ' '),
               lambda word: word <> '' AND NOT list_contains($name_words, word)) AS name_words,
           list_filter(string_split(
               -- “12 а”, “12-а” and “12а” are one house.
               regexp_replace(regexp_replace({address}, '([0-9])[ -]*([a-zа-я])($|[^0-9a-zа-я])', '\1\2\3', 'g'),
                              '[^0-9a-zа-я]+', ' ', 'g'), ' '),
               lambda word: word <> '' AND NOT list_contains($address_words, word)) AS address_words
    FROM handed
)
SELECT key, kind, number, free, territory, region, power_kw, devices, seen_on, name_words,
       -- Numbers are compared as they stand: 12 and 21 are as far apart as can be.
       NULLIF({name_letters}, '') AS name, {name_numbers} AS name_number,
       NULLIF({street}, '') AS street, {house} AS house
FROM plain
"""
WORDS = "array_to_string(list_filter({words}, lambda word: {which} regexp_matches(word, '[0-9]')), ' ')"
LETTERS = "translate(lower(COALESCE({column}, '')), 'ё', 'е')"

# Pairs are found by the two rarest words of a name, and by the longest word of an address. Of a word of letters only
# the beginning counts, so that most slips of the pen leave it as it is. A word that no other record has finds nothing.
KEYS = """
CREATE OR REPLACE TABLE word AS
WITH word AS (
    SELECT DISTINCT key, CASE WHEN regexp_matches(word, '[0-9]') THEN word ELSE left(word, 4) END AS word
    FROM (SELECT key, unnest(name_words) AS word FROM record)
),
common AS (SELECT word, count(*) AS n FROM word GROUP BY word HAVING count(*) > 1)
SELECT key, word, row_number() OVER (PARTITION BY key ORDER BY n, length(word) DESC, word) AS place
FROM word JOIN common USING (word);
CREATE OR REPLACE TABLE keyed AS
SELECT record.* EXCLUDE (name_words), one.word AS name_a, two.word AS name_b,
       left(list_reduce(string_split(street, ' '),
                        lambda longest, word: CASE WHEN length(word) > length(longest) THEN word ELSE longest END), 4)
           AS street_key
FROM record
LEFT JOIN word one ON one.key = record.key AND one.place = 1
LEFT JOIN word two ON two.key = record.key AND two.place = 2
"""


def records_make(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `keyed` out of `handed`: a row per record, in one form, with the keys by which pairs are found; and
    `free_record`, those that are to be linked."""
    name, address = LETTERS.format(column="name"), LETTERS.format(column="address")
    for form in LONG_FORMS:
        name = f"replace({name}, '{form}', ' ')"
    words = {
        "name_letters": WORDS.format(words="name_words", which="NOT"),
        "name_numbers": WORDS.format(words="name_words", which=""),
        "street": WORDS.format(words="address_words", which="NOT"),
        "house": WORDS.format(words="address_words", which=""),
    }
    connection.execute(
        RECORDS.format(name=name, address=address, **words),
        {"name_words": list(NAME_WORDS), "address_words": list(ADDRESS_WORDS)},
    )
    connection.execute(KEYS)
    connection.execute("CREATE OR REPLACE VIEW free_record AS SELECT * FROM keyed WHERE free")
