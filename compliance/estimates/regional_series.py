"""Region by region and month by month: own figures pooled by Fay-Herriot, set to the nation's, and smoothed in time."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from compliance.estimates.documents import number
from compliance.estimates.headline_notices import borrowed, provisional
from compliance.estimates.rates import rate_of
from compliance.estimates.regional import Own
from compliance.estimates.regions import rates, suppressed
from compliance.estimates.small_areas import NORMAL_95, Area, benchmark, fay_herriot
from compliance.estimates.smoothing import of_interval, smooth
from compliance.estimates.strata import Settings

# A region of which nothing is seen is given the nation's ratio with this much doubt about its logarithm.
DOUBT = 1.0


class Cell(Protocol):
    @property
    def task(self) -> str: ...
    @property
    def territory_id(self) -> int | None: ...
    @property
    def output(self) -> Mapping[str, Any]: ...


def series(
    cells: Sequence[Cell],
    *,
    settings: Settings,
    places: Mapping[int, tuple[str, str]],
    known_on: dt.date,
    window: int = 1,
) -> dict[str, Any]:
    """The months in their order, each with the nation and every region that has anybody on a list in any month.

    `window` is how many months each of them rests on.
    """
    nation = [month for each in cells if each.task == "month" for month in each.output["months"]]
    regions = {each.territory_id: each.output["months"] for each in cells if each.task == "region"}
    months = []
    for at, month in enumerate(nation):
        own = {place: _owns(found[at]) for place, found in regions.items() if place is not None}
        months.append(_month(month["month"], _owns(month), own, settings, places, known_on))
    return {"months": months, **_smoothed(months, window)}


def _smoothed(months: Sequence[dict[str, Any]], window: int) -> dict[str, Any]:
    """Adds to each month the rate as a local level smooths it, with its band; `q` is how fast the level moves."""
    seen = [
        of_interval(month["rate"], month["low"], month["high"]) if month["rate"] is not None else None
        for month in months
    ]
    found = smooth(seen, window=window)
    for at, month in enumerate(months):
        level = found.months[at] if found.months else None
        month["smoothed"] = number(level.rate) if level else None
        month["smoothed_low"] = number(level.interval.low) if level else None
        month["smoothed_high"] = number(level.interval.high) if level else None
    return {"q": number(found.q), "q_fitted": found.q_fitted}


def _owns(month: Mapping[str, Any]) -> list[Own]:
    return [Own.from_json(each) for each in month["classes"]]


def _month(
    month: str,
    nation: Sequence[Own],
    own: Mapping[int, Sequence[Own]],
    settings: Settings,
    places: Mapping[int, tuple[str, str]],
    known_on: dt.date,
) -> dict[str, Any]:
    known = all(each.f0 is not None for each in nation if each.seen)
    f0 = sum(each.f0 or 0.0 for each in nation)
    variance = sum((each.f0 or 0.0) ** 2 * (each.variance or 0.0) for each in nation) / f0**2 if f0 else 0.0
    registered, seen = sum(each.registered for each in nation), sum(each.seen for each in nation)
    late = provisional(dt.date.fromisoformat(month), known_on, settings.thresholds)
    told: dict[str, Any] = {
        "month": month,
        "registered": registered,
        "seen": seen,
        "provisional": late is not None,
        **_rates(registered, seen, f0 if known and seen else None, variance, settings),
        "why_none": "" if known and seen else "The lists of this month give no figure for the nation.",
        "regions": [],
    }
    if known and seen:
        told["regions"] = _regions(nation, f0, own, settings, places)
    return told


def _rates(
    registered: int, seen: int, f0: float | None, variance: float, settings: Settings, factor: float = 1.0
) -> dict[str, Any]:
    """U = seen + f0 with its interval on ln f0, and the rate with the interval that follows from it."""
    if f0 is None:
        return dict.fromkeys(("unregistered", "unregistered_low", "unregistered_high", "rate", "low", "high"))
    spread = math.exp(NORMAL_95 * math.sqrt(variance)) if variance < 400 else math.inf
    ends = [seen + f0 * factor, seen + f0 * factor / spread, seen + f0 * factor * spread]
    active = settings.active * registered
    shares = [rate_of(active, end) for end in ends]
    return {
        "unregistered": number(ends[0]),
        "unregistered_low": number(ends[1]),
        "unregistered_high": number(ends[2]),
        "rate": number(shares[0]),
        "low": number(shares[2]) if math.isfinite(spread) else 0.0,
        "high": number(shares[1]),
    }


def _regions(
    nation: Sequence[Own],
    f0: float,
    own: Mapping[int, Sequence[Own]],
    settings: Settings,
    places: Mapping[int, tuple[str, str]],
) -> list[dict[str, Any]]:
    """Each region: what its own lists say beside the nation's ratio of missed to seen, class by class, as one figure.

    Fay-Herriot is fitted to the logarithm of the first over the second, so that a region is drawn towards what the
    nation says of the sizes that it has.
    """
    ratio = {each.stratum: (each.f0 or 0.0) / each.seen for each in nation if each.seen}
    registered = sum(each.registered for each in nation)
    order = sorted(own, key=lambda place: places[place][0])
    expected, thetas, variances = [], [], []
    for place in order:
        of_nation = sum(each.seen * ratio.get(each.stratum, 0.0) for each in own[place])
        if not of_nation:
            of_nation = f0 * sum(each.registered for each in own[place]) / registered if registered else 0.0
        theta, variance = _own_theta(own[place], ratio, of_nation)
        expected.append(of_nation)
        thetas.append(theta)
        variances.append(variance)
    pooled = fay_herriot(thetas, variances).areas
    found: list[Area | None] = list(pooled) or [None] * len(order)
    raw = [of_nation * (area.f0 if area else 1.0) for of_nation, area in zip(expected, found, strict=True)]
    scaled = benchmark(raw, f0)
    shares = rates([_sum(own[p], "shared") for p in order], [_sum(own[p], "observed") for p in order])
    rows = []
    for at, place in enumerate(order):
        area, share = found[at], shares.regions[at]
        seen, held = _sum(own[place], "seen"), _sum(own[place], "registered")
        weight = area.weight if area else 0.0
        mse = area.mse if area else DOUBT
        anything = seen + held > 0
        told = _rates(held, seen, raw[at] if anything else None, mse, settings, scaled.factor or 1.0)
        unscaled = raw[at] + seen if anything else None
        alone = _alone(own[place])
        rows.append(
            {
                "territory": places[place][0],
                "name": places[place][1],
                "registered": held,
                "seen": seen,
                **told,
                "unregistered_unscaled": number(unscaled),
                "unregistered_own": number(alone),
                "rate_own": number(rate_of(settings.active * held, alone) if alone is not None else None),
                "suppressed": suppressed(_sum(own[place], "observed"), _sum(own[place], "shared")),
                "weight": number(weight),
                "share_found": {
                    "observed": _sum(own[place], "observed"),
                    "shared": _sum(own[place], "shared"),
                    "raw": number(share.raw) if share else None,
                    "pooled": number(share.pooled) if share else None,
                    "low": number(share.interval.low) if share else None,
                    "high": number(share.interval.high) if share else None,
                    "weight": number(share.weight) if share else None,
                },
                "how": sorted({each.how for each in own[place] if each.seen}),
                "warnings": [each.to_json() for each in [borrowed(weight, settings.thresholds)] if each],
            }
        )
    return rows


def _own_theta(own: Sequence[Own], ratio: Mapping[str, float], of_nation: float) -> tuple[float | None, float | None]:
    """ln of the region's own f0 over what the nation's ratio gives, and its variance; null where it has none.

    A class in which somebody is seen, but the lists give no figure, counts by the nation's ratio with doubt.
    """
    if not of_nation or not any(each.f0 for each in own):
        return None, None
    parts = []
    for each in own:
        if each.f0 is not None and each.variance is not None:
            parts.append((each.f0, each.variance))
        elif each.seen:
            parts.append((each.seen * ratio.get(each.stratum, 0.0), DOUBT))
    total = sum(part for part, _ in parts)
    if not total:
        return None, None
    return math.log(total / of_nation), sum(part**2 * variance for part, variance in parts) / total**2


def _alone(own: Sequence[Own]) -> float | None:
    """U by the region's lists alone; null where a class with somebody in it has no figure."""
    if not any(each.seen for each in own) or any(each.f0 is None for each in own if each.seen):
        return None
    return sum(each.seen + (each.f0 or 0.0) for each in own)


def _sum(own: Sequence[Own], name: str) -> int:
    return sum(getattr(each, name) for each in own)
