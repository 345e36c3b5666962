"""The published data sets and the answers that the literature and the reference implementations give for them."""

import csv
import json
from pathlib import Path
from typing import Any

from compliance.estimates.tables import Table

DATA = Path(__file__).parent / "data"
BINDING = ("published_read", "reference_implementation_run_here")
"""The kinds of answers that tests assert; the others are regressions of our own or memories."""

FILES = {
    "r_users": "r_users_3",
    "lesbian": "lesbian_allegheny_4",
    "kosovo": "kosovo_4",
    "western": "western_us_5",
    "artificial": "artificial_3",
    "spina": "spina_bifida_ny_3",
    "congenital": "congenital_massachusetts_5",
    "diabetes": "diabetes_bruno_4",
}
"""Short names of the tables of lists."""


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a data set, by the name of its file without the ending."""
    with (DATA / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def table(name: str) -> Table:
    """A capture table, by its short name or by its id in `expected.json`."""
    found = rows(FILES.get(name, name))
    lists = [column for column in found[0] if column != "count"]
    return Table.of(lists, [([int(row[one]) for one in lists], int(row["count"])) for row in found])


def expected(dataset: str, *kinds: str) -> list[dict[str, Any]]:
    """The answers for a data set, of these kinds; of the binding ones where none is named."""
    wanted = kinds or BINDING
    document = json.loads((DATA / "expected.json").read_text())
    one = next(one for one in document["datasets"] if one["id"] == FILES.get(dataset, dataset))
    return [row for row in one["expected"] if row["kind"] in wanted]


def answer(dataset: str, **having: Any) -> dict[str, Any]:
    """The one binding answer for a data set whose fields are these."""
    found = [row for row in expected(dataset) if all(row.get(key) == value for key, value in having.items())]
    if len(found) != 1:
        raise LookupError(f"{len(found)} answers of {dataset} have {having}.")
    return found[0]
