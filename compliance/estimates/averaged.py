"""An interval over all models of a search, each by its weight, so that not knowing the model is part of it."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from compliance.estimates.profile import FAR
from compliance.estimates.results import Interval
from compliance.estimates.selection import Weighed

NEGLIGIBLE = 1e-6
"""Models of less weight move no bound that is kept."""
TAIL = 8.0
"""Standard errors from an estimate beyond which nothing is left of its tail."""
HOW = "tails of the models by weight"


def tail_area(models: Sequence[Weighed], observed: int, level: float = 0.95) -> Interval | None:
    """The N between which all but the tails of Σ wᵢ Φ((ln f0 − ln f0ᵢ) / sᵢ) lie (Turek and Fletcher 2012).

    The errors sᵢ of ln f0 hold the chance of f0 itself. The upper bound is infinite where it lies as far out as that of
    a profile may. Null where no model has both f0 above 0 and an error.
    """
    weights = np.array([each.weight for each in models])
    unseen = np.array([each.n - observed for each in models])
    errors = np.array([each.se for each in models])
    used = (weights > NEGLIGIBLE) & (unseen > 0) & np.isfinite(unseen) & np.isfinite(errors) & (errors > 0)
    if not used.any():
        return None
    weights = weights[used] / weights[used].sum()
    centres, spreads = np.log(unseen[used]), errors[used] / unseen[used]
    low, high = float((centres - TAIL * spreads).min()), float((centres + TAIL * spreads).max())

    def bound(area: float) -> float:
        found = brentq(lambda at: float(weights @ ndtr((at - centres) / spreads)) - area, low, high, xtol=1e-10)
        return observed + math.exp(found) if found < centres.max() + FAR else math.inf

    return Interval(bound((1 - level) / 2), bound((1 + level) / 2), HOW, level)
