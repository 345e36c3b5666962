"""A random sample of inspected meters: the share registered of those obliged, and how large a sample must be."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from compliance.estimates.intervals import quantile
from compliance.estimates.results import Interval


@dataclass(frozen=True)
class Sample:
    """One stratum of a random sample. Of `drawn` meters some were not inspected (refused, closed, not reached); of the
    others `registered` and `unregistered` were found to be obliged operations, and the rest were none.

    `population` is how many meters the stratum has; null for so many that the sample is no notable part of it.
    """

    name: str
    drawn: int
    not_inspected: int
    registered: int
    unregistered: int
    population: int | None = None

    def __post_init__(self) -> None:
        if min(self.not_inspected, self.registered, self.unregistered) < 0:
            raise ValueError(f"{self.name}: numbers are not negative.")
        if self.not_inspected + self.obliged > self.drawn:
            raise ValueError(f"{self.name}: more outcomes than meters drawn.")
        if self.population is not None and self.population < self.drawn:
            raise ValueError(f"{self.name}: more meters drawn than there are.")

    @property
    def obliged(self) -> int:
        return self.registered + self.unregistered

    @property
    def inspected(self) -> int:
        return self.drawn - self.not_inspected


@dataclass(frozen=True)
class Inspection:
    """The share registered of the obliged, by a random sample.

    `share` and `interval` are corrected by the multiplier; `found_share` is as found. `worst` and `best` are the share
    if all that were not inspected were unregistered, or registered: what the refusals could hide. `obliged` and
    `unregistered` are scaled to the population, null where it is not known. `effective` is how many simple random
    obliged operations tell as much. All are null where no obliged operation was found.
    """

    drawn: int
    inspected: int
    multiplier: float
    found_share: float | None
    share: float | None
    interval: Interval | None
    worst: float | None
    best: float | None
    effective: float | None
    obliged: float | None
    unregistered: float | None
    why_none: str = ""


def inspection(samples: Sequence[Sample], *, multiplier: float = 1.0, level: float = 0.95) -> Inspection:
    """The share registered by a simple sample (one stratum) or a stratified one, with Wilson's interval.

    `multiplier` is how many unregistered there are for each that an inspector recognises, 1 or more (HMRC's
    non-detection multiplier); a share r becomes r / (r + multiplier (1 − r)), which is monotone and so carries the
    interval. A finite population narrows the interval. Strata weigh by their populations, so with more than one each
    must state its own; Wilson's formula is then given the effective number by the variance of the ratio.
    """
    if not multiplier >= 1:
        raise ValueError("multiplier: inspectors do not find more than there are, so it is 1 or more.")
    if len(samples) > 1 and any(one.population is None for one in samples):
        raise ValueError("population: a stratified sample needs the number of meters of each stratum.")
    drawn, inspected = sum(one.drawn for one in samples), sum(one.inspected for one in samples)
    used = [one for one in samples if one.inspected]
    if not any(one.obliged for one in used):
        why = "No obliged operation was found in the sample, so there is no share of them."
        return Inspection(drawn, inspected, multiplier, *(None,) * 8, why_none=why)
    weights = [1.0 if one.population is None else one.population / one.inspected for one in used]
    registered = math.fsum(w * one.registered for w, one in zip(weights, used, strict=True))
    unregistered = math.fsum(w * one.unregistered for w, one in zip(weights, used, strict=True))
    found = registered / (registered + unregistered)
    effective = _effective(used, weights, found)
    low, high = wilson_ends(found, effective, level)
    known = all(one.population is not None for one in samples) and len(used) == len(samples)
    return Inspection(
        drawn=drawn,
        inspected=inspected,
        multiplier=multiplier,
        found_share=found,
        share=corrected(found, multiplier),
        interval=Interval(corrected(low, multiplier), corrected(high, multiplier), "Wilson", level),
        worst=corrected(_if_not_inspected(samples, registered=0), multiplier),
        best=corrected(_if_not_inspected(samples, registered=1), multiplier),
        effective=effective if math.isfinite(effective) else None,
        obliged=registered + multiplier * unregistered if known else None,
        unregistered=multiplier * unregistered if known else None,
    )


def corrected(share: float, multiplier: float) -> float:
    """The share registered where only one in `multiplier` unregistered operations is recognised."""
    return share / (share + multiplier * (1 - share))


def _effective(samples: Sequence[Sample], weights: Sequence[float], share: float) -> float:
    """How many simple random obliged operations tell as much: for one stratum those found, over 1 − sampled part."""
    rests = [1 - one.inspected / one.population if one.population else 1.0 for one in samples]
    total = math.fsum(w * one.obliged for w, one in zip(weights, samples, strict=True))
    if len(samples) == 1:
        return samples[0].obliged / rests[0] if rests[0] else math.inf
    squares = math.fsum(w**2 * rest * one.obliged for w, rest, one in zip(weights, rests, samples, strict=True))
    by_weight = total**2 / squares if squares else math.inf
    variance = 0.0
    for w, rest, one in zip(weights, rests, samples, strict=True):
        # What each inspected meter leaves: 1 − r if registered, −r if not, 0 if not obliged.
        mean = (one.registered - share * one.obliged) / one.inspected
        around = one.registered * (1 - share) ** 2 + one.unregistered * share**2 - one.inspected * mean**2
        if one.inspected > 1:
            variance += w**2 * rest * one.inspected / (one.inspected - 1) * max(0.0, around)
        else:
            variance += w**2 * rest * (1 - share if one.registered else share) ** 2 * one.obliged
    if not 0 < share < 1 or not variance:
        return by_weight
    return share * (1 - share) * total**2 / variance


def _if_not_inspected(samples: Sequence[Sample], *, registered: int) -> float:
    """The share if all that were not inspected were obliged, and registered or not."""
    good = bad = 0.0
    for one in samples:
        weight = one.population / one.drawn if one.population and one.drawn else 1.0
        good += weight * (one.registered + one.not_inspected * registered)
        bad += weight * (one.unregistered + one.not_inspected * (1 - registered))
    return good / (good + bad)


def wilson_ends(share: float, effective: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share that as much is known of as of `effective` trials, not needfully a whole number."""
    z = quantile(level)
    if math.isinf(effective):
        return share, share
    scale = 1 + z * z / effective
    centre = (share + z * z / (2 * effective)) / scale
    reach = z / scale * math.sqrt(share * (1 - share) / effective + z * z / (4 * effective**2))
    return (0.0 if not share else max(0.0, centre - reach)), (1.0 if share == 1 else min(1.0, centre + reach))


def margin(share: float, size: int, population: int | None = None, level: float = 0.95) -> float:
    """Half the width of Wilson's interval when so many obliged operations are inspected."""
    if size < 1 or not 0 <= share <= 1:
        raise ValueError("A margin needs a share from 0 to 1 and at least one inspection.")
    rest = 1.0 if population is None else max(0.0, 1 - size / population)
    low, high = wilson_ends(share, size / rest if rest else math.inf, level)
    return (high - low) / 2


def size_for(share: float, wanted: float, population: int | None = None, level: float = 0.95) -> int:
    """The fewest obliged operations to inspect so that the margin is at most `wanted` where the share is `share`."""
    if not 0 < wanted < 1:
        raise ValueError("wanted: a margin lies between 0 and 1, such as 0.045 for ± 4.5 points.")
    low, high = 1, 2
    while margin(share, high, population, level) > wanted:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if margin(share, middle, population, level) > wanted else (low, middle)
    return low
