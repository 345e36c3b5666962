"""Capture tables for hypothesis to draw: plausible ones, sparse ones, and rubbish."""

import numpy as np
from hypothesis import strategies as st

from compliance.estimates.tables import Table
from compliance.estimates.terms import Terms, canonical, pairs

NAMES = "abcdefghij"


def tables(least: int = 1, most: int = 5, counts: st.SearchStrategy[int] | None = None) -> st.SearchStrategy[Table]:
    """Tables of so many lists, each cell drawn alone."""
    cells = counts if counts is not None else st.integers(0, 200)
    return st.integers(least, most).flatmap(
        lambda lists: st.lists(cells, min_size=2**lists - 1, max_size=2**lists - 1).map(
            lambda row: table_of(row, lists)
        )
    )


def full(least: int = 3, most: int = 4) -> st.SearchStrategy[Table]:
    """Tables without an empty cell, on which every model has an estimate."""
    return tables(least, most, st.integers(1, 400))


def rubbish() -> st.SearchStrategy[Table]:
    """Nothing at all, all in one cell, millions, hardly any overlap."""
    kinds = [
        st.just(0),
        st.integers(0, 1),
        st.integers(0, 3),
        st.sampled_from([0, 0, 0, 7, 10**7]),
        st.integers(0, 10**9),
    ]
    return st.one_of([tables(1, 4, kind) for kind in kinds])


def some_terms(lists: int) -> st.SearchStrategy[Terms]:
    """Any pairwise model but the one that has all pairs of two lists, which is never identified."""
    every = pairs(lists) if lists > 2 else []
    return st.sets(st.sampled_from(every)).map(canonical) if every else st.just(())


def table_of(row: list[int], lists: int) -> Table:
    return Table(tuple(NAMES[:lists]), np.array(row, dtype=np.int64))


def permuted(table: Table, order: list[int]) -> Table:
    """The same operations, the lists in another order."""
    return table.only([table.lists[place] for place in order])
