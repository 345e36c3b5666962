"""What was believed of the number of operations before the lists were seen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """What was believed of the number N before the lists: its name, and ln p(N) up to a constant."""

    name: str
    log: Callable[[Floats], Floats]


LOG_UNIFORM = Prior("uniform on log N", lambda n: -np.log(n))
FLAT = Prior("none", np.zeros_like)


def gamma_poisson(a: float, b: float) -> Prior:
    """N is Poisson with a mean that is Gamma of shape a and scale b: mean a b, a negative binomial."""
    if not (a > 0 and b > 0):
        raise ValueError("The shape and the scale of the gamma prior are above 0.")
    return Prior(
        f"Gamma-Poisson, a = {a:g}, b = {b:g}",
        lambda n: n * np.log(b) - (n + a) * np.log1p(b) + gammaln(n + a) - gammaln(n + 1) - gammaln(a),
    )
