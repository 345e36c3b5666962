"""Averaging over decomposable graphs: a posterior of the number of operations from three to five lists.

Madigan & York, "Bayesian methods for estimation of the size of a closed population" (Biometrika 1997); R package `dga`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from compliance.estimates import decomposable
from compliance.estimates.priors import LOG_UNIFORM, Prior
from compliance.estimates.results import Estimate, Interval
from compliance.estimates.tables import Table

Floats = NDArray[np.float64]

EVERY_NUMBER = 1_000
"""Up to so many missing, the grid holds every number."""
MOST_POINTS = 6_000
FINEST_CELL = 2e-3
"""The grid is refined until no stretch between two of its points carries more of the posterior."""
NO_WEIGHT = 60.0
"""A graph so far below the best, in ln, is not looked at again."""
TAIL = 1e-4
SHORTEST, FURTHEST = 4_000, 1_000
"""The grid is lengthened until its last tenth carries at most `TAIL`, but to no more than 1,000 times the observed."""


class NoPosterior(ValueError):
    """The table cannot be averaged over graphs; the message says why."""


@dataclass(frozen=True)
class Summary:
    """A posterior of N in figures. `least_loss` is E[1/N] / E[1/N²], which minimises the expected relative error."""

    mode: int
    mean: float
    median: int
    sd: float
    least_loss: float
    interval: Interval


@dataclass(frozen=True)
class GraphWeight:
    """One graph: its posterior probability, and the posterior of N were it the true one."""

    name: str
    probability: float
    summary: Summary


@dataclass(frozen=True)
class Posterior:
    """The average over all graphs. `graphs` are those of the highest probability, which is above 0.1 %, best first.

    `mass_at_end` is the posterior of more than nine tenths of `most_missing`, where the grid was cut: if it is not
    small, N may be much larger and the figures are too low. `saturated` is the probability of the graph that joins all
    lists: there the lists say nothing of the unseen, and the posterior of N is the prior's.
    """

    observed: int
    summary: Summary
    graphs: tuple[GraphWeight, ...]
    graphs_in_all: int
    prior: str
    delta: float
    fewest_missing: int
    most_missing: int
    points: int
    mass_at_end: float
    saturated: float

    def estimate(self) -> Estimate:
        """The average as an estimate: `least_loss` as N, the model is the most probable graph.

        There is none where the graph that joins all lists is more probable than not.
        """
        found = self.summary
        best = self.graphs[0].name if self.graphs else None
        if self.saturated > 0.5:
            why = "Every list depends on every other, and then the lists say nothing of those whom none has seen."
            return Estimate("dga", None, model=best, why_none=why)
        return Estimate("dga", found.least_loss, se=found.sd, interval=found.interval, model=best)


def average(
    table: Table, *, prior: Prior = LOG_UNIFORM, delta: float | None = None, missing: Sequence[int] | None = None
) -> Posterior:
    """The posterior of N, averaged over all decomposable graphs, each as probable as any other beforehand.

    `delta` is the hyper-Dirichlet weight of one of the 2^K cells, 2^−K by default. `missing` are the first and the last
    number of unseen operations that are thought possible; by default from 0 to where the posterior ends. Raises
    `NoPosterior` for fewer than three or more than five lists, or where nobody was seen.
    """
    if not decomposable.FEWEST_LISTS <= table.k <= decomposable.MOST_LISTS:
        raise NoPosterior(f"Graphs are averaged over three to five lists; this table has {table.k}.")
    if not table.n:
        raise NoPosterior("Nobody is on any list, so there is nothing to average.")
    weight = 2.0**-table.k if delta is None else delta
    if not weight > 0:
        raise ValueError("delta: the weight of a cell is above 0.")
    likelihood = _Likelihood(table, weight, prior)
    if missing is None:
        points, log_posterior = _lengthened(likelihood)
    else:
        first, last = missing[0], missing[-1]
        if not 0 <= first < last:
            raise ValueError("missing: give the first and the last number of unseen, the first lower and not negative.")
        points, log_posterior = _refined(likelihood, _start(likelihood, first, last))
    return _summed(likelihood, points, log_posterior)


class _Likelihood:
    """ln p(graph, N, table) at any number of missing."""

    def __init__(self, table: Table, delta: float, prior: Prior) -> None:
        self.k, self.observed, self.delta, self.prior = table.k, table.n, delta, prior
        self.incidence = decomposable.incidence(table.k)
        codes = np.arange(1, 2**table.k)
        fixed, unseen, alpha = [], [], []
        for mask in range(2**table.k):
            lists = mask.bit_count()
            # A cell of the margin is named by which of these lists the history holds; cell 0 also gains the unseen.
            margin = np.bincount(codes & mask, weights=table.counts, minlength=2**table.k)
            cells = [code for code in range(2**table.k) if code & ~mask == 0]
            prior_cell = delta * 2.0 ** (table.k - lists)
            others = margin[cells[1:]]
            fixed.append(float((gammaln(others + prior_cell) - gammaln(prior_cell)).sum() - gammaln(prior_cell)))
            unseen.append(margin[0])
            alpha.append(prior_cell)
        self.fixed, self.unseen, self.alpha = np.array(fixed), np.array(unseen), np.array(alpha)
        self.counts_factorial = float(gammaln(table.counts + 1.0).sum())

    def at(self, missing: Floats, rows: NDArray[np.int64] | None = None) -> Floats:
        """Shape (graphs, points), of all graphs or of these rows."""
        sets = self.fixed[:, None] + gammaln((self.unseen + self.alpha)[:, None] + missing)
        incidence = self.incidence if rows is None else self.incidence[rows]
        return np.asarray(incidence @ sets + self._common(missing))

    def each_at(self, missing: Floats) -> Floats:
        """One number of missing for each graph; shape (graphs,)."""
        sets = self.fixed + gammaln(self.unseen + self.alpha + missing[:, None])
        return np.asarray((self.incidence * sets).sum(axis=1) + self._common(missing))

    def _common(self, missing: Floats) -> Floats:
        n = missing + self.observed
        total = self.delta * 2.0**self.k
        dirichlet = gammaln(total) - gammaln(total + n)
        ways = gammaln(n + 1) - gammaln(missing + 1) - self.counts_factorial
        return np.asarray(dirichlet + ways + self.prior.log(n))


def _modes(likelihood: _Likelihood, first: int, last: int) -> Floats:
    """Where each graph's posterior is highest: golden section of all graphs at once, on the scale of the logarithm."""
    ratio = (np.sqrt(5) - 1) / 2
    size = len(likelihood.incidence)
    low, high = np.full(size, np.log(first + 0.5)), np.full(size, np.log(last + 0.5))
    for _ in range(30):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        up = likelihood.each_at(np.exp(left) - 0.5) < likelihood.each_at(np.exp(right) - 0.5)
        low, high = np.where(up, left, low), np.where(up, high, right)
    return np.asarray(np.clip(np.rint(np.exp((low + high) / 2) - 0.5), first, last))


