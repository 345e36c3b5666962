"""What a noun of the intake is: its columns, and the SQL that resolves, refuses and stores its rows as a set.

The statements see these temporary tables: `staged` (one row per row of the file: `line`, `raw`, `errors`, and the
columns' values), `resolved` (what the good rows mean: `line`, `old_id` of the row on file that they speak of, and the
target's columns) and `refused` (`line`, `column_name`, `value`, `code`, `reason`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from registry.intake.columns import NULL, CellRefused, Column

Present = frozenset[str]
RowCheck = Callable[..., None]


@dataclass(frozen=True)
class Key:
    """What makes two rows of one file speak of the same thing; `columns` are of `resolved`, `shown` of the file."""

    columns: tuple[str, ...]
    shown: str
    words: str


@dataclass(frozen=True)
class Noun:
    """One noun that a file may list."""

    name: str
    help: str
    example: str
    table: str
    columns: tuple[Column, ...]
    # Checks of several cells of one row: the names of the columns, and a function of what they staged.
    row_checks: tuple[tuple[tuple[str, ...], RowCheck], ...]
    # Statements before `resolved` is made.
    prepare: tuple[str, ...]
    resolve: Callable[[Present], str]
    # Queries that give rows for `refused`.
    refusals: tuple[str, ...]
    keys: tuple[Key, ...]
    # The target's columns, each with the file's columns that set it; all are stored for a new row.
    fields: dict[str, tuple[str, ...]]
    # A query for `refused` that is asked again until it finds nothing more.
    until_none: str = ""
    # Statements after the rows are stored; lines that are changed by them go into `touched`.
    after: tuple[str, ...] = ()
    # The ids of new rows are drawn in `resolved` as `new_id`.
    draws_ids: bool = False
    analyze: tuple[str, ...] = field(default=())

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def period(present: Present, *, until: str, old: str) -> str:
    """The half-open period of a row. A file without the column of its end leaves the end as it is on file."""
    if until in present:
        return "daterange(s.starts, s.ends)"
    return f"daterange(s.starts, CASE WHEN upper({old}) > s.starts THEN upper({old}) END)"


def ends_after_start(starts: str, ends: str) -> None:
    """Raises where a period ends before its first day is over; days are staged as ISO text, or NULL."""
    if ends != NULL and starts != NULL and ends <= starts:
        raise CellRefused(
            "ends_before_start",
            f"The period ends on {ends} but begins on {starts}; its end is the first day after it and must be later.",
        )


UNKNOWN_MINER = """
    SELECT line, 'miner', miner_scheme || '=' || miner_value, 'unknown_miner',
           'No miner on file has the identifier ' || miner_scheme || '=' || miner_value || '; import the miner first.'
    FROM resolved WHERE miner_id IS NULL AND miner_scheme IS NOT NULL
"""


def unknown_miner(column: str) -> str:
    """As `UNKNOWN_MINER`, for another column of the file that names a miner."""
    return f"""
        SELECT line, '{column}', {column}_scheme || '=' || {column}_value, 'unknown_{column}',
               'No miner on file has the identifier ' || {column}_scheme || '=' || {column}_value
                   || '; import it first, as a miner.'
        FROM resolved WHERE {column}_id IS NULL AND {column}_scheme IS NOT NULL
    """
