"""Choosing pairs one by one where all models are too many or the overlaps too thin for likelihood ratios."""

from dataclasses import dataclass

import numpy as np
from scipy.special import pdtr, pdtrc

from compliance.estimates.loglinear import Fit, NoEstimate, fit, model_name
from compliance.estimates.selection import Refused
from compliance.estimates.tables import Table
from compliance.estimates.terms import Terms, canonical, mask, pairs


@dataclass(frozen=True)
class Added:
    """A pair that entered: how many were on both lists, how many the model before expected, the tail probability."""

    pair: frozenset[int]
    observed: int
    expected: float
    p_value: float

    @property
    def name(self) -> str:
        return model_name((self.pair,))


@dataclass(frozen=True, eq=False)
class Stepwise:
    """Where the steps ended, where they began, the pairs that entered in their order, and models met on the way that
    have no estimate."""

    best: Fit
    main: Fit
    added: tuple[Added, ...]
    refused: tuple[Refused, ...]


def stepwise(table: Table, p: float = 0.02) -> Stepwise:
    """From independence, add the pair of the smallest Poisson tail below `p` whose model has an estimate, while any is.

    The tail is min(P(X ≤ m), P(X ≥ m)) of the overlap m under the current fit. Raises `NoEstimate` where independence
    itself has none. Chan, Silverman and Vincent 2021; stops after K(K−1)/2 steps at the latest.
    """
    main = current = fit(table)
    codes = np.arange(1, 2**table.k)
    inside = {pair: (codes & mask(pair)) == mask(pair) for pair in pairs(table.k)}
    added: list[Added] = []
    refused: dict[Terms, Refused] = {}
    while True:
        tails = [
            _tail(pair, int(table.counts[cells].sum()), float(current.fitted[cells].sum()))
            for pair, cells in inside.items()
            if pair not in current.terms
        ]
        for tail in sorted((one for one in tails if one.p_value < p), key=lambda one: one.p_value):
            terms = canonical((*current.terms, tail.pair))
            try:
                current = fit(table, terms)
            except NoEstimate as none:
                refused[terms] = Refused(terms, none.reason)
                continue
            added.append(tail)
            break
        else:
            return Stepwise(current, main, tuple(added), tuple(refused.values()))


def _tail(pair: frozenset[int], observed: int, expected: float) -> Added:
    above = float(pdtrc(observed - 1, expected)) if observed else 1.0
    return Added(pair, observed, expected, min(float(pdtr(observed, expected)), above))