def _start(likelihood: _Likelihood, first: int, last: int) -> Floats:
    """Every number where that is few; else points that grow by a constant factor, and the mode of every graph.

    A posterior narrower than the gap between two points is not overlooked, since its mode is a point.
    """
    if last - first <= EVERY_NUMBER:
        return np.arange(first, last + 1, dtype=np.float64)
    spread = np.rint(np.geomspace(first + 1, last + 1, 600)) - 1
    return np.unique(np.concatenate([spread, _modes(likelihood, first, last)]))


def _weights(points: Floats) -> Floats:
    """How many whole numbers a point stands for: the sum over all of them is that of the straight lines between."""
    gaps = np.diff(points)
    weights = np.zeros_like(points)
    weights[:-1] += (gaps + 1) / 2
    weights[1:] += (gaps - 1) / 2
    weights[-1] += 1
    return weights


def _refined(likelihood: _Likelihood, points: Floats) -> tuple[Floats, Floats]:
    """Points and ln posterior (graphs, points), halved wherever much of the posterior lies between two points.

    A graph of no weight at any of the points, its mode among them, is left at minus infinity at the later ones.
    """
    first = likelihood.at(points)
    best = (first + np.log(_weights(points))).max(axis=1)
    rows = np.flatnonzero(best > best.max() - NO_WEIGHT)
    blocks, averaged, order = [first[rows]], _log_sum(first[rows]), np.arange(len(points))
    while len(points) < MOST_POINTS:
        gaps = np.diff(points)
        density = _mass(averaged, points) / _weights(points)
        carried = np.maximum(density[:-1], density[1:]) * gaps
        split = np.flatnonzero((carried > FINEST_CELL) & (gaps > 1))
        if not len(split):
            break
        # The heaviest first, where not all fit.
        split = split[np.argsort(-carried[split], kind="stable")][: MOST_POINTS - len(points)]
        new = np.floor(points[split] + gaps[split] / 2)
        blocks.append(likelihood.at(new, rows))
        turn = np.argsort(np.concatenate([points, new]))
        averaged = np.concatenate([averaged, _log_sum(blocks[-1])])[turn]
        order = np.concatenate([order, len(points) + np.arange(len(new))])[turn]
        points = np.concatenate([points, new])[turn]
    log_posterior = np.full((len(first), len(points)), -np.inf)
    log_posterior[rows] = np.concatenate(blocks, axis=1)[:, order]
    return points, log_posterior


