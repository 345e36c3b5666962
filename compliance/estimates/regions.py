"""Rates of regions with few records: each is drawn towards the nation by as much as its own records are weak."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, digamma, expit, gammaln, logit

from compliance.estimates.results import Interval

Floats = NDArray[np.float64]

FEWEST_OBSERVED = 10
FEWEST_SHARED = 3
BORROWED_BELOW = 0.5
LARGEST_CONCENTRATION = 1e7
"""Above it the regions differ by no more than chance, and α + β is said to be without end."""


@dataclass(frozen=True)
class RegionRate:
    """The rate of one region: `shared` of `observed` records are in the register.

    `raw` is null where nothing is observed. `weight` is the part of the pooled rate that rests on the region itself.
    `borrowed` says that this is below one half: mostly the nation's (W15). `suppressed` says that the raw rate is too
    thin to be shown by itself.
    """

    observed: int
    shared: int
    raw: float | None
    pooled: float
    weight: float
    interval: Interval
    borrowed: bool
    suppressed: bool


@dataclass(frozen=True)
class Rates:
    """Beta-binomial rates. `concentration` is α + β, null where the regions differ by no more than chance.

    `national` is α / (α + β), the rate of a region nothing is known of; null, like every region, without any record.
    """

    national: float | None
    concentration: float | None
    log_likelihood: float
    regions: tuple[RegionRate | None, ...]

    @property
    def alpha(self) -> float | None:
        return None if self.national is None or self.concentration is None else self.national * self.concentration

    @property
    def beta(self) -> float | None:
        return None if self.national is None or self.concentration is None else (1 - self.national) * self.concentration


def suppressed(observed: int, shared: int) -> bool:
    """Whether a region's own figure is withheld: fewer than 10 records observed, or fewer than 3 of them shared."""
    return observed < FEWEST_OBSERVED or shared < FEWEST_SHARED


def rates(shared: Sequence[int], observed: Sequence[int], *, level: float = 0.95) -> Rates:
    """Empirical Bayes rates by maximum likelihood of a beta-binomial, one per region: `shared` of `observed`.

    The intervals are quantiles of the region's beta posterior; that α and β are estimates themselves is not in them.
    """
    x, n = np.asarray(shared, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    if x.shape != n.shape or x.ndim != 1:
        raise ValueError("Give one number shared and one observed for each region.")
    if (x < 0).any() or (x > n).any():
        raise ValueError("What is shared lies between 0 and what is observed.")
    if not n.sum():
        return Rates(None, None, 0.0, (None,) * len(n))
    national, concentration, log_likelihood = _fitted(x[n > 0], n[n > 0])
    total, total_shared = float(n.sum()), float(x.sum())
    found = []
    for one, of in zip(x, n, strict=True):
        if concentration is None:
            # One rate for all; Jeffreys' interval of the nation's.
            weight, a, b = 0.0, total_shared + 0.5, total - total_shared + 0.5
        else:
            weight = of / (of + concentration)
            a, b = one + national * concentration, of - one + (1 - national) * concentration
        alone = len(n) == 1
        raw = float(one / of) if of else None
        low, high = _beta_interval(a, b, level)
        pooled = national if raw is None else weight * raw + (1 - weight) * national
        found.append(
            RegionRate(
                observed=int(of),
                shared=int(one),
                raw=raw,
                pooled=float(pooled),
                weight=1.0 if alone else float(weight),
                interval=Interval(min(low, pooled), max(high, pooled), "beta posterior", level),
                borrowed=not alone and bool(weight < BORROWED_BELOW),
                suppressed=suppressed(int(of), int(one)),
            )
        )
    return Rates(national, concentration, log_likelihood, tuple(found))


def _beta_interval(a: float, b: float, level: float) -> tuple[float, float]:
    if a <= 0 or b <= 0:
        return (0.0, 0.0) if a <= 0 else (1.0, 1.0)
    low, high = ((1 - level) / 2, (1 + level) / 2)
    return float(betaincinv(a, b, low)), float(betaincinv(a, b, high))


def _fitted(x: Floats, n: Floats) -> tuple[float, float | None, float]:
    """The national rate, α + β (null for no difference), and ln likelihood with its binomial coefficients."""
    ways = float((gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)).sum())
    mean = float(x.sum() / n.sum())
    if mean in (0.0, 1.0):
        return mean, None, 0.0
    binomial = float(x.sum() * np.log(mean) + (n - x).sum() * np.log1p(-mean)) + ways
    top = float(np.log(LARGEST_CONCENTRATION))
    best = (mean, top, -np.inf)
    for start in (0.0, 4.0):
        found = minimize(
            _loss, [logit(mean), start], args=(x, n), jac=True, method="L-BFGS-B", bounds=[(-25, 25), (-12, top)]
        )
        if -found.fun > best[2]:
            best = (float(expit(found.x[0])), float(found.x[1]), float(-found.fun))
    rate, log_size, log_likelihood = best[0], best[1], best[2] + ways
    if log_size > top - 1e-6 or log_likelihood <= binomial + 1e-9:
        return mean, None, binomial
    return rate, float(np.exp(log_size)), log_likelihood


def _loss(at: Floats, x: Floats, n: Floats) -> tuple[float, Floats]:
    """Minus ln likelihood and its slope in (logit rate, ln(α + β)), without the binomial coefficients."""
    rate, size = expit(at[0]), np.exp(at[1])
    a, b = rate * size, (1 - rate) * size
    value = (betaln(x + a, n - x + b) - betaln(a, b)).sum()
    common = digamma(size) - digamma(n + size)
    by_a = (digamma(x + a) - digamma(a) + common).sum()
    by_b = (digamma(n - x + b) - digamma(b) + common).sum()
    slope = np.array([(by_a - by_b) * size * rate * (1 - rate), by_a * a + by_b * b])
    return -float(value), -slope


@dataclass(frozen=True)
class Shrunk:
    """James-Stein: `values` drawn towards their `mean`, of whose distance the part `kept` remains."""

    mean: float
    kept: float
    values: tuple[float, ...]


def james_stein(values: Sequence[float], variance: float) -> Shrunk:
    """Values of one variance drawn towards their mean; Efron & Morris, "Data analysis using Stein's estimator" (1975).

    kept = 1 − (k − 3) variance / Σ (value − mean)², at least 0. Three values or fewer are left alone.
    """
    of = np.asarray(values, dtype=np.float64)
    if not len(of):
        raise ValueError("There are no values to shrink.")
    mean = float(of.mean())
    spread = float(((of - mean) ** 2).sum())
    kept = 1.0
    if len(of) > 3:
        kept = max(0.0, 1 - (len(of) - 3) * variance / spread) if spread else 0.0
    return Shrunk(mean, kept, tuple(float(one) for one in mean + kept * (of - mean)))
