"""How the figures are put together for a page: rows that say the same are joined, and nothing is left out."""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]
Key = Callable[[Row], Any]


def joined_amounts(rows: Iterable[Row], key: Key) -> list[Row]:
    """One row per key where all its amounts are in one currency: its unpriced findings join the priced ones.

    Where amounts come in several currencies, the unpriced findings keep a row of their own.
    """
    joined = []
    for group in grouped(rows, key):
        priced = [row for row in group if row["currency"]]
        if len(priced) == 1:
            findings, unpriced = (sum(row[name] for row in group) for name in ("findings", "unpriced"))
            joined.append(priced[0] | {"findings": findings, "unpriced": unpriced})
        else:
            joined += group
    return joined


def by_book(rows: Iterable[Row]) -> list[Row]:
    """The rows of a table under the title of their book."""
    joined = joined_amounts(rows, lambda row: (row["book_code"], row["code"]))
    return [{"book": group[0]["book"], "rows": group} for group in grouped(joined, lambda row: row["book_code"])]


def sanctions_by_book(rows: Iterable[Row]) -> list[Row]:
    """Per book, the norms with all that may be imposed on the same findings in one sentence."""
    return [
        {
            "book": book[0]["book"],
            "rows": [
                {
                    "norm": norm[0]["norm"],
                    "findings": norm[0]["findings"],
                    "sanction": "; ".join(row["sanction"] for row in norm),
                }
                for norm in grouped(book, lambda row: (row["norm"], row["findings"]))
            ],
        }
        for book in grouped(rows, lambda row: row["book_code"])
    ]


def bans_by_rule(rows: Iterable[Row]) -> list[Row]:
    """Territories that one act bans for the same days; municipalities are named after their region."""
    same = ("citation", "article", "first_day", "last_day", "partial", "note", "confidence", "cited")
    rules = []
    for rule in grouped(rows, lambda row: tuple(str(row[name]) for name in same)):
        regions = [row for row in rule if row["level"] != "municipality"]
        places = [f"{row['territory']} ({row['territory_code']})" for row in regions]
        for region in grouped((row for row in rule if row not in regions), lambda row: row["within"]):
            names = ", ".join(sorted(row["territory"] for row in region))
            places.append(f"in {region[0]['within']}: {names}")
        rules.append({name: rule[0][name] for name in same} | {"places": "; ".join(places)})
    return rules


def claim_figure(claim: Row) -> str:
    """A claim's figure for a narrow column: 30 %, 20–40 %, at least 1,000 miners."""
    low, high = (None if claim[name] is None else Decimal(claim[name]) for name in ("low", "high"))
    unit = claim["unit"]
    if unit == "share":
        low, high = (
            None if end is None else (end * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) for end in (low, high)
        )
        unit = "%"
    if low is None and high is None:
        return ""
    if high is None:
        text = f"at least {plain(low)}"
    elif low is None:
        text = f"at most {plain(high)}"
    else:
        text = plain(low) if low == high else f"{plain(low)}–{plain(high)}"
    return f"{text} {unit}".strip()


def plain(value: Decimal | None) -> str:
    """With thousands apart and no empty decimals."""
    text = "" if value is None else f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(rows: Iterable[Row], key: Key) -> list[list[Row]]:
    """The rows by key, in the order in which each key first comes."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.values())
