"""Does a log-linear model have an estimate on a table: is it identified, and does the maximum exist?"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from compliance.estimates.tables import Table
from compliance.estimates.terms import Floats, Terms, canonical, design, masks

Verdict = Literal["ok", "no_mle", "not_identifiable"]
NOTHING = 1e-7
"""The largest s of the linear programme, on a table of ones, that counts as 0."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """What is left of a model where some of its terms are minus infinity: their cells and they themselves are gone.

    `cells` picks the cells that are left, `columns` the parameters; `matrix` is their design.
    """

    matrix: Floats
    cells: NDArray[np.intp]
    columns: NDArray[np.intp]
    rank: int

    @property
    def identified(self) -> bool:
        return self.rank == len(self.columns)


@lru_cache(maxsize=65536)
def reduced(lists: int, parameters: tuple[int, ...], dropped: tuple[int, ...]) -> Reduced:
    """The model of these parameters (as masks) without the dropped ones and without the cells that hold them."""
    codes = np.arange(1, 2**lists)
    left = np.ones(len(codes), dtype=bool)
    for mask in dropped:
        left &= (codes & mask) != mask
    cells = np.flatnonzero(left)
    columns = np.array([place for place, one in enumerate(parameters) if one not in dropped], dtype=np.intp)
    matrix = np.ascontiguousarray(design(lists, parameters)[np.ix_(cells, columns)])
    matrix.setflags(write=False)
    return Reduced(matrix, cells, columns, int(np.linalg.matrix_rank(matrix)) if matrix.size else 0)


def dropped_masks(parameters: tuple[int, ...], totals: Floats) -> tuple[int, ...]:
    """The parameters that are minus infinity because nobody has their history: totals (A'y) of 0."""
    return tuple(mask for mask, total in zip(parameters, totals, strict=True) if mask and total == 0)


def mle_exists(matrix: Floats, seen: NDArray[np.bool_]) -> bool:
    """Is there x > 0 with A'x = A'y? Depends on y by where it is above 0 alone, `seen`, shape (cells,).

    Maximises s subject to A'x = A'1(seen), x ≥ s, x ≥ 0 (Fienberg and Rinaldo 2012; Chan, Silverman and Vincent 2021).
    """
    cells = matrix.shape[0]
    target = np.zeros(cells + 1)
    target[-1] = -1.0
    equal = np.hstack([matrix.T, np.zeros((matrix.shape[1], 1))])
    below = np.hstack([-np.eye(cells), np.ones((cells, 1))])
    answer = linprog(
        target,
        A_ub=below,
        b_ub=np.zeros(cells),
        A_eq=equal,
        b_eq=matrix.T @ seen.astype(np.float64),
        bounds=[(0, None)] * cells + [(0, 1)],
        method="highs",
    )
    return answer.status == 0 and answer.fun is not None and answer.fun < -NOTHING


@dataclass(frozen=True, eq=False)
class _Known:
    """Of the models of one support that drop the same cells, as sets of masks: which have a maximum, and which none.

    An x for a model serves all its parts too. So a part of one that has a maximum has one, and what holds a part that
    has none has none.
    """

    some: list[frozenset[int]]
    none: list[frozenset[int]]


@lru_cache(maxsize=1024)
def _known(lists: int, support: bytes, dropped: tuple[int, ...]) -> _Known:
    """What is known at first: the answer for all pairs that somebody has, which mostly settles all pairwise models."""
    seen = np.frombuffer(support, dtype=np.uint8).astype(bool)
    codes = tuple(mask for mask in range(1, 2**lists) if mask.bit_count() <= 2)
    totals = design(lists, codes).T @ seen.astype(np.float64)
    most = (0, *(mask for mask, total in zip(codes, totals, strict=True) if total), *dropped)
    rest = reduced(lists, most, dropped)
    if mle_exists(rest.matrix, seen[rest.cells]):
        return _Known([frozenset(most)], [])
    return _Known([], [frozenset(most)])


@lru_cache(maxsize=65536)
def exists_on(lists: int, parameters: tuple[int, ...], support: bytes) -> Verdict:
    """The verdict by pattern of support: one byte per cell, 1 where somebody has that history."""
    seen = np.frombuffer(support, dtype=np.uint8).astype(bool)
    if not seen.any():
        return "no_mle"
    totals = design(lists, parameters).T @ seen.astype(np.float64)
    dropped = dropped_masks(parameters, totals)
    rest = reduced(lists, parameters, dropped)
    if not rest.identified:
        return "not_identifiable"
    own, known = frozenset(parameters), _known(lists, support, dropped)
    if any(part <= own for part in known.none):
        return "no_mle"
    if any(own <= whole for whole in known.some):
        return "ok"
    exists = mle_exists(rest.matrix, seen[rest.cells])
    (known.some if exists else known.none).append(own)
    return "ok" if exists else "no_mle"


def support_of(counts: NDArray[np.int64]) -> bytes:
    """Where a table is above 0, as `exists_on` takes it."""
    return (counts > 0).astype(np.uint8).tobytes()


def verdict(table: Table, terms: Terms) -> Verdict:
    """Whether the model has an estimate on the table; an interaction that nobody has is minus infinity, not a fault."""
    return exists_on(table.k, masks(table.k, canonical(terms)), support_of(table.counts))
