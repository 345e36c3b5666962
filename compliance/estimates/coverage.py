"""Sample coverage (Chao and Tsay 1998): how much of the population the lists cover, and what follows for its size."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.intervals import log_normal
from compliance.estimates.results import Estimate
from compliance.estimates.tables import Table

Counts = NDArray[np.complex128]

STEP = 1e-20
"""Of an imaginary count: no difference is taken, so that slopes are exact to the last digit."""
ROUNDING = 1e-9
"""What of a figure may be rounding."""

ENOUGH_COVERAGE = 0.55
"""At or below this coverage the high-coverage estimate is refused: overlaps carry too little."""

LOW = f"The lists cover too little: the sample coverage is {ENOUGH_COVERAGE} or less."


@dataclass(frozen=True)
class SampleCoverage:
    """Coverage C (null where a list is empty), average number D on more than one list, and three estimates.

    `independent` is N0 = D / C; `high` is refused at low coverage; `low` is the one-step correction for low coverage.
    """

    coverage: float | None
    overlapped: float | None
    independent: Estimate
    high: Estimate
    low: Estimate

    @property
    def enough(self) -> bool:
        return self.coverage is not None and self.coverage > ENOUGH_COVERAGE


def sample_coverage(table: Table) -> SampleCoverage:
    """C = 1 − mean(S_j / n_j), D = n − mean S_j, with S_j those on list j alone; the estimators of CARE1.

    With A_ij = (only i) + (only j) + 2 (only i and j) and B_ij = m_ij / (n_i n_j), sums over pairs:
    high N = (K D − ΣA) / (K C − ΣAB); low N = D / C + Σ A (N′ B − 1) / (K C), where N′ is the same expression at N0.
    Errors by the delta method, Var(N) = Σ y (∂N/∂y)² − N, with log-normal intervals.
    """
    names = ("N0 (coverage, independent)", "high coverage", "low coverage")

    def without(why: str, c: float | None = None, d: float | None = None) -> SampleCoverage:
        independent, high, low = (Estimate(name, None, why_none=why) for name in names)
        return SampleCoverage(c, d, independent, high, low)

    if table.k < 2:
        return without("Coverage needs two lists or more.")
    if (table.sizes == 0).any():
        return without("A list is empty.")
    counts = table.counts.astype(np.complex128)
    c, d, below, *figures = (float(each.real) for each in _figures(table, counts))
    if c <= 0:
        return without("No two lists have an operation in common, so the coverage is zero.", 0.0, d)
    errors = _errors(table, counts, figures)
    independent, high, low = (_above(table, name, n, se) for name, n, se in zip(names, figures, errors, strict=True))
    if c <= ENOUGH_COVERAGE:
        high = Estimate(names[1], None, why_none=LOW)
    elif below <= 0:
        high = Estimate(names[1], None, why_none="The lists depend on one another too much for this estimator.")
    return SampleCoverage(c, d, independent, high, low)


def _figures(table: Table, counts: Counts) -> Counts:
    """C, D, the denominator of the high form, N0, high N and low N for tables of these counts, shape (…, 2^K − 1)."""
    lists, bits = table.k, table.bits.astype(np.float64)
    one, other = np.triu_indices(lists, 1)
    sizes, singles = counts @ bits, counts[..., (1 << np.arange(lists)) - 1]
    both = counts[..., ((1 << one) | (1 << other)) - 1]
    c = 1 - (singles / sizes).mean(axis=-1)
    d = counts.sum(axis=-1) - singles.mean(axis=-1)
    a = singles[..., one] + singles[..., other] + 2 * both
    b = counts @ (bits[:, one] * bits[:, other]) / (sizes[..., one] * sizes[..., other])
    below = lists * c - (a * b).sum(axis=-1)

    def step(n: Counts) -> Counts:
        return np.asarray(d / c + (a * (n[..., None] * b - 1)).sum(axis=-1) / (lists * c))

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([c, d, below, d / c, (lists * d - a.sum(axis=-1)) / below, step(step(d / c))])


def _errors(table: Table, counts: Counts, figures: list[float]) -> list[float | None]:
    """Standard errors of N0, high N and low N. All histories, the unseen too, are multinomial, and N grows with y."""
    seen = np.flatnonzero(table.counts)
    moved = np.repeat(counts[None, :], len(seen), axis=0)
    moved[np.arange(len(seen)), seen] += 1j * STEP
    slopes = _figures(table, moved)[3:].imag / STEP
    largest = slopes**2 @ table.counts[seen]
    variances = largest - np.array(figures)
    # All variances are 0 or above but for rounding.
    return [
        math.sqrt(max(0.0, each)) if -ROUNDING * most <= each < math.inf else None
        for each, most in zip(variances.tolist(), largest.tolist(), strict=True)
    ]


def _above(table: Table, method: str, n: float, se: float | None) -> Estimate:
    if not math.isfinite(n):
        return Estimate(method, None, why_none="The lists depend on one another too much for this estimator.")
    if n < table.n * (1 - ROUNDING):
        return Estimate(method, None, why_none=f"It would put the population at {n:,.0f}, below the {table.n:,} seen.")
    n = max(n, float(table.n))
    return Estimate(method, n, se, log_normal(table.n, n, se))
