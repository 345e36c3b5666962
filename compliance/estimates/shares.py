"""The registered share of mining three ways: of operations, of their power, of their hash rate; never mixed.

A few large sites draw most of the power, so the three differ. Power is U × the mean power of the unregistered that were
seen in the size class; hash rate is that times the hash rate per kW of the devices of the class.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from compliance.estimates.diagnostics import spoken
from compliance.estimates.documents import interval_json, interval_of, number
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

    `share` is null where the headline gives no point, or where `why_none` says that something is unknown.
    """

    unit: str
    registered: float | None
    unregistered: float | None
    share: float | None
    interval: Interval | None
    why_none: str = ""

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

    def draws(self, chance: np.random.Generator, count: int) -> Floats:
        """Log-normal, so that no draw is negative."""
        normal = chance.standard_normal(count)
        if self.se <= 0 or self.mean <= 0:
            return np.full(count, self.mean)
        spread = math.sqrt(math.log1p((self.se / self.mean) ** 2))
        return np.asarray(self.mean * np.exp(spread * normal - spread**2 / 2))


def shares(
    told: Headline,
    models: Sequence[StratumModel],
    settings: Settings,
    *,
    seed: Sequence[int],
    hash_per_kw: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[Share, ...]:
    """By operations, by kW and by TH/s, beside each other.

    `hash_per_kw` maps a stratum to the TH/s per kW of its registered and its unregistered devices, by the catalogue.
    Intervals are percentiles over draws of the active share, of ln U and of the mean powers; they depend on the seed.
    """
    first = Share(
        "operations", told.active * told.registered, told.unregistered, told.rate, told.published or told.interval,
        "" if told.rate is not None else told.sentence,
    )  # fmt: skip
    return (
        first,
        _weighted("kW", told, models, settings, seed, None),
        _weighted("TH/s", told, models, settings, seed, hash_per_kw or {}),
    )


def _weighted(
    unit: str,
    told: Headline,
    models: Sequence[StratumModel],
    settings: Settings,
    seed: Sequence[int],
    hash_per_kw: Mapping[str, tuple[float, float]] | None,
) -> Share:
    why = _unknown(models, hash_per_kw)
    if why:
        return Share(unit, None, None, None, None, why)
    chance = np.random.default_rng(np.random.SeedSequence([*seed, 3]))
    count = settings.draws
    beta = settings.active_beta
    active = chance.beta(settings.active_alpha, beta, count) if beta else np.ones(count)
    inside, outside = np.zeros(count), np.zeros(count)
    registered = unregistered = 0.0
    for model in models:
        u = model.u.n or 0.0
        by = hash_per_kw[model.stratum.name] if hash_per_kw is not None else (1.0, 1.0)
        power = model.stratum.power_kw
        scale = settings.active if model.method == WITH_REGISTER else 1.0
        if model.registered:
            mean = _mean(power["registered"], model.registered)
            registered += settings.active * model.registered * mean.mean * by[0]
            inside += active * model.registered * mean.draws(chance, count) * by[0]
        if u:
            # The seen are taken for all: the error of their mean is that of a sample of an endless number.
            mean = _mean(power["unregistered"], None)
            unregistered += scale * u * mean.mean * by[1]
            hidden = drawn_around(u, model.u.interval, chance, count) * mean.draws(chance, count) * by[1]
            outside += hidden * (active if model.method == WITH_REGISTER else 1.0)
    whole = registered + unregistered
    if whole <= 0:
        return Share(unit, registered, unregistered, None, None, "Nobody is there.")
    tail = 50 * (1 - settings.level)
    low, high = np.percentile(inside / (inside + outside), [tail, 100 - tail])
    interval = Interval(float(low), float(high), "draws of a, ln U and mean power", settings.level)
    point = registered / whole
    if told.rate is None:
        return Share(unit, registered, None, None, interval, "The headline gives no number of the unregistered.")
    return Share(unit, registered, unregistered, point, interval)


def _unknown(models: Sequence[StratumModel], hash_per_kw: Mapping[str, tuple[float, float]] | None) -> str:
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
