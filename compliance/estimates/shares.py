"""The registered share of mining three ways: of operations, of their power, of their hash rate; never mixed.

A few large sites draw most of the power, so the three differ. Power is U × the mean power of the unregistered that were
seen in the size class; hash rate is that times the hash rate per kW of the devices of the class. Of the devices of the
unregistered nothing is on file, so the interval by hash rate covers all that they may be.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from compliance.estimates.diagnostics import spoken
from compliance.estimates.documents import interval_json, interval_of, number
from compliance.estimates.fleets import Fleet
from compliance.estimates.headline_figures import Headline
from compliance.estimates.linkage import Floats
from compliance.estimates.rates import drawn_around
from compliance.estimates.results import Interval
from compliance.estimates.strata import Settings
from compliance.estimates.unregistered import WITH_REGISTER, StratumModel

FEWEST = 5
"""A mean power of fewer operations than this is no basis for all the others."""

Sums = tuple[int, float, float]


@dataclass(frozen=True)
class Share:
    """The registered share of mining in one `unit`: operations, kW or TH/s. Amounts are of that unit.

    `share` is null where the headline gives no point, or where `why_none` says that something is unknown. `note` says
    what the figure assumes.
    """

    unit: str
    registered: float | None
    unregistered: float | None
    share: float | None
    interval: Interval | None
    why_none: str = ""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        amounts = {name: number(getattr(self, name)) for name in ("registered", "unregistered", "share")}
        return {**asdict(self), **amounts, "interval": interval_json(self.interval)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Share":
        return cls(**{**kept, "interval": interval_of(kept["interval"])})


@dataclass(frozen=True)
class _Mean:
    """A mean with its standard error."""

    mean: float
    se: float

    def draws(self, normal: Floats) -> Floats:
        """Log-normal, so that no draw is negative; from draws of a standard normal."""
        if self.se <= 0 or self.mean <= 0:
            return np.full(len(normal), self.mean)
        spread = math.sqrt(math.log1p((self.se / self.mean) ** 2))
        return np.asarray(self.mean * np.exp(spread * normal - spread**2 / 2))


def shares(
    told: Headline,
    models: Sequence[StratumModel],
    settings: Settings,
    *,
    seed: Sequence[int],
    hash_per_kw: Mapping[str, Fleet] | None = None,
    why_no_hash: str = "",
) -> tuple[Share, ...]:
    """By operations, by kW and by TH/s, beside each other.

    `hash_per_kw` maps a stratum to the TH/s per kW of its devices; `why_no_hash` says why it is empty. Intervals are
    percentiles over draws of the active share, of ln U, of the mean powers and of the registered's TH/s per kW; they
    depend on the seed. By hash rate the interval goes from the lower end with the unregistered on the best devices to
    the upper end with them on the worst.
    """
    published = at_most(told.interval) if told.status == "at_most" else told.published or told.interval
    first = Share(
        "operations", told.active * told.registered, told.unregistered, told.rate, published,
        "" if told.rate is not None else told.sentence,
    )  # fmt: skip
    return (
        first,
        _weighted("kW", told, models, settings, seed, None),
        Share("TH/s", None, None, None, None, why_no_hash)
        if why_no_hash
        else _weighted("TH/s", told, models, settings, seed, hash_per_kw or {}),
    )


def _weighted(
    unit: str,
    told: Headline,
    models: Sequence[StratumModel],
    settings: Settings,
    seed: Sequence[int],
    fleets: Mapping[str, Fleet] | None,
) -> Share:
    why = _unknown(models, fleets)
    if why:
        return Share(unit, None, None, None, None, why)
    chance = np.random.default_rng(np.random.SeedSequence([*seed, 3]))
    count = settings.draws
    beta = settings.active_beta
    active = chance.beta(settings.active_alpha, beta, count) if beta else np.ones(count)
    # Strata may share the devices on file, so one error holds for all: they are never too certain together.
    shared = chance.standard_normal(count)
    inside, most, least = np.zeros(count), np.zeros(count), np.zeros(count)
    registered = unregistered = 0.0
    for model in models:
        u = model.u.n or 0.0
        fleet = fleets[model.stratum.name] if fleets is not None else IN_KW
        power = model.stratum.power_kw
        scale = settings.active if model.method == WITH_REGISTER else 1.0
        if model.registered:
            mean = _mean(power["registered"], model.registered)
            registered += settings.active * model.registered * mean.mean * fleet.mean
            drawn = mean.draws(chance.standard_normal(count)) * _Mean(fleet.mean, fleet.se).draws(shared)
            inside += active * model.registered * drawn
        if u:
            # The seen are taken for all: the error of their mean is that of a sample of an endless number.
            mean = _mean(power["unregistered"], None)
            unregistered += scale * u * mean.mean * fleet.mean
            hidden = drawn_around(u, model.u.interval, chance, count) * mean.draws(chance.standard_normal(count))
            hidden = hidden * (active if model.method == WITH_REGISTER else 1.0)
            most += hidden * fleet.most
            least += hidden * fleet.least
    whole = registered + unregistered
    if whole <= 0:
        return Share(unit, registered, unregistered, None, None, "Nobody is there.")
    tail = 50 * (1 - settings.level)
    low = float(np.percentile(inside / (inside + most), tail))
    high = float(np.percentile(inside / (inside + least), 100 - tail))
    how = "draws of a, ln U and mean power" + ("" if fleets is None else ", over the devices that there may be")
    interval = Interval(low, high, how, settings.level)
    note = "" if fleets is None else _illustrative(list(fleets.values()))
    if told.status == "at_most":
        return Share(unit, registered, None, None, at_most(interval), told.sentence, note)
    if told.rate is None:
        return Share(unit, registered, None, None, interval, "The headline gives no number of the unregistered.", note)
    return Share(unit, registered, unregistered, registered / whole, interval, "", note)


IN_KW = Fleet(1.0, 0.0, 1.0, 1.0, 0, 0)


def _illustrative(fleets: Sequence[Fleet]) -> str:
    worst, best = 1000 / min(each.least for each in fleets), 1000 / max(each.most for each in fleets)
    return (
        "Illustrative: the devices of the unregistered are taken to be as efficient as those on file; the interval"
        f" covers {best:.1f} to {worst:.1f} J/TH."
    )


def at_most(interval: Interval | None) -> Interval | None:
    """The interval without its lower end: the share is at most the upper one."""
    return None if interval is None else replace(interval, low=0.0, how=f"{interval.how}; the upper end alone")


def _unknown(models: Sequence[StratumModel], hash_per_kw: Mapping[str, Fleet] | None) -> str:
    """What is missing, in a sentence; empty where nothing is."""
    without = [model.stratum.name for model in models if model.u.n is None]
    if without:
        return f"The number of the unregistered is unknown in {spoken(without)}."
    lacking = [
        model.stratum.name
        for model in models
        for who, there in (("registered", model.registered), ("unregistered", model.u.n or 0))
        if there and model.stratum.power_kw.get(who, (0, 0.0, 0.0))[0] < min(FEWEST, there)
    ]
    if lacking:
        return f"The power of too few operations is known in {spoken(dict.fromkeys(lacking))}."
    if hash_per_kw is not None:
        lacking = [model.stratum.name for model in models if model.stratum.name not in hash_per_kw]
        if lacking:
            return f"The hash rate per kW is unknown in {spoken(lacking)}."
    return ""


def _mean(sums: Sums, of: int | None) -> _Mean:
    """The mean of those known, its standard error with the correction for a finite number where all are `of`."""
    known, total, squares = sums
    mean = total / known
    if known < 2:
        return _Mean(mean, 0.0 if of is not None and known >= of else mean)
    variance = max(0.0, squares - known * mean**2) / (known - 1)
    finite = max(0.0, 1 - known / of) if of is not None else 1.0
    return _Mean(mean, math.sqrt(variance / known * finite))
