"""How the figure of each window has moved from run to run, and the months of the last run by region."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from compliance.choices import EstimateKind, RunStatus
from compliance.estimates.headline_notices import provisional
from compliance.models import Estimate
from compliance.selectors.estimated import shown
from registry.models import Territory


@dataclass(frozen=True)
class Revision:
    """One figure of one window of a place as one run gave it.

    `territory` is the code of the place. `change` is that of the rate since the run before, where both have a point.
    `provisional` says that the window ends in the last two months before what was known.
    """

    territory: str
    as_of: dt.date
    window_from: dt.date
    by: str
    number: int
    known_at: dt.datetime
    status: str
    registered: int | None
    unregistered: float | None
    rate: float | None
    low: float | None
    high: float | None
    change: float | None
    provisional: bool
    sentence: str


def revisions(territory: Territory | None = None) -> list[Revision]:
    """The triangle: windows in their order, and of each window the runs in the order of what they knew; without tries
    with settings of somebody's own."""
    runs = shown().filter(territory=territory) if territory else shown()
    last: dict[tuple[Any, ...], float | None] = {}
    found = []
    columns = (
        "pk",
        "territory__code",
        "as_of",
        "window_from",
        "known_at",
        "settings__by",
        "result__headline",
        "result__sentence",
    )
    ordered = runs.order_by("territory__code", "as_of", "window_from", "known_at", "pk")
    for number, place, as_of, window_from, known_at, by, told, sentence in ordered.values_list(*columns):
        headline = told or {}
        rate, span = headline.get("rate"), headline.get("published") or {}
        if headline.get("status") == "at_most":
            span = {"low": 0.0, "high": headline.get("at_most")}
        key = (place, as_of, window_from, by)
        before = last.get(key)
        found.append(
            Revision(
                territory=place,
                as_of=as_of,
                window_from=window_from,
                by=by,
                number=number,
                known_at=known_at,
                status=headline.get("status", "none"),
                registered=headline.get("registered"),
                unregistered=headline.get("unregistered"),
                rate=rate,
                low=span.get("low"),
                high=span.get("high"),
                change=None if rate is None or before is None else round(rate - before, 10),
                provisional=provisional(as_of, known_at.date()) is not None,
                sentence=sentence,
            )
        )
        if rate is not None:
            last[key] = rate
    return found


def regional_run(territory: Territory | None = None) -> Estimate | None:
    """The last finished run by region with everybody's settings: of the territory, or of any where none is named."""
    runs = Estimate.objects.filter(kind=EstimateKind.REGIONS, status=RunStatus.DONE).select_related("territory")
    runs = runs.exclude(settings__contains={"standard": False})
    runs = runs.filter(territory=territory) if territory else runs
    return runs.order_by("-as_of", "-known_at", "-pk").first()
