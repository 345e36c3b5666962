"""Many small systems of equations at once, each solved in the same steps whichever others are beside it."""

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.terms import Floats

SINGULAR = 1e-11
"""A pivot below this part of its diagonal element counts as 0."""


def eliminate(system: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Gauss without exchanges, for symmetric positive matrices: (p, p + 1, B) with the right side as last column."""
    size = system.shape[0]
    sound = np.ones(system.shape[2], dtype=bool)
    least = [SINGULAR * system[row, row] for row in range(size)]
    for row in range(size):
        pivot = system[row, row]
        sound &= pivot > least[row]
        scaled = system[row, row + 1 :] / pivot
        if row + 1 < size:
            system[row + 1 :, row + 1 :] -= system[row, row + 1 : size, None] * scaled
        system[row, row + 1 :] = scaled
    answer = system[:, size]
    for row in range(size - 1, 0, -1):
        answer[:row] -= system[:row, row] * answer[row]
    return answer, sound
