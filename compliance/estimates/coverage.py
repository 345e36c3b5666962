"""Sample coverage (Chao and Tsay 1998): how much of the population the lists cover, and what follows for its size."""

from dataclasses import dataclass

from compliance.estimates.results import Estimate
from compliance.estimates.tables import Table

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
    """
    names = ("N0 (coverage, independent)", "high coverage", "low coverage")
    sizes, lists = table.sizes, table.k

    def without(why: str, c: float | None = None, d: float | None = None) -> SampleCoverage:
        independent, high, low = (Estimate(name, None, why_none=why) for name in names)
        return SampleCoverage(c, d, independent, high, low)

    if lists < 2:
        return without("Coverage needs two lists or more.")
    if (sizes == 0).any():
        return without("A list is empty.")
    singles = [table.singles(place) for place in range(lists)]
    c = 1 - sum(one / int(size) for one, size in zip(singles, sizes, strict=True)) / lists
    d = table.n - sum(singles) / lists
    if c <= 0:
        return without("No two lists have an operation in common, so the coverage is zero.", 0.0, d)
    pairs = [(i, j) for j in range(lists) for i in range(j)]
    both = {(i, j): int(table.counts[((1 << i) | (1 << j)) - 1]) for i, j in pairs}
    a = {(i, j): singles[i] + singles[j] + 2 * both[i, j] for i, j in pairs}
    b = {(i, j): int(table.overlaps[i, j]) / (int(sizes[i]) * int(sizes[j])) for i, j in pairs}

    def step(n: float) -> float:
        return d / c + sum(a[pair] * (n * b[pair] - 1) for pair in pairs) / (lists * c)

    independent = Estimate(names[0], d / c)
    low = _above(table, names[2], step(step(d / c)))
    below = lists * c - sum(a[pair] * b[pair] for pair in pairs)
    if c <= ENOUGH_COVERAGE:
        high = Estimate(names[1], None, why_none=LOW)
    elif below <= 0:
        high = Estimate(names[1], None, why_none="The lists depend on one another too much for this estimator.")
    else:
        high = _above(table, names[1], (lists * d - sum(a.values())) / below)
    return SampleCoverage(c, d, independent, high, low)


def _above(table: Table, method: str, n: float) -> Estimate:
    if n < table.n:
        return Estimate(method, None, why_none=f"It would put the population at {n:,.0f}, below the {table.n:,} seen.")
    return Estimate(method, n)
