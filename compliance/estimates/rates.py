"""Rates of registration: source by source, from a number of unregistered, and as a clerk's review corrects them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from compliance.estimates.documents import number
from compliance.estimates.intervals import quantile
from compliance.estimates.linkage import Floats, Review
from compliance.estimates.proportions import rogan_gladen
from compliance.estimates.results import Interval
from compliance.estimates.strata import ListTraits, Settings, register_of
from compliance.estimates.tables import Table

MOST_SPREAD = 25.0
"""Standard deviations of ln U beyond this, such as those of an interval without an upper bound, are all the same."""


@dataclass(frozen=True)
class SourceRate:
    """Of `of` operations on a list, `found` are in the register; Wilson's interval, corrected for matching if reviewed.

    `used` is false for a list on which only unregistered operations can be, and `why_none` says so.
    """

    list: str
    found: int
    of: int
    rate: float | None
    low: float | None
    high: float | None
    why_none: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "rate": number(self.rate), "low": number(self.low), "high": number(self.high)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "SourceRate":
        return cls(**kept)


def by_source(
    table: Table, traits: Sequence[ListTraits], settings: Settings, review: Review | None
) -> tuple[SourceRate, ...]:
    """The rate by each list beside the register, in the order of the table."""
    register = register_of(traits)
    known = {each.name: each for each in traits}
    place = table.place(register)
    rates = []
    for at, name in enumerate(table.lists):
        if at == place:
            continue
        found, of = int(table.overlaps[place, at]), int(table.sizes[at])
        if known[name].conditional_on_unregistered:
            why = "Only unregistered operations can be on it."
            rates.append(SourceRate(name, found, of, None, None, None, why))
            continue
        if not known[name].covers:
            why = "It was not kept here for the whole window."
            rates.append(SourceRate(name, found, of, None, None, None, why))
            continue
        sensitivity, false_links = errors(review)
        share = rogan_gladen(found, of, sensitivity, false_links, settings.level)
        low, high = (share.interval.low, share.interval.high) if share.interval is not None else (None, None)
        rates.append(SourceRate(name, found, of, share.rate, low, high, share.why_none))
    return tuple(rates)


def errors(review: Review | None) -> tuple[float, float]:
    """The sensitivity and the false-link rate to reckon with: none where nobody reviewed."""
    if review is None or review.sensitivity is None:
        return 1.0, 0.0
    return review.sensitivity, review.false_link_rate or 0.0


def rate_of(registered: float, unregistered: float) -> float | None:
    """r = R / (R + U); null where there is nobody."""
    whole = registered + unregistered
    return registered / whole if whole > 0 else None


def mapped(registered: float, unregistered: Interval) -> Interval | None:
    """The interval of U as one of the rate: [R/(R + U_hi), R/(R + U_lo)], exact since the rate falls as U rises."""
    ends = [rate_of(registered, end) for end in (unregistered.high, unregistered.low)]
    if ends[0] is None or ends[1] is None:
        return None
    return Interval(ends[0], ends[1], f"map of U ({unregistered.how})", unregistered.level)


@dataclass(frozen=True)
class Unregistered:
    """U to draw from: `n` with its interval, and `scaled` that is of a register all of which is active."""

    n: float
    interval: Interval | None
    scaled: float = 0.0
    scaled_interval: Interval | None = None


def draws(registered: int, unregistered: Unregistered, settings: Settings, seed: Sequence[int]) -> Floats:
    """Draws of the rate over the active share a and ln U, shape (settings.draws,)."""
    chance = np.random.default_rng(np.random.SeedSequence([*seed, 0]))
    count = settings.draws
    beta = settings.active_beta
    active = chance.beta(settings.active_alpha, beta, count) if beta else np.ones(count)
    hidden = drawn_around(unregistered.n, unregistered.interval, chance, count)
    hidden = hidden + active * drawn_around(unregistered.scaled, unregistered.scaled_interval, chance, count)
    whole = active * registered + hidden
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(whole > 0, active * registered / whole, np.nan)
    return np.asarray(rates)


def drawn_around(n: float, interval: Interval | None, chance: np.random.Generator, count: int) -> Floats:
    """ln U normal around the estimate with the spread of its interval, taken on each side as it is."""
    normal = chance.standard_normal(count)
    if interval is None or n <= 0 or interval.low <= 0:
        return np.full(count, n)
    z = quantile(interval.level)
    down, up = np.log(n / min(n, interval.low)) / z, min(MOST_SPREAD, np.log(max(n, interval.high) / n) / z)
    return np.asarray(n * np.exp(np.where(normal < 0, down, up) * normal))
