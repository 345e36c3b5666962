"""Shares that audits and reviews teach: of registered operations that are active, and of matches that are found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from compliance.estimates.results import Interval


@dataclass(frozen=True)
class Beta:
    """What is believed of a share: a beta distribution with these two weights, both above 0."""

    a: float
    b: float

    def __post_init__(self) -> None:
        if not (0 < self.a < float("inf") and 0 < self.b < float("inf")):
            raise ValueError("The two weights of a beta distribution are above 0.")

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    def interval(self, level: float = 0.95) -> Interval:
        """Equal tails."""
        low, high = (float(betaincinv(self.a, self.b, tail)) for tail in ((1 - level) / 2, (1 + level) / 2))
        return Interval(low, high, "beta", level)

    def after(self, having: int, lacking: int) -> "Beta":
        """The belief after so many were seen to have the property, and so many to lack it."""
        if having < 0 or lacking < 0:
            raise ValueError("What was seen is counted, so it is not negative.")
        return Beta(self.a + having, self.b + lacking)

    def draws(self, *, seed: Sequence[int], count: int) -> NDArray[np.float64]:
        """`count` draws, which depend on the seed alone."""
        return np.random.default_rng(np.random.SeedSequence(list(seed))).beta(self.a, self.b, count)


UNAUDITED = Beta(9.5, 0.5)
"""The share of registered operations that are active, until somebody has audited some: 95 in 100, and little known."""
JEFFREYS = Beta(0.5, 0.5)


def active_share(active: int = 0, inactive: int = 0) -> Beta:
    """The share of registered operations that are active (a of N = a R + U), after audits with so many of each."""
    return UNAUDITED.after(active, inactive)


def sensitivity(found: int, missed: int) -> Beta:
    """The share of true matches that linkage finds (s), from a clerk's review of pairs that are the same operation."""
    return JEFFREYS.after(found, missed)


def specificity(apart: int, falsely_linked: int) -> Beta:
    """The share of different pairs that linkage keeps apart (1 − φ), from a clerk's review of them."""
    return JEFFREYS.after(apart, falsely_linked)
