"""Decomposable graphs over three to five lists: which there are, and the cliques and separators of each."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

FEWEST_LISTS, MOST_LISTS = 3, 5


@dataclass(frozen=True)
class Graph:
    """Two lists that no clique holds together are independent given the rest. Lists are numbered from 0.

    `separators` come as often as the junction tree has them, the empty set among them where parts do not touch; there
    is always one clique more than separators.
    """

    cliques: tuple[frozenset[int], ...]
    separators: tuple[frozenset[int], ...]

    @property
    def name(self) -> str:
        """The cliques by list numbers from 1, as the literature writes them: "[1,23]"."""
        return "[" + ",".join("".join(str(at + 1) for at in sorted(clique)) for clique in self.cliques) + "]"


@lru_cache(maxsize=3)
def graphs(lists: int) -> tuple[Graph, ...]:
    """All decomposable graphs on so many labelled lists: 8, 61, 822 for 3, 4, 5; those with fewest edges first."""
    pairs = list(combinations(range(lists), 2))
    found = []
    for size in range(len(pairs) + 1):
        for edges in combinations(pairs, size):
            graph = _decomposed(lists, edges)
            if graph:
                found.append(graph)
    return tuple(found)


@lru_cache(maxsize=3)
def incidence(lists: int) -> NDArray[np.float64]:
    """How often each set of lists counts in each graph: cliques less separators, shape (graphs, 2^K).

    The column of a set is the sum of 2^j over its lists j, so column 0 is the empty set.
    """
    every = graphs(lists)
    found = np.zeros((len(every), 2**lists))
    for row, graph in enumerate(every):
        for clique in graph.cliques:
            found[row, _code(clique)] += 1
        for separator in graph.separators:
            found[row, _code(separator)] -= 1
    found.setflags(write=False)
    return found


def _code(lists: frozenset[int]) -> int:
    return sum(1 << at for at in lists)


def _decomposed(lists: int, edges: tuple[tuple[int, int], ...]) -> Graph | None:
    """Cliques and separators by eliminating lists whose neighbours are all joined; none where there is no such list."""
    neighbours: dict[int, set[int]] = {at: set() for at in range(lists)}
    for one, other in edges:
        neighbours[one].add(other)
        neighbours[other].add(one)
    joined = set(edges)
    left, cliques = set(range(lists)), list[frozenset[int]]()
    while left:
        for at in sorted(left):
            around = sorted(neighbours[at] & left)
            if all(pair in joined for pair in combinations(around, 2)):
                cliques.append(frozenset([at, *around]))
                left.remove(at)
                break
        else:
            return None
    largest = [one for one in cliques if not any(one < other for other in cliques)]
    return Graph(tuple(sorted(largest, key=sorted)), _separators(largest))


def _separators(cliques: list[frozenset[int]]) -> tuple[frozenset[int], ...]:
    """The edges of a junction tree: a spanning tree of the cliques with the largest intersections (Jensen 1988)."""
    inside, outside, found = cliques[:1], cliques[1:], []
    while outside:
        shared, clique = max(
            ((one & other, other) for one in inside for other in outside),
            key=lambda edge: (len(edge[0]), sorted(edge[1])),
        )
        found.append(shared)
        inside.append(clique)
        outside.remove(clique)
    return tuple(found)
