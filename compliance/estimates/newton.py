"""Newton's method for one Poisson regression with a log link: the whole of a log-linear fit but its bookkeeping."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dposv, dpotrf, dpotri

from compliance.estimates.terms import Floats

MOST_STEPS = 40
CLOSE = 1e-7
"""A step this small is the last one: what it leaves is its square."""
HALVINGS = 30


class Singular(ArithmeticError):
    """The information matrix is not positive: some direction changes nothing."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Where Newton's method ended: coefficients (p,), fitted means (cells,), information matrix (p, p).

    `converged` says that the steps became small; with all means above 0 that is a proof that the maximum exists,
    because the fitted margins are then those of the data. Without it the information is empty.
    """

    coefficients: Floats
    fitted: Floats
    information: Floats
    converged: bool


def solve(design: Floats, counts: Floats, start: Floats | None = None) -> Solution:
    """Maximise Σ y η − exp η with η = A b; `design` has shape (cells, p), `counts` (cells,).

    Without a start, the first step is the weighted regression of log(y + ½).
    """
    with np.errstate(all="ignore"):
        try:
            return _climb(design, counts, _first(design, counts) if start is None else start)
        except Singular:
            return Solution(np.zeros(design.shape[1]), np.zeros(len(counts)), np.zeros((0, 0)), converged=False)


def _climb(design: Floats, counts: Floats, at: Floats) -> Solution:
    across = design.T
    totals = across @ counts
    fitted = np.exp(design @ at)
    reached = totals @ at - fitted.sum()
    for _ in range(MOST_STEPS):
        step = _solved((across * fitted) @ design, totals - across @ fitted)
        slack = 1e-10 * (1.0 + abs(reached))
        for _ in range(HALVINGS):
            ahead = at + step
            fitted = np.exp(design @ ahead)
            gained = totals @ ahead - fitted.sum()
            if gained >= reached - slack:
                break
            step = step / 2
        else:
            break
        at, reached = ahead, gained
        if np.abs(step).max() < CLOSE:
            return Solution(at, fitted, (across * fitted) @ design, converged=True)
    return Solution(at, fitted, np.zeros((0, 0)), converged=False)


def _first(design: Floats, counts: Floats) -> Floats:
    means = counts + 0.5
    weighted = design.T * means
    return _solved(weighted @ design, weighted @ (np.log(means) - 0.5 / means))


def _solved(information: Floats, against: Floats) -> Floats:
    """By Cholesky, straight from LAPACK: numpy's own checks would cost more than the arithmetic."""
    _, answer, failed = dposv(information, against)
    if failed:
        raise Singular
    return answer


def inverse(information: Floats) -> Floats:
    """The covariance: the inverse of a positive matrix, by Cholesky; nan where rounding has left it none."""
    factor, failed = dpotrf(information)
    if failed:
        return np.full_like(information, np.nan)
    upper, _ = dpotri(factor)
    whole = upper + upper.T
    whole.flat[:: len(whole) + 1] /= 2
    return whole
