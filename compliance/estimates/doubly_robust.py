"""Two lists, independent given what is known of each operation: the doubly robust estimate of the population."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from compliance.estimates.intervals import log_normal, normal
from compliance.estimates.poisson import Floats
from compliance.estimates.results import Estimate, Interval

FLOOR = 0.005
"""Chances are kept at least this far from 0, lest one operation stand for hundreds."""


class CellsRefused(ValueError):
    """The two lists or the chances are not what is asked; the message says what is wrong and what would be right."""


@dataclass(frozen=True)
class DoublyRobust:
    """`psi` is the share of the population on either list, `sigma` the deviation of 1 / ψ's terms; null with no N.

    `floored` counts the operations whose chances were moved to the floor. `normal` is N ± z se, as `drpop` prints it.
    """

    estimate: Estimate
    psi: float | None
    sigma: float | None
    floored: int
    normal: Interval | None = None


def standard_error(seen: float, psi: float, sigma: float) -> float:
    """√(n σ² + N (1 − ψ) / ψ) with N = n / ψ: the error of N from n operations seen (Das, Kennedy and Jewell 2021)."""
    if not 0 < psi <= 1:
        raise ValueError(f"psi: the share of the population that was seen lies above 0 and is at most 1, not {psi}.")
    return math.sqrt(seen * sigma**2 + seen * (1 - psi) / psi**2)


def doubly_robust(
    first: Any, second: Any, q1: Any, q2: Any, q12: Any, *, floor: float = FLOOR, level: float = 0.95
) -> DoublyRobust:
    """1 / ψ = mean of (q1 q2 / q12)(Y1 / q1 + Y2 / q2 − Y1 Y2 / q12) over the operations seen; N = n / ψ.

    Each argument has shape (n,): whether an operation is on the first and on the second list, and the chances of that
    given its traits and that it is on either, fitted elsewhere (on other folds than the one they are used on). The
    answer is right when either the chances or their product is fitted well. Raises `CellsRefused`.
    """
    y1, y2 = (_flags(name, values) for name, values in (("first", first), ("second", second)))
    chances = [_chances(name, values, len(y1)) for name, values in (("q1", q1), ("q2", q2), ("q12", q12))]
    if len(y1) != len(y2):
        raise CellsRefused("Both lists have one mark for every operation.")
    if ((y1 + y2) == 0).any():
        raise CellsRefused("Every operation is on one of the two lists at least; whom neither saw cannot be counted.")
    if not 0 <= floor < 0.5:
        raise CellsRefused("The floor lies at 0 or above and below a half.")
    method = "doubly robust"
    if not len(y1):
        return DoublyRobust(Estimate(method, None, why_none="Nothing was seen."), None, None, 0)
    floored = int((np.min(chances, axis=0) < floor).sum())
    a, b, both = (np.maximum(one, floor) for one in chances)
    if (both <= 0).any():
        why = "Some kinds of operations are never on both lists, so nothing bounds how many are unseen."
        return DoublyRobust(Estimate(method, None, why_none=why), None, None, floored)
    # As the formula, but without dividing by a chance of 0.
    terms = (b * y1 + a * y2 - a * b * y1 * y2 / both) / both
    return _answer(method, terms, np.ones(len(terms)), floored, level)


def saturated(
    cells: Mapping[Any, tuple[int, int, int]] | Iterable[tuple[int, int, int]], *, level: float = 0.95
) -> DoublyRobust:
    """The same where the traits are kinds, each with its own chances, from (n1, n2, m) of every kind, without a floor.

    N is then the sum of n1 n2 / m over the kinds. No estimate where a kind has no overlap.
    """
    sizes = list(cells.values()) if isinstance(cells, Mapping) else list(cells)
    for n1, n2, m in sizes:
        if not 0 <= m <= min(n1, n2):
            raise CellsRefused(f"({n1}, {n2}, {m}): give the two lists, then an overlap that is at most the smaller.")
    used = [cell for cell in sizes if cell[0] + cell[1]]
    method = "doubly robust, saturated"
    if not used:
        return DoublyRobust(Estimate(method, None, why_none="Nothing was seen."), None, None, 0)
    if any(not m for _, _, m in used):
        why = "A kind of operations has no overlap between the lists, so nothing bounds how many of it are unseen."
        return DoublyRobust(Estimate(method, None, why_none=why), None, None, 0)
    values, weights = [], []
    for n1, n2, m in used:
        seen = n1 + n2 - m
        a, b, both = n1 / seen, n2 / seen, m / seen
        for y1, y2, count in ((1, 0, n1 - m), (0, 1, n2 - m), (1, 1, m)):
            values.append(a * b / both * (y1 / a + y2 / b - y1 * y2 / both))
            weights.append(float(count))
    return _answer(method, np.array(values), np.array(weights), 0, level)


def _answer(method: str, terms: Floats, weights: Floats, floored: int, level: float) -> DoublyRobust:
    seen = float(weights.sum())
    inverse = float(weights @ terms) / seen
    if inverse < 1:
        why = "The chances given contradict the lists: they would put the population below what was seen."
        return DoublyRobust(Estimate(method, None, why_none=why), None, None, floored)
    psi = 1 / inverse
    sigma = math.sqrt(float(weights @ (terms - inverse) ** 2) / seen)
    n, se = seen * inverse, standard_error(seen, psi, sigma)
    return DoublyRobust(
        Estimate(method, n, se, log_normal(seen, n, se, level)), psi, sigma, floored, normal(n, se, level)
    )


def _flags(name: str, values: Any) -> Floats:
    marks = np.asarray(values, dtype=np.float64)
    if marks.ndim != 1 or not np.isin(marks, (0, 1)).all():
        raise CellsRefused(f"{name}: give 1 for every operation on the list and 0 for every other.")
    return marks


def _chances(name: str, values: Any, count: int) -> Floats:
    chances = np.asarray(values, dtype=np.float64)
    if chances.shape != (count,) or not (np.isfinite(chances) & (chances >= 0) & (chances <= 1)).all():
        raise CellsRefused(f"{name}: give a chance from 0 to 1 for every operation.")
    return chances
