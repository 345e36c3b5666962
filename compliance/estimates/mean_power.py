"""The mean power of the operations of each stratum: a range where it is known of too few, as with unknown sizes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from compliance.estimates.diagnostics import figure, spoken
from compliance.estimates.linkage import Floats
from compliance.estimates.strata import Settings
from compliance.estimates.stratum_models import StratumModel

FEWEST = 5
"""A mean power of fewer operations than this is no basis for all the others."""

REGISTERED, UNREGISTERED = "registered", "unregistered"


@dataclass(frozen=True)
class Mean:
    """A mean in kW with its standard error, from `low` to `high` where it is taken from other strata."""

    low: float
    high: float
    se: float = 0.0

    @property
    def known(self) -> bool:
        return self.low == self.high

    def draws(self, normal: Floats, at: float) -> Floats:
        """Log-normal around `at`, so that no draw is negative; from draws of a standard normal."""
        if self.se <= 0 or at <= 0:
            return np.full(len(normal), at)
        spread = math.sqrt(math.log1p((self.se / at) ** 2))
        return np.asarray(at * np.exp(spread * normal - spread**2 / 2))


@dataclass(frozen=True)
class MeanPowers:
    """`of[i]` has the registered and the unregistered of stratum i, where there are any. `why_none` leaves all unknown.

    `note` says of whom the mean is a range.
    """

    of: tuple[Mapping[str, Mean], ...]
    why_none: str = ""
    note: str = ""


def mean_powers(models: Sequence[StratumModel], settings: Settings) -> MeanPowers:
    """Mean powers by stratum and registration.

    Where of fewer than five operations the power is known, it is that of others of the same registration: from the mean
    of the stratum that has the least to their mean over all strata. Unknown where there are no such others.
    """
    there = [
        # Where no estimate can be made of a stratum, as many stand for it as there are at least.
        {REGISTERED: settings.active * each.registered, UNREGISTERED: each.bound if each.u.n is None else each.u.n}
        for each in models
    ]
    found: list[dict[str, Mean]] = [{} for _ in models]
    lacking: list[tuple[int, str]] = []
    for at, model in enumerate(models):
        for who, n in there[at].items():
            of = model.registered if who == REGISTERED else n
            sums = model.stratum.power_kw.get(who, (0, 0.0, 0.0))
            if n and sums[0] < min(FEWEST, of):
                lacking.append((at, who))
            elif n:
                found[at][who] = mean_of(sums, model.registered if who == REGISTERED else None)
    known = {who: [(there[at][who], each[who].low) for at, each in enumerate(found) if who in each] for who in there[0]}
    alone = [models[at].stratum.name for at, who in lacking if not known[who]]
    if alone:
        return MeanPowers((), f"The power of too few operations is known in {spoken(list(dict.fromkeys(alone)))}.")
    for at, who in lacking:
        high = math.fsum(n * mean for n, mean in known[who]) / math.fsum(n for n, _ in known[who])
        found[at][who] = Mean(min(min(mean for _, mean in known[who]), high), high)
    return MeanPowers(tuple(found), "", _note(models, there, found, lacking))


def mean_of(sums: tuple[int, float, float], of: int | None) -> Mean:
    """The mean of those known, its standard error with the correction for a finite number where all are `of`.

    Of the unregistered the seen are taken for all: their error is that of a sample of an endless number.
    """
    known, total, squares = sums
    mean = total / known
    if known < 2:
        return Mean(mean, mean, 0.0 if of is not None and known >= of else mean)
    variance = max(0.0, squares - known * mean**2) / (known - 1)
    finite = max(0.0, 1 - known / of) if of is not None else 1.0
    return Mean(mean, mean, math.sqrt(variance / known * finite))


def _note(
    models: Sequence[StratumModel],
    there: Sequence[Mapping[str, float]],
    found: Sequence[Mapping[str, Mean]],
    lacking: Sequence[tuple[int, str]],
) -> str:
    if not lacking:
        return ""
    parts = [
        f"{there[at][who]:,.0f} {who} of “{models[at].stratum.name}” from {figure(found[at][who].low)} to"
        f" {figure(found[at][who].high)} kW"
        for at, who in lacking
    ]
    return f"No single figure, for the power of too few is known. Each is taken to draw: {spoken(parts)}."
