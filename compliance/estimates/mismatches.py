"""What errors of matching do to a table of the register and its lists, and how that is undone."""

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.tables import Table, histories
from compliance.estimates.terms import Floats

Places = NDArray[np.intp]


def expected(table: Table, register: str, sensitivity: float, false_links: float = 0.0) -> Floats:
    """The counts that are seen on average where the table is what there is, shape (2^K − 1,).

    Of the sightings of an unregistered operation, one, whichever, stands for it; of a registered one its entry does.
    Each other is found to be of it with the chance `sensitivity`; else it stands for itself, as if of an unregistered
    one. Of the unregistered on one list alone the part `false_links` is taken for another operation, any that is not on
    that list.
    """
    counts = table.counts.astype(np.float64)
    return _errors(table, register, sensitivity, false_links, counts) @ counts


def undone(table: Table, register: str, sensitivity: float, false_links: float = 0.0) -> Table:
    """The table that would be seen as this one on average, in whole numbers, with the register's own left alone.

    No count falls below 0. Raises `ValueError` where a match says nothing.
    """
    if sensitivity - false_links <= 0:
        raise ValueError("A match says nothing where true ones are not found more often than false ones.")
    if sensitivity == 1 and not false_links:
        return table
    counts = table.counts.astype(np.float64)
    # What a false link leads to is one of those that are there, whose number is first taken as seen.
    found = np.linalg.solve(_errors(table, register, sensitivity, false_links, counts), counts)
    return Table(table.lists, _whole(np.maximum(found, 0.0), _groups(table.k, table.place(register))))


def _errors(table: Table, register: str, sensitivity: float, false_links: float, present: Floats) -> Floats:
    """Column by column, what one operation of a history is seen as on average; shape (2^K − 1, 2^K − 1)."""
    place = table.place(register)
    sources, targets, kept, lost, weights = _splits(table.k, place)
    matrix = np.zeros((len(table.counts),) * 2)
    chance = weights * sensitivity**kept * (1 - sensitivity) ** lost
    np.add.at(matrix, (targets, sources), chance)
    if false_links:
        _add_false(matrix, table.k, place, false_links, present)
    return matrix


def _add_false(matrix: Floats, lists: int, register: int, false_links: float, present: Floats) -> None:
    codes = np.arange(1, 2**lists)
    for bit in (1 << at for at in range(lists) if at != register):
        others = codes[codes & bit == 0]
        shares = present[others - 1]
        if not shares.sum():
            continue
        moved = false_links * shares / shares.sum()
        matrix[bit - 1, bit - 1] -= false_links
        matrix[others - 1, bit - 1] -= moved
        matrix[(others | bit) - 1, bit - 1] += moved


@lru_cache(maxsize=64)
def _splits(lists: int, register: int) -> tuple[Places, Places, Places, Places, Floats]:
    """All that the operations of each history can be seen as: rows of source, target, sightings kept, lost, weight."""
    rows: list[tuple[int, int, int, int, float]] = []
    own = 1 << register
    for code in range(1, 2**lists):
        bits = [1 << at for at in range(lists) if code >> at & 1 and at != register]
        stands = [own] if code & own else bits
        for one in stands:
            rest = [bit for bit in bits if bit != one]
            for size in range(len(rest) + 1):
                for gone in combinations(rest, size):
                    numbers = (len(rest) - size, size, 1 / len(stands))
                    rows.append((code - 1, (code & ~sum(gone)) - 1, *numbers))
                    rows += [(code - 1, bit - 1, *numbers) for bit in gone]
    table = np.array(rows)
    sources, targets, kept, lost = (table[:, at].astype(np.intp) for at in range(4))
    return sources, targets, kept, lost, table[:, 4]


@lru_cache(maxsize=64)
def _groups(lists: int, register: int) -> tuple[Places, ...]:
    """Histories of equally many lists, of the registered and of the others."""
    bits = histories(lists)
    keys = bits.sum(axis=1).astype(np.int64) * 2 + bits[:, register]
    return tuple(np.flatnonzero(keys == key) for key in np.unique(keys))


def _whole(values: Floats, groups: tuple[Places, ...]) -> NDArray[np.int64]:
    """Rounded, with what is rounded off carried on within a group: small overlaps are not all rounded the same way."""
    found = np.zeros(len(values), dtype=np.int64)
    for group in groups:
        found[group] = np.diff(np.rint(np.cumsum(values[group]) + 1e-9), prepend=0.0).astype(np.int64)
    return found
