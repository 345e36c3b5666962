"""The error of matching, from a clerk's review, and what it does to an overlap and to a rate of registration."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.proportions import rogan_gladen
from compliance.estimates.results import Interval

Floats = NDArray[np.float64]

ENOUGH_PAIRS = 200
"""A review of fewer pairs leaves the error of matching itself very uncertain (§ 1.9)."""


@dataclass(frozen=True)
class Review:
    """What a clerk found in a random sample of pairs; weighted counts where the sample was drawn by strata.

    Of pairs that are the same operation, the linkage had `found` some and `missed` others; of `different` pairs, it had
    taken `false_links` for the same. Raises `ValueError` for what no review can find.
    """

    found: float
    missed: float
    false_links: float
    different: float

    def __post_init__(self) -> None:
        if min(self.found, self.missed, self.false_links, self.different) < 0:
            raise ValueError("Counts of a review are zero or more.")
        if self.false_links > self.different:
            raise ValueError("Of the different pairs, at most all can be taken for the same.")

    @property
    def pairs(self) -> float:
        return self.found + self.missed + self.different

    @property
    def sensitivity(self) -> float | None:
        """Share of the true matches that were found (s); null where no true match was reviewed."""
        true = self.found + self.missed
        return self.found / true if true else None

    @property
    def false_link_rate(self) -> float | None:
        """Share of the different pairs that were taken for the same (φ); null where none was reviewed."""
        return self.false_links / self.different if self.different else None

    def draws(self, *, seed: Sequence[int], count: int) -> tuple[Floats, Floats]:
        """`count` draws of s and of φ from their posteriors under Jeffreys' priors, each of shape (count,)."""
        chance = np.random.default_rng(np.random.SeedSequence(list(seed)))
        sensitivity = chance.beta(self.found + 0.5, self.missed + 0.5, count)
        false_links = chance.beta(self.false_links + 0.5, self.different - self.false_links + 0.5, count)
        return sensitivity, false_links

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Review":
        return cls(**kept)


@dataclass(frozen=True)
class Threshold:
    """What the linkage gives when pairs of at least this probability count as the same."""

    probability: float
    overlap: int
    of: int
    review: Review | None = None

    @property
    def rate(self) -> float | None:
        """The rate by this threshold, corrected where its review is known."""
        if self.review is None or self.review.sensitivity is None:
            return self.overlap / self.of if self.of else None
        return rogan_gladen(self.overlap, self.of, self.review.sensitivity, self.review.false_link_rate or 0.0).rate


def corrected_overlap(observed: float, of: float, sensitivity: float, false_links: float) -> float | None:
    """m = (m_obs − φ n2) / (s − φ), kept within 0 and n2; null where s is not above φ, so that a match says nothing.

    Ding and Fienberg 1994; Rogan and Gladen 1978.
    """
    gain = sensitivity - false_links
    if gain <= 0:
        return None
    return min(float(of), max(0.0, (observed - false_links * of) / gain))


def corrected_rates(rates: Floats, sensitivity: Floats | float, false_links: Floats | float) -> Floats:
    """Rogan–Gladen, element by element, clipped to 0 to 1; nan where s is not above φ."""
    gain = np.asarray(sensitivity - np.asarray(false_links), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = (rates - false_links) / gain
    return np.where(gain > 0, np.clip(corrected, 0.0, 1.0), np.nan)


def rate_interval(
    observed: int, of: int, review: Review, *, seed: Sequence[int], count: int = 10_000, level: float = 0.95
) -> Interval | None:
    """Percentiles of the corrected rate m / n2 over draws of the rate (Jeffreys), of s and of φ.

    Null where nothing was observed, or where matching is so bad that a draw in ten says nothing.
    """
    if not of:
        return None
    sensitivity, false_links = review.draws(seed=[*seed, 1], count=count)
    chance = np.random.default_rng(np.random.SeedSequence([*seed, 2]))
    rates = corrected_rates(chance.beta(observed + 0.5, of - observed + 0.5, count), sensitivity, false_links)
    sound = rates[np.isfinite(rates)]
    if len(sound) < 0.9 * count:
        return None
    tail = 50 * (1 - level)
    low, high = np.percentile(sound, [tail, 100 - tail])
    return Interval(float(low), float(high), "draws of the rate and of the error of matching", level)


def between_thresholds(thresholds: Sequence[Threshold]) -> tuple[float, float] | None:
    """The least and the largest rate over the match thresholds; null where none has a rate."""
    rates = [each.rate for each in thresholds]
    known = [rate for rate in rates if rate is not None]
    return (min(known), max(known)) if known else None