def _log_sum(logs: Floats) -> Floats:
    """ln of the sum of exponentials over the rows, minus infinity where there is nothing to sum."""
    top = np.maximum(logs.max(axis=0), -1e300)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)))


def _lengthened(likelihood: _Likelihood) -> tuple[Floats, Floats]:
    last = max(SHORTEST, 80 * likelihood.observed)
    furthest = max(last, FURTHEST * likelihood.observed)
    while True:
        points, log_posterior = _refined(likelihood, _start(likelihood, 0, last))
        if last >= furthest or _at_end(points, _mass(_log_sum(log_posterior), points)) <= TAIL:
            return points, log_posterior
        last = min(4 * last, furthest)


def _at_end(points: Floats, mass: Floats) -> float:
    return float(mass[points > points[0] + 0.9 * (points[-1] - points[0])].sum())


def _mass(averaged: Floats, points: Floats) -> Floats:
    """The posterior of what each point stands for, from ln posterior at the point, shape (points,)."""
    logs = averaged + np.log(_weights(points))
    return np.asarray(np.exp(logs - logsumexp(logs)))


def _summed(likelihood: _Likelihood, points: Floats, log_posterior: Floats) -> Posterior:
    n = points + likelihood.observed
    weights = _weights(points)
    by_graph = _log_sum((log_posterior + np.log(weights)).T)
    chance = np.exp(by_graph - logsumexp(by_graph))
    mass = _mass(_log_sum(log_posterior), points)
    order = [at for at in np.argsort(-chance, kind="stable") if chance[at] > 1e-3]
    every = decomposable.graphs(likelihood.k)
    weighed = [
        GraphWeight(
            every[at].name, float(chance[at]), _summary(n, weights, np.exp(log_posterior[at] - by_graph[at]) * weights)
        )
        for at in order
    ]
    return Posterior(
        observed=likelihood.observed,
        summary=_summary(n, weights, mass),
        graphs=tuple(weighed),
        graphs_in_all=len(every),
        prior=likelihood.prior.name,
        delta=likelihood.delta,
        fewest_missing=int(points[0]),
        most_missing=int(points[-1]),
        points=len(points),
        mass_at_end=_at_end(points, mass),
        saturated=float(chance[-1]),
    )


def _summary(n: Floats, weights: Floats, mass: Floats) -> Summary:
    mean = float(mass @ n)
    return Summary(
        mode=int(n[np.argmax(mass / weights)]),
        mean=mean,
        median=_quantile(n, mass, 0.5),
        sd=float(np.sqrt(mass @ (n - mean) ** 2)),
        least_loss=float((mass @ (1 / n)) / (mass @ (1 / n**2))),
        interval=Interval(_quantile(n, mass, 0.025), _quantile(n, mass, 0.975), "posterior, equal tails"),
    )


def _quantile(n: Floats, mass: Floats, level: float) -> int:
    """The least number with at least so much of the posterior at or below it."""
    return int(n[min(int(np.searchsorted(np.cumsum(mass), level - 1e-12)), len(n) - 1)])
