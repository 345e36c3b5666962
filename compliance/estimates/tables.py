"""Capture tables: how many operations have which history over the lists; the input of every estimator of lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Bits = NDArray[np.uint8]

MOST_LISTS = 10


class TableRefused(ValueError):
    """The numbers are not a capture table; the message says what is wrong and what would be right."""


@lru_cache(maxsize=MOST_LISTS + 1)
def histories(lists: int) -> Bits:
    """All observable histories over K lists, shape (2^K - 1, K): row i - 1 holds the bits of i, the first list lowest.

    The history of those whom no list has seen, all zeros, is not among them.
    """
    codes = np.arange(1, 2**lists, dtype=np.int64)
    bits = ((codes[:, None] >> np.arange(lists)) & 1).astype(np.uint8)
    bits.setflags(write=False)
    return bits


@dataclass(frozen=True, eq=False)
class Table:
    """Counts of operations by history: `counts[i]` have the history `histories(K)[i]`; shape (2^K - 1,), whole numbers.

    Raises `TableRefused` where the counts cannot be a table.
    """

    lists: tuple[str, ...]
    counts: Counts

    def __post_init__(self) -> None:
        if not 1 <= len(self.lists) <= MOST_LISTS:
            raise TableRefused(f"A table has 1 to {MOST_LISTS} lists, this has {len(self.lists)}.")
        if len(set(self.lists)) < len(self.lists):
            raise TableRefused(f"Two lists bear the same name: {', '.join(self.lists)}.")
        counts = np.asarray(self.counts)
        if counts.shape != (2 ** len(self.lists) - 1,):
            raise TableRefused(f"{len(self.lists)} lists have {2 ** len(self.lists) - 1} histories, not {counts.size}.")
        if counts.dtype.kind not in "iu":
            raise TableRefused("Counts are whole numbers.")
        if (counts < 0).any():
            raise TableRefused("Counts are zero or more.")
        counts = counts.astype(np.int64)
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.lists == other.lists and bool((self.counts == other.counts).all())

    @classmethod
    def of(cls, lists: Sequence[str], rows: Iterable[tuple[Sequence[int], int]]) -> "Table":
        """A table of (history, count) pairs; a history that comes twice is added up, one that is missing counts 0.

        A row of those whom no list has seen is refused where it has a count: nobody can have counted them.
        """
        counts = [0] * (2 ** len(lists) - 1)
        for bits, count in rows:
            if len(bits) != len(lists) or any(bit not in (0, 1) for bit in bits):
                raise TableRefused(f"The history {list(bits)} has not one 0 or 1 for each of {', '.join(lists)}.")
            code = sum(int(bit) << place for place, bit in enumerate(bits))
            if code:
                counts[code - 1] += count
            elif count:
                raise TableRefused(f"{count} are said to be on no list; whom no list has seen cannot be counted.")
        return cls(tuple(lists), np.array(counts, dtype=np.int64))

    @classmethod
    def of_histories(cls, lists: Sequence[str], found: Mapping[int, int]) -> "Table":
        """A table of counts by code of the history, its bits as in `histories`."""
        counts = np.zeros(2 ** len(lists) - 1, dtype=np.int64)
        for code, count in found.items():
            counts[code - 1] += count
        return cls(tuple(lists), counts)

    @property
    def k(self) -> int:
        """The number of lists."""
        return len(self.lists)

    @property
    def bits(self) -> Bits:
        """The histories of the counts, shape (2^K - 1, K)."""
        return histories(self.k)

    @cached_property
    def n(self) -> int:
        """Operations seen by any list."""
        return int(self.counts.sum())

    @cached_property
    def sizes(self) -> Counts:
        """Operations on each list, shape (K,)."""
        return np.asarray(self.counts @ self.bits.astype(np.int64))

    @cached_property
    def overlaps(self) -> Counts:
        """Operations on both lists of each pair, shape (K, K); the diagonal holds the sizes."""
        bits = self.bits.astype(np.int64)
        return np.asarray(bits.T @ (self.counts[:, None] * bits))

    @cached_property
    def frequencies(self) -> Counts:
        """Operations on exactly 1, 2, …, K lists, shape (K,)."""
        on = self.bits.sum(axis=1).astype(np.int64)
        return np.bincount(on, weights=self.counts.astype(np.float64), minlength=self.k + 1)[1:].astype(np.int64)

    def singles(self, place: int) -> int:
        """Operations on this list and no other."""
        return int(self.counts[(1 << place) - 1])

    def place(self, name: str) -> int:
        return self.lists.index(name)

    def without(self, name: str) -> "Table":
        """The table had this list never been kept: who was on it alone is then unseen."""
        return self._collapsed(self.place(name), np.ones_like(self.counts, dtype=bool))

    def outside(self, name: str) -> "Table":
        """The other lists' table of the operations that are not on this one, such as the register."""
        place = self.place(name)
        return self._collapsed(place, self.bits[:, place] == 0)

    def inside(self, name: str) -> "Table":
        """The other lists' table of the operations on this one; those on it alone are on no other and so left out."""
        place = self.place(name)
        return self._collapsed(place, self.bits[:, place] == 1)

    def only(self, names: Sequence[str]) -> "Table":
        """The table of these lists alone, in this order."""
        places = [self.place(name) for name in names]
        codes = (self.bits[:, places].astype(np.int64) << np.arange(len(places))).sum(axis=1)
        return _summed(tuple(names), codes, self.counts)

    def _collapsed(self, place: int, kept: NDArray[np.bool_]) -> "Table":
        rest = [at for at in range(self.k) if at != place]
        codes = (self.bits[kept][:, rest].astype(np.int64) << np.arange(len(rest))).sum(axis=1)
        return _summed(tuple(self.lists[at] for at in rest), codes, self.counts[kept])


def _summed(lists: tuple[str, ...], codes: Counts, counts: Counts) -> Table:
    sums = np.zeros(2 ** len(lists), dtype=np.int64)
    np.add.at(sums, codes, counts)
    return Table(lists, sums[1:])
