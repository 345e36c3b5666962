"""The registered share of mining three ways: of operations, of their power, of their hash rate; never mixed.

A few large sites draw most of the power, so the three differ. Power is U × the mean power of the unregistered that were
seen in the size class; hash rate is that times the hash rate per kW of the devices of the class. Of the devices of the
unregistered nothing is on file, so the interval by hash rate covers all that they may be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from compliance.estimates.diagnostics import spoken
from compliance.estimates.documents import interval_json, interval_of, number
from compliance.estimates.fleets import Fleet
from compliance.estimates.headline_figures import Headline
from compliance.estimates.mean_power import REGISTERED, UNREGISTERED, Mean, mean_powers
from compliance.estimates.rates import drawn_around
from compliance.estimates.results import Interval
from compliance.estimates.strata import Settings
from compliance.estimates.stratum_models import WITH_REGISTER, StratumModel


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
    depend on the seed. Where the power of too few in a stratum is known, there is no point; the interval covers what
    it may be; where nobody has reviewed the matches, also what it is with as few found as is plausible. By hash rate
    the interval goes from the lower end with the unregistered on the best devices to the upper end with them on the
    worst.
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
    powers = mean_powers(models, settings)
    why = _unknown(models, fleets) or powers.why_none
    if why:
        return Share(unit, None, None, None, None, why)
    chance = np.random.default_rng(np.random.SeedSequence([*seed, 3]))
    count = settings.draws
    beta = settings.active_beta
    active = chance.beta(settings.active_alpha, beta, count) if beta else np.ones(count)
    # Strata may share the devices on file, so one error holds for all: they are never too certain together.
    shared = chance.standard_normal(count)
    least_in, most_in, least_out, most_out = (np.zeros(count) for _ in range(4))
    registered = unregistered = 0.0
    for model, power in zip(models, powers.of, strict=True):
        u = model.u.n or 0.0
        fleet = fleets[model.stratum.name] if fleets is not None else IN_KW
        scale = settings.active if model.method == WITH_REGISTER else 1.0
        if model.registered:
            mean, normal = power[REGISTERED], chance.standard_normal(count)
            registered += settings.active * model.registered * mean.low * fleet.mean
            held = active * model.registered * Mean(fleet.mean, fleet.mean, fleet.se).draws(shared, fleet.mean)
            least_in += held * mean.draws(normal, mean.low)
            most_in += held * mean.draws(normal, mean.high)
        if u:
            mean = power[UNREGISTERED]
            unregistered += scale * u * mean.low * fleet.mean
            by = active if model.method == WITH_REGISTER else 1.0
            hidden = drawn_around(u, model.u.interval, chance, count) * by
            fewest = hidden
            if told.unmatched is not None and model.matched is not None and model.matched.worst.n is not None:
                fewest = drawn_around(model.matched.worst.n, model.matched.worst.interval, chance, count) * by
            normal = chance.standard_normal(count)
            least_out += fewest * mean.draws(normal, mean.low) * fleet.least
            most_out += hidden * mean.draws(normal, mean.high) * fleet.most
    whole = registered + unregistered
    if whole <= 0:
        return Share(unit, registered, unregistered, None, None, "Nobody is there.")
    tail = 50 * (1 - settings.level)
    low = float(np.percentile(least_in / (least_in + most_out), tail))
    high = float(np.percentile(most_in / (most_in + least_out), 100 - tail))
    how = "draws of a, ln U and mean power" + ("" if fleets is None else ", over the devices that there may be")
    interval = Interval(low, high, how, settings.level)
    note = "" if fleets is None else _illustrative(list(fleets.values()))
    inside = None if powers.note else registered
    if told.status == "at_most":
        why = told.sentence
    elif told.rate is None:
        why = "The headline gives no number of the unregistered."
    elif powers.note:
        why = ""
    else:
        return Share(unit, inside, unregistered, registered / whole, interval, "", note)
    upper = at_most(interval) if told.status == "at_most" else interval
    return Share(unit, inside, None, None, upper, " ".join(each for each in (why, powers.note) if each), note)


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
    if hash_per_kw is not None:
        lacking = [model.stratum.name for model in models if model.stratum.name not in hash_per_kw]
        if lacking:
            return f"The hash rate per kW is unknown in {spoken(lacking)}."
    return ""
