"""What the electricity says of the number of operations, beside the lists of a run and never averaged with them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.estimates.documents import number
from compliance.estimates.energy import Range, operations
from compliance.estimates.hash_rate import Device, PowerBounds, power_bounds
from compliance.estimates.mean_power import REGISTERED, UNREGISTERED, mean_powers
from compliance.estimates.results import Interval
from compliance.estimates.small_areas import NORMAL_95
from compliance.estimates.strata import Settings
from compliance.estimates.stratum_models import StratumModel

LEAST_OF_MEAN = 10
"""The mean power of an operation is not taken to be less than a tenth of what was found."""


@dataclass(frozen=True)
class PerOperation:
    """The mean power of an operation in kW, and its range; null with a sentence where it is not known.

    `mean` alone is null where of some the power is a range only, as `note` then says.
    """

    mean: float | None
    span: Range | None
    why_none: str = ""
    note: str = ""


@dataclass(frozen=True)
class Electricity:
    """All that the power says. `interval` is what lists are held against: from the least to the most operations.

    `document` is what a run keeps and shows: the mean power, and the way from each figure that was given to kW and
    from there to operations.
    """

    interval: Interval | None
    document: dict[str, Any]


def kw_per_operation(models: Sequence[StratumModel], settings: Settings) -> PerOperation:
    """The mean over the strata, weighted by how many operations each has, registered or not, with its normal range."""
    powers = mean_powers(models, settings)
    if powers.why_none:
        return PerOperation(None, None, powers.why_none)
    parts = []
    for model, power in zip(models, powers.of, strict=True):
        # Where no estimate can be made of a stratum, as many stand for it as there are at least.
        hidden = model.bound if model.u.n is None else model.u.n
        parts += [
            (n, power[who])
            for who, n in ((REGISTERED, settings.active * model.registered), (UNREGISTERED, hidden))
            if who in power
        ]
    whole = math.fsum(n for n, _ in parts)
    if not whole:
        return PerOperation(None, None, "There is nobody whose power is known.")
    low, high = (math.fsum(n * getattr(each, end) for n, each in parts) / whole for end in ("low", "high"))
    if not high:
        return PerOperation(None, None, "All operations whose power is known draw none.")
    error = NORMAL_95 * math.sqrt(math.fsum((n / whole * each.se) ** 2 for n, each in parts))
    span = Range(max(low - error, low / LEAST_OF_MEAN), high + error)
    return PerOperation(None if powers.note else low, span, "", powers.note)


def electricity(
    models: Sequence[StratumModel],
    settings: Settings,
    given: Mapping[str, Any],
    catalogue: Mapping[str, Any] | None = None,
) -> Electricity:
    """Operations by `mining_kw`, by `hash_rate_ths` with its prices and the catalogue, or both.

    Where both are given, the interval holds both ranges, so that lists are in conflict with the electricity only where
    they are with either. Its end is infinite where no device of the catalogue earns its electricity.
    """
    per = kw_per_operation(models, settings)
    shown: dict[str, Any] = {
        "kw_per_operation": None
        if per.span is None
        else {"low": number(per.span.low), "mean": number(per.mean), "high": number(per.span.high)},
        "why_none": per.why_none,
        "note": per.note,
    }
    spans = []
    if given.get("mining_kw"):
        low, high = given["mining_kw"]
        shown["by_power"] = {
            "lower": _bound(None, low, per.span, lowest=True),
            "upper": _bound(None, high, per.span, lowest=False),
        }
        spans.append((low, high))
    if given.get("hash_rate_ths"):
        found = _by_hash_rate(given, catalogue or {"models": []}, per)
        shown["by_hash_rate"] = found
        if found["lower"] is not None:
            spans.append((found["lower"]["kw"], None if found["upper"] is None else found["upper"]["kw"]))
    if per.span is None or not spans:
        return Electricity(None, shown)
    least = min(operations(Range(low, low), per.span).lowest for low, _ in spans)
    ends = [None if high is None else operations(Range(high, high), per.span).highest for _, high in spans]
    highest = max(math.inf if end is None else end for end in ends)
    return Electricity(Interval(least, highest, "power drawn over mean power"), shown)


def _by_hash_rate(given: Mapping[str, Any], catalogue: Mapping[str, Any], per: PerOperation) -> dict[str, Any]:
    """Lower bound from the low end of the hash rate, upper from the high end, best from the middle of both."""
    low, high = given["hash_rate_ths"]
    share = given.get("above_threshold", 1.0)
    shown: dict[str, Any] = {
        "hash_rate_ths": [low, high],
        "hash_price": given["hash_price"],
        "price_per_kwh": given["price_per_kwh"],
        "above_threshold": share,
        "models": len(catalogue["models"]),
        "profitable": 0,
        "break_even_j_per_th": None,
        "lower": None,
        "best": None,
        "upper": None,
        "why_none": "",
    }
    devices = [Device(each["name"], each["watts"] / each["ths"]) for each in catalogue["models"]]
    if not devices:
        return {**shown, "why_none": "The catalogue has no SHA-256 device with its power and its hash rate."}

    def bounds(ths: float) -> PowerBounds:
        return power_bounds(ths * share, devices, hash_price=given["hash_price"], price_per_kwh=given["price_per_kwh"])

    first, middle, last = bounds(low), bounds((low + high) / 2), bounds(high)
    mean = None if per.mean is None else Range(per.mean, per.mean)
    shown |= {
        "profitable": first.profitable,
        "break_even_j_per_th": number(first.break_even_j_per_th),
        "lower": _bound(first.lower_j_per_th, first.lower_kw, per.span, lowest=True),
        "best": _bound(middle.best_j_per_th, middle.best_kw, mean, lowest=True),
        "upper": _bound(last.upper_j_per_th, last.upper_kw, per.span, lowest=False),
    }
    if not first.profitable:
        shown["why_none"] = "No device of the catalogue earns its electricity at these prices: there is no upper bound."
    return shown


def _bound(j_per_th: float | None, kw: float | None, per: Range | None, *, lowest: bool) -> dict[str, Any] | None:
    if kw is None:
        return None
    found = None if per is None else operations(Range(kw, kw), per)
    n = None if found is None else found.lowest if lowest else found.highest
    return {"j_per_th": number(j_per_th), "kw": number(kw), "operations": number(n)}
