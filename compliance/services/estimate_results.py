"""The result of a run out of the outputs of its cells, and the hash by which two results are compared."""

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.choices import EstimateKind
from compliance.estimates.context import Context
from compliance.estimates.documents import interval_json, number
from compliance.estimates.energy import Range, operations
from compliance.estimates.headline import headline
from compliance.estimates.linkage import Review
from compliance.estimates.rates import mapped, rate_of
from compliance.estimates.regional_series import series
from compliance.estimates.results import Interval
from compliance.estimates.shares import shares
from compliance.estimates.small_areas import NORMAL_95
from compliance.estimates.strata import ListTraits, Settings
from compliance.estimates.unregistered import WITH_REGISTER, StratumModel

NOBODY = "No operation is on any list in this place and window, so nothing can be said about its registration."


@dataclass(frozen=True)
class Computed:
    """One cell with its output."""

    task: str
    stratum: str
    territory_id: int | None
    input: Mapping[str, Any]
    output: Mapping[str, Any]


def canonical(value: Any) -> Any:
    """JSON as the database gives it back: a number that is whole has no decimals, whatever it was before."""
    if isinstance(value, Mapping):
        return {str(key): canonical(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def sha256_of(value: Any) -> str:
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def result_of(
    kind: str,
    cells: Sequence[Computed],
    *,
    settings: Settings,
    seed: int,
    facts: Mapping[str, Any],
    as_of: dt.date,
    known_on: dt.date,
    places: Mapping[int, tuple[str, str]],
    window: int = 1,
    energy: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as it is kept. `cells` are in the order of their positions; `places` give code and name by id.

    `energy` gives the range of the power that obliged mining draws, `mining_kw`.
    """
    if kind == EstimateKind.REGIONS:
        return series(cells, settings=settings, places=places, known_on=known_on, window=window)
    models = [each for each in cells if each.task == "model"]
    if not models:
        return {"headline": None, "sentence": NOBODY, "strata": []}
    found = [StratumModel.from_json(each.output) for each in models]
    drawn = [
        [value for each in cells if each.task == "bootstrap" and each.stratum == model.stratum
         for value in each.output["replicates"]]
        for model in models
    ]  # fmt: skip
    traits = [ListTraits.from_json(each) for each in models[0].input["traits"]]
    inspected = facts.get("inspected_on")
    context = Context(
        review=Review.from_json(facts["review"]) if facts.get("review") else None,
        energy=by_electricity(found, settings, energy) if energy else None,
        inspected=dt.date.fromisoformat(inspected) if inspected else None,
        last=as_of,
        known=known_on,
        pooled=tuple(each.stratum for each in models if " + " in each.stratum),
    )
    chance = (seed, len(models))
    told = headline(found, drawn, settings, traits=traits, seed=chance, context=context)
    return {
        "headline": told.to_json(),
        "sentence": told.sentence,
        "strata": [_stratum(each, settings) for each in found],
        "shares": [each.to_json() for each in shares(told, found, settings, seed=chance)],
        "left_out": models[0].input["left_out"],
    }


def by_electricity(models: Sequence[StratumModel], settings: Settings, energy: Mapping[str, Any]) -> Interval | None:
    """How many operations draw the power: corner by corner, the mean power of one weighted by size and registration.

    Null where the power of some size class that has anybody in it is not known.
    """
    parts = []
    for model in models:
        held, hidden = settings.active * model.registered, model.u.n or 0.0
        for who, n in (("registered", held), ("unregistered", hidden)):
            count, total, squares = model.stratum.power_kw.get(who, (0, 0.0, 0.0))
            if not n:
                continue
            if not count:
                return None
            mean = total / count
            parts.append((n, mean, max(0.0, squares / count - mean**2) / count))
    whole = sum(n for n, _, _ in parts)
    if not whole:
        return None
    mean = sum(n * each for n, each, _ in parts) / whole
    error = NORMAL_95 * math.sqrt(sum((n / whole) ** 2 * variance for n, _, variance in parts))
    found = operations(Range(*energy["mining_kw"]), Range(max(mean - error, mean / 10), mean + error))
    return None if found.highest is None else Interval(found.lowest, found.highest, "power drawn over mean power")


def _stratum(model: StratumModel, settings: Settings) -> dict[str, Any]:
    """One size class in figures: R, U with its interval, the rate with the interval that follows, and the power."""
    active = settings.active
    register = active * model.registered
    scale = active if model.method == WITH_REGISTER else 1.0
    n = None if model.u.n is None else model.u.n * scale
    interval = model.u.interval
    rate = None if n is None else rate_of(register, n)
    return {
        "name": model.stratum.name,
        "registered": model.registered,
        "seen": model.seen,
        "unregistered": number(n),
        "unregistered_interval": interval_json(interval),
        "unregistered_at_least": number(model.bound),
        "rate": number(rate),
        "interval": interval_json(None if interval is None else mapped(register, interval, None)),
        "method": model.method,
        "model": model.u.model,
        "lists": list(model.lists),
        "low": number(model.low),
        "high": number(model.high),
        "power_kw": {who: list(sums) for who, sums in model.stratum.power_kw.items()},
        "why_none": model.u.why_none,
        "warnings": [each.to_json() for each in model.notices],
    }
