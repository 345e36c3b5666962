"""How well sightings are matched: what a review measured, or what is plausible where nobody has reviewed."""

from dataclasses import dataclass
from functools import lru_cache

from scipy.special import betaincinv

from compliance.estimates.diagnostics import DEFAULT, Thresholds
from compliance.estimates.linkage import Review

LEAST_GAIN = 0.05
"""True matches that are found no more often than this above the false ones say next to nothing."""


@dataclass(frozen=True)
class Matching:
    """The error to reckon with. Of the sightings of one operation the first stands for it, or its entry in the
    register; each other one is found to be of it with the chance `sensitivity`. Of those that are of nothing else,
    `false_links` are taken for something else.

    `least` and `most` are between what the sensitivity plausibly lies: by the `review`, where there is one.
    """

    sensitivity: float = 1.0
    false_links: float = 0.0
    least: float = 1.0
    most: float = 1.0
    review: Review | None = None

    @property
    def tells(self) -> bool:
        """Whether a match says anything at all."""
        return self.sensitivity - self.false_links >= LEAST_GAIN

    def at(self, replicate: int) -> tuple[float, float]:
        """Sensitivity and false links for a replicate: evenly spread over the posterior, by its number alone, so that
        all strata of a replicate have the same."""
        if self.review is None:
            return self.sensitivity, self.false_links
        found, missed, wrong, right = _beta(self.review)
        false_links = float(betaincinv(wrong, right, _evenly(replicate, 3)))
        sensitivity = float(betaincinv(found, missed, _evenly(replicate, 2)))
        return min(1.0, max(sensitivity, false_links + LEAST_GAIN)), false_links


EXACT = Matching()


def matching_of(
    review: Review | None, by_model: float | None, limits: Thresholds = DEFAULT, level: float = 0.95
) -> Matching:
    """By the review; else by the part of the sightings whose operation only the model can tell.

    Where not even that is known, as of a table that somebody brings along, it is taken as exact.
    """
    if review is not None and review.sensitivity is not None:
        found, missed, _, _ = _beta(review)
        tail = (1 - level) / 2
        least, most = (float(betaincinv(found, missed, at)) for at in (tail, 1 - tail))
        s, false_links = review.sensitivity, review.false_link_rate or 0.0
        return Matching(s, false_links, min(s, max(least, false_links + LEAST_GAIN)), max(most, s), review)
    if not by_model:
        return EXACT
    return Matching(least=1 - (1 - limits.w13_unreviewed) * by_model)


def _beta(review: Review) -> tuple[float, float, float, float]:
    """The posteriors of both under Jeffreys' priors."""
    return (
        review.found + 0.5,
        review.missed + 0.5,
        review.false_links + 0.5,
        review.different - review.false_links + 0.5,
    )


@lru_cache(maxsize=4096)
def _evenly(place: int, base: int) -> float:
    """The place-th number of van der Corput's row, between 0 and 1."""
    place, value, scale = place + 1, 0.0, 1.0
    while place:
        scale /= base
        value += scale * (place % base)
        place //= base
    return value
