"""The common factor of raids: a gamma variable that multiplies the probabilities of detection."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.special import gammainc, gammainccinv, gammaincinv

Floats = NDArray[np.float64]

POINTS = 48
MOST_CELLS = 3_000
LARGEST_CV = 2.0
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Factor:
    """Values of the factor, rising, and their probabilities, which add up to 1. Their mean is 1."""

    scales: Floats
    weights: Floats

    def probabilities(self, overall: Floats) -> Floats:
        """Probabilities of detection at each value of the factor, shape (scales, overall), none above 1.

        A probability is the factor times a constant, cut at 1; the constant is such that over all values it is what it
        was said to be overall. Where nothing is cut, the constant is that probability itself.
        """
        if len(self.scales) == 1:
            return np.asarray(overall[None, :])
        # The average is made of straight pieces in the constant q, with a bend wherever q times a scale reaches 1.
        free = np.cumsum(self.weights * self.scales)
        cut = np.maximum(0.0, 1 - np.cumsum(self.weights))
        bends = free / self.scales + cut
        at = np.searchsorted(-bends, -overall, side="right") - 1
        at = np.clip(at, 0, len(bends) - 1)
        constant = np.maximum(0.0, overall - cut[at]) / free[at]
        return np.asarray(np.minimum(1.0, self.scales[:, None] * constant))


ALONE = Factor(np.ones(1), np.ones(1))
"""No factor: every unit is found by itself."""


def common_factor(cv: float, highest: float) -> Factor:
    """The factor for moments, where `highest` is the highest probability that it multiplies.

    Where none comes to be cut at 1, everything is a polynomial and few points are exact; else the cells are many.
    """
    _checked(cv)
    if cv and highest * gammainccinv(1 / cv**2, 1e-9) * cv**2 > 1:
        return dense_factor(cv, 1e12)
    return gauss_factor(cv)


def gauss_factor(cv: float) -> Factor:
    """Gauss-Laguerre points of a gamma of mean 1 and this coefficient of variation: exact for polynomials.

    By the eigenvalues of the Jacobi matrix (Golub and Welsch 1969), which hold for every shape.
    """
    _checked(cv)
    if not cv:
        return ALONE
    shape = 1 / cv**2
    at = np.arange(POINTS, dtype=np.float64)
    values, vectors = eigh_tridiagonal(2 * at + shape, np.sqrt(at[1:] * (at[1:] + shape - 1)))
    weights = vectors[0] ** 2
    return Factor(np.asarray(values / shape, dtype=np.float64), np.asarray(weights / weights.sum(), dtype=np.float64))


def dense_factor(cv: float, found: float) -> Factor:
    """The gamma in cells so narrow that the sum at two neighbouring values overlaps; else a mixture is a staircase.

    `found` is the effective number of units found at the factor's mean: at a value z the sum's relative spread is
    1 / √(found z), so that the cells are even in √z. Each cell is its own mean and its own probability.
    """
    _checked(cv)
    if not cv:
        return ALONE
    shape = 1 / cv**2
    first, last = (math.sqrt(end) for end in (gammaincinv(shape, NEGLIGIBLE), gammainccinv(shape, NEGLIGIBLE)))
    first, last = first * cv, last * cv
    cells = math.ceil((last - first) * 2.5 * math.sqrt(min(max(found, 1.0), 1e12)))
    edges = np.linspace(first, last, max(16, min(cells, MOST_CELLS)) + 1) ** 2 * shape
    edges[0], edges[-1] = 0.0, np.inf
    weights = np.diff(gammainc(shape, edges))
    parts = np.diff(gammainc(shape + 1, edges))
    kept = weights > 1e-15
    scales, chances = parts[kept] / weights[kept], weights[kept] / weights[kept].sum()
    return Factor(np.asarray(scales, dtype=np.float64), np.asarray(chances, dtype=np.float64))


def _checked(cv: float) -> None:
    if not 0 <= cv <= LARGEST_CV:
        raise ValueError(f"The coefficient of variation of the common factor is from 0 to {LARGEST_CV:g}.")
