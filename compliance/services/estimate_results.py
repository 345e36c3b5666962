"""The result of a run out of the outputs of its cells, and the hash by which two results are compared."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.choices import EstimateKind
from compliance.estimates.context import Context
from compliance.estimates.documents import interval_json, number
from compliance.estimates.electricity import electricity
from compliance.estimates.fleets import fleets
from compliance.estimates.headline import headline
from compliance.estimates.linkage import Review
from compliance.estimates.matching import Matching, matching_of
from compliance.estimates.rates import mapped, rate_of
from compliance.estimates.regional_series import series
from compliance.estimates.shares import shares
from compliance.estimates.strata import ListTraits, Settings
from compliance.estimates.stratum_models import WITH_REGISTER, StratumModel
from compliance.services.estimate_inputs import point_rate

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
    catalogue: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as it is kept. `cells` are in the order of their positions; `places` give code and name by id.

    `energy` is what was given of power, hash rate and prices; `catalogue` what the run keeps of the devices there are.
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
    power = electricity(found, settings, energy, catalogue) if energy else None
    hash_per_kw, why_no_hash = fleets([each.stratum.name for each in found], facts.get("devices"), _most(catalogue))
    as_linked = point_rate([each.as_linked for each in found], settings)
    context = Context(
        review=review_of(facts),
        by_model=facts.get("by_model"),
        rates_at_thresholds=_thresholds(facts.get("rates_at_thresholds"), as_linked),
        energy=power.interval if power else None,
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
        "shares": [
            each.to_json()
            for each in shares(told, found, settings, seed=chance, hash_per_kw=hash_per_kw, why_no_hash=why_no_hash)
        ],
        "energy": power.document if power else None,
        "left_out": models[0].input["left_out"],
    }


def review_of(facts: Mapping[str, Any]) -> Review | None:
    return Review.from_json(facts["review"]) if facts.get("review") else None


def matching_by(facts: Mapping[str, Any], settings: Settings) -> Matching:
    """The error of matching that a run reckons with, by what it was told as it began."""
    return matching_of(review_of(facts), facts.get("by_model"), settings.thresholds, settings.level)


def _thresholds(rates: Mapping[str, Any] | None, as_linked: float | None) -> tuple[float, float] | None:
    """The least and the largest of the rate with doubtful pairs linked, as linked, and with none of the model's links.

    Null where no pair is open, or where only one of them has a rate.
    """
    if rates is None:
        return None
    known = [rate for rate in (rates["doubtful_linked"], as_linked, rates["none_linked"]) if rate is not None]
    return (min(known), max(known)) if len(known) > 1 else None


def _most(catalogue: Mapping[str, Any] | None) -> float | None:
    """TH/s per kW of the most efficient device."""
    return max((1000 * each["ths"] / each["watts"] for each in (catalogue or {"models": []})["models"]), default=None)


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
        "interval": interval_json(None if interval is None else mapped(register, interval)),
        "method": model.method,
        "model": model.u.model,
        "lists": list(model.lists),
        "low": number(model.low),
        "high": number(model.high),
        "power_kw": {who: list(sums) for who, sums in model.stratum.power_kw.items()},
        "why_none": model.u.why_none,
        "warnings": [each.to_json() for each in model.notices],
    }
