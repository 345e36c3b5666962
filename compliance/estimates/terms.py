"""Log-linear models of lists by their interactions: the published notation, the designs, and all models of a kind."""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Terms = tuple[frozenset[int], ...]
"""The interactions besides the main effects: sets of two or more list numbers, from 0, in the order of `canonical`."""

Floats = NDArray[np.float64]

DIGITS = "123456789a"
"""How the lists are numbered in the name of a model; the tenth is `a`."""


def canonical(terms: Iterable[Collection[int]]) -> Terms:
    """The interactions with all that they contain (a model is hierarchical), pairs first, each once."""
    return _closed(tuple(frozenset(term) for term in terms))


@lru_cache(maxsize=4096)
def _closed(terms: Terms) -> Terms:
    closed = {
        frozenset(part)
        for term in terms
        for size in range(2, len(term) + 1)
        for part in itertools.combinations(sorted(term), size)
    }
    return tuple(sorted(closed, key=_place))


def _place(term: frozenset[int]) -> tuple[int, list[int]]:
    return len(term), sorted(term)


def model_name(terms: Terms) -> str:
    """The published notation by generators: "[12,13]", "[123,14,34]"; "[]" is the main effects alone."""
    largest = [term for term in terms if not any(term < other for other in terms)]
    names = sorted("".join(DIGITS[place] for place in sorted(term)) for term in largest)
    return f"[{','.join(names)}]"


def parse_model(name: str, lists: int | None = None) -> Terms:
    """The terms of a published name; a generator of one list, as in "[1,23]", adds nothing to its main effect.

    Raises `ValueError` where the name is none, or names a list that is not there.
    """
    written = re.fullmatch(r"\[([1-9a]*(?:,[1-9a]+)*)\]", name.replace(" ", ""))
    if not written:
        raise ValueError(f"“{name}” does not name a model; “[12,13]” or “[123,14]” would.")
    parts = [part for part in written[1].split(",") if part]
    places = [{DIGITS.index(digit) for digit in part} for part in parts]
    if lists is not None and any(place >= lists for part in places for place in part):
        raise ValueError(f"“{name}” names a list beyond the {lists} there are.")
    return canonical(places)


def model_words(name: str, lists: Sequence[str]) -> str:
    """The model of a published name with the names of its lists: “grid with pool, network with pool”."""
    terms = [term for term in name.strip("[]").split(",") if term]
    if not terms:
        return "independent lists"
    if not lists or any(digit not in DIGITS[: len(lists)] for term in terms for digit in term):
        return name
    return ", ".join(" with ".join(lists[DIGITS.index(digit)] for digit in term) for term in terms)


def pairs(lists: int) -> list[frozenset[int]]:
    """All pairs of lists, (1,2) first."""
    return [frozenset(pair) for pair in itertools.combinations(range(lists), 2)]


@lru_cache(maxsize=8)
def pairwise_models(lists: int) -> tuple[Terms, ...]:
    """All 2^(K(K−1)/2) models of main effects and pairs: 2, 8, 64, 1,024 for 2 to 5 lists, the smallest first.

    For two lists the pair cannot be told from the unseen, so that one of the two has no estimate.
    """
    every = pairs(lists)
    return tuple(chosen for size in range(len(every) + 1) for chosen in itertools.combinations(every, size))


def hierarchical_models(lists: int, order: int = 3) -> list[Terms]:
    """All hierarchical models with interactions of up to `order` lists: 113 for four lists and order 3."""
    models: list[Terms] = list(pairwise_models(lists))
    for size in range(3, order + 1):
        models = [grown for model in models for grown in _grown(model, lists, size)]
    return models


def _grown(model: Terms, lists: int, size: int) -> Iterator[Terms]:
    """The model with any choice of those interactions of this size all of whose parts it has."""
    there = set(model)
    possible = [
        frozenset(term)
        for term in itertools.combinations(range(lists), size)
        if all(frozenset(part) in there for part in itertools.combinations(term, size - 1))
    ]
    for count in range(len(possible) + 1):
        for chosen in itertools.combinations(possible, count):
            yield model + chosen


def mask(term: Collection[int]) -> int:
    """The term as a number: the bit of each of its lists."""
    return sum(1 << place for place in term)


def masks(lists: int, terms: Terms) -> tuple[int, ...]:
    """The parameters as numbers: 0 for the intercept, then the main effects, then the terms."""
    return (0, *(1 << place for place in range(lists)), *(mask(term) for term in terms))


@lru_cache(maxsize=4096)
def design(lists: int, columns: tuple[int, ...]) -> Floats:
    """The 0/1 design of these parameters over the observable histories, shape (2^K − 1, p)."""
    codes = np.arange(1, 2**lists)[:, None]
    wanted = np.array(columns)[None, :]
    matrix = ((codes & wanted) == wanted).astype(np.float64)
    matrix.setflags(write=False)
    return matrix
