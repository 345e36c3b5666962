"""Newton's method for one Poisson regression with a log link: the whole of a log-linear fit but its bookkeeping."""

from dataclasses import dataclass

import numpy as np

from compliance.estimates.terms import Floats

MOST_STEPS = 40
CLOSE = 1e-7
"""A step this small is the last one: what it leaves is its square."""
HALVINGS = 30


@dataclass(frozen=True, eq=False)
class Solution:
    """Where Newton's method ended: coefficients (p,), fitted means (cells,), information matrix (p, p).

    `converged` says that the steps became small; with all means above 0 that is a proof that the maximum exists,
    because the fitted margins are then those of the data.
    """

    coefficients: Floats
    fitted: Floats
    information: Floats
    converged: bool
    steps: int


def solve(design: Floats, counts: Floats, start: Floats | None = None) -> Solution:
    """Maximise Σ y η − exp η with η = A b; `design` has shape (cells, p), `counts` (cells,).

    Without a start, the first step is the weighted regression of log(y + ½).
    """
    across = design.T
    totals = across @ counts
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        try:
            at = _first(design, counts) if start is None else start
            fitted = np.exp(design @ at)
            reached = totals @ at - fitted.sum()
            for steps in range(1, MOST_STEPS + 1):
                information = (across * fitted) @ design
                step = np.linalg.solve(information, totals - across @ fitted)
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
                    return Solution(at, fitted, (across * fitted) @ design, converged=True, steps=steps)
        except np.linalg.LinAlgError:
            at, fitted, steps = np.zeros(design.shape[1]), np.zeros(len(counts)), 0
    return Solution(at, fitted, (across * fitted) @ design, converged=False, steps=steps)


def _first(design: Floats, counts: Floats) -> Floats:
    means = counts + 0.5
    weighted = design.T * means
    return np.asarray(np.linalg.solve(weighted @ design, weighted @ (np.log(means) - 0.5 / means)), dtype=np.float64)
