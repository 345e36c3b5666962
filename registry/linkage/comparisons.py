"""Comparisons: what is held against each other of a pair, and how telling each outcome is before any training."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Level:
    """One outcome: its words, its condition in SQL, and how often it is met among true pairs (m) and others (u)."""

    words: str
    condition: str
    m: float
    u: float


@dataclass(frozen=True)
class Comparison:
    name: str
    unknown: str
    levels: tuple[Level, ...]

    def settings(self, trained: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
        """As splink takes it, with the trained probabilities in place of the fixed ones where there are any."""
        pairs = trained.get(self.name) or [(level.m, level.u) for level in self.levels]
        levels: list[dict[str, Any]] = [
            {"sql_condition": self.unknown, "label_for_charts": "not known", "is_null_level": True}
        ]
        levels += [
            {
                "sql_condition": level.condition,
                "label_for_charts": level.words,
                "m_probability": m,
                "u_probability": u,
            }
            for level, (m, u) in zip(self.levels, pairs, strict=True)
        ]
        return {"output_column_name": self.name, "comparison_levels": levels}


def _apart(column: str, share: float) -> str:
    return f'abs("{column}_l" - "{column}_r") <= {share} * greatest("{column}_l", "{column}_r")'


def _alike(column: str, similarity: float) -> str:
    return f'jaro_winkler_similarity("{column}_l", "{column}_r") >= {similarity}'


# One address may name the town and the other not.
STREET = (
    f"({_alike('street', 0.92)} OR list_has_all(string_split(street_l, ' '), string_split(street_r, ' '))"
    " OR list_has_all(string_split(street_r, ' '), string_split(street_l, ' ')))"
)
# A report may leave out the number of a name; of two numbers, each counts as it stands.
SAME_NUMBER = "(name_number_l = name_number_r OR name_number_l = '' OR name_number_r = '')"
SAME_HOUSE = "house_l = house_r"

# The fixed probabilities are assumed. They are used until there are enough pairs to train on.
COMPARISONS = (
    Comparison(
        "name",
        "name_l IS NULL OR name_r IS NULL",
        (
            Level("the same", f"name_l = name_r AND {SAME_NUMBER}", 0.60, 0.0002),
            Level("but for a slip", f"{_alike('name', 0.94)} AND {SAME_NUMBER}", 0.25, 0.0003),
            Level("alike", f"{_alike('name', 0.88)} AND {SAME_NUMBER}", 0.05, 0.001),
            Level("alike, with another number", _alike("name", 0.94), 0.02, 0.0035),
            Level("different", "ELSE", 0.08, 0.995),
        ),
    ),
    Comparison(
        "address",
        "street_l IS NULL OR street_r IS NULL",
        (
            Level("the same", f"street_l = street_r AND {SAME_HOUSE} AND house_l <> ''", 0.55, 0.0002),
            Level("but for a slip or the town", f"{STREET} AND {SAME_HOUSE} AND house_l <> ''", 0.25, 0.0003),
            Level(
                "the street, a house unknown",
                f"{STREET} AND (house_l = '' OR house_r = '')",
                0.08,
                0.0035,
            ),
            Level("the street, another house", STREET, 0.04, 0.05),
            Level("different", "ELSE", 0.08, 0.946),
        ),
    ),
    Comparison(
        "place",
        "territory_l IS NULL OR territory_r IS NULL",
        (
            Level("the same", "territory_l = territory_r", 0.80, 0.03),
            Level("the same region", "region_l = region_r", 0.18, 0.03),
            Level("another region", "ELSE", 0.02, 0.94),
        ),
    ),
    Comparison(
        "power",
        "power_kw_l IS NULL OR power_kw_r IS NULL",
        (
            Level("within 10 %", _apart("power_kw", 0.10), 0.60, 0.05),
            Level("within 30 %", _apart("power_kw", 0.30), 0.25, 0.10),
            Level("further apart", "ELSE", 0.15, 0.85),
        ),
    ),
    Comparison(
        "devices",
        "devices_l IS NULL OR devices_r IS NULL",
        (
            Level("within 10 %", _apart("devices", 0.10), 0.55, 0.06),
            Level("within 30 %", _apart("devices", 0.30), 0.25, 0.12),
            Level("further apart", "ELSE", 0.20, 0.82),
        ),
    ),
    Comparison(
        "days",
        "seen_on_l IS NULL OR seen_on_r IS NULL",
        (
            Level("within a month", "abs(seen_on_l - seen_on_r) <= 31", 0.30, 0.12),
            Level("within half a year", "abs(seen_on_l - seen_on_r) <= 183", 0.45, 0.38),
            Level("further apart", "ELSE", 0.25, 0.50),
        ),
    ),
)

# A sighting is held against miners, and against sightings that came in before it.
MAY_BE = "(r.kind = 'm' OR r.number < l.number)"
# The pairs to train on are found by one of these at a time. A comparison whose columns a rule names is not trained on
# what that rule finds, so that agreement by selection is not taken for agreement of true pairs.
TRAINED_ON_NAMES = (
    "l.region = r.region AND l.name_a = r.name_a AND COALESCE(l.name_b, '') = COALESCE(r.name_b, '')"
    " AND l.name <> '' AND r.name <> ''"
)
TRAINED_ON_ADDRESSES = (
    "l.region = r.region AND l.street_key = r.street_key AND l.house = r.house AND l.street <> '' AND r.street <> ''"
)
TRAINED_ON = (TRAINED_ON_NAMES, TRAINED_ON_ADDRESSES)
