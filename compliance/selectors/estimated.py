"""What a finished run of the estimate says of a place, read back into figures and words."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from compliance.choices import EstimateKind, RunStatus
from compliance.estimates.claims import Span
from compliance.estimates.diagnostics import Notice
from compliance.estimates.list_names import spelt
from compliance.estimates.partition import Headline
from compliance.estimates.waterfall import Quantity
from compliance.models import Estimate
from registry.choices import TerritoryKind
from registry.models import Territory

NO_RUN = "no finished estimate of this territory is on file"
INSPECTED_IS_MISSING, PROVISIONAL = "W18", "W16"


@dataclass(frozen=True)
class HiddenStratum:
    """The unregistered of one stratum: a size class, or a kind of miner where the run is by kind."""

    name: str
    unregistered: Quantity


@dataclass(frozen=True)
class Estimated:
    """One finished run. `rate` is what it publishes, both ends empty where it publishes nothing; `point` its best rate.

    `unregistered` is the number of operations outside the register. `sentence` is for the public, also where there is
    no figure. `inspected` says that a random inspection backs it, `by_kind` that its strata are kinds of miner.
    """

    number: int
    territory: str
    window_from: dt.date
    as_of: dt.date
    unregistered: Quantity
    inspected: bool
    rate: Span = field(default_factory=lambda: Span(None, None))
    point: Decimal | None = None
    status: str = "none"
    operations: Quantity = field(default_factory=lambda: Quantity.unknown("not said"))
    sentence: str = ""
    notices: tuple[Notice, ...] = ()
    provisional: bool = False
    energy: Span = field(default_factory=lambda: Span(None, None))
    strata: tuple[HiddenStratum, ...] = ()
    by_kind: bool = False

    @property
    def window(self) -> str:
        return f"{self.window_from:%B %Y} to {self.as_of:%B %Y}"


def finished() -> Any:
    """The runs of one territory each that are done."""
    return Estimate.objects.filter(kind=EstimateKind.WHOLE, status=RunStatus.DONE)


def shown() -> Any:
    """Those of them that are the service's figure: not a try with settings of somebody's own."""
    return finished().exclude(settings__contains={"standard": False})


def latest(territory: Territory | None, day: dt.date | None = None) -> Estimated | None:
    """The latest finished run of the territory whose window had ended by the day; of any country where none is named.

    Of several runs of one window the last one made.
    """
    runs = shown().select_related("territory").order_by("-as_of", "-id")
    if territory is not None:
        runs = runs.filter(territory=territory)
    else:
        runs = runs.filter(territory__kind=TerritoryKind.COUNTRY)
    if day is not None:
        runs = runs.filter(as_of__lte=day)
    run = runs.first()
    return None if run is None else estimated(run)


def numbered(number: int) -> Estimated | None:
    """The finished run of this number."""
    run = finished().select_related("territory").filter(pk=number).first()
    return None if run is None else estimated(run)


def series(territory: Territory | None) -> list[Estimated]:
    """The last run of each window, oldest window first, of the territory, or of the country of the latest run."""
    if territory is None:
        last = latest(None)
        if last is None:
            return []
        territory = Territory.objects.get(code=last.territory)
    runs = shown().select_related("territory").filter(territory=territory)
    # Results are large, so those that a later run replaced stay where they are.
    last = runs.order_by("as_of", "window_from", "-id").distinct("as_of", "window_from")
    return [estimated(run) for run in last]


def nearest(days: Iterable[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], Estimated]:
    """For each pair of a territory's key and a day, the run whose window is nearest to it, of equals the latest."""
    wanted = set(days)
    runs = list(
        shown()
        .filter(territory__in={place for place, _ in wanted})
        .order_by("id")
        .values_list("pk", "territory_id", "window_from", "as_of")
    )
    chosen: dict[tuple[int, dt.date], int] = {}
    for place, day in wanted:
        near = [(_distance(day, first, last), -pk) for pk, territory, first, last in runs if territory == place]
        if near:
            chosen[place, day] = -min(near)[1]
    read = {
        run.pk: estimated(run)
        for run in Estimate.objects.filter(pk__in=set(chosen.values())).select_related("territory")
    }
    return {key: read[pk] for key, pk in chosen.items()}


def estimated(run: Estimate) -> Estimated:
    """A finished run as figures."""
    result = run.result or {}
    strata = tuple(_stratum(each) for each in result.get("strata", ()))
    by_kind = run.settings.get("by") == "kind"
    if result.get("headline") is None:
        sentence = result.get("sentence", "")
        return Estimated(
            number=run.pk,
            territory=run.territory.code,
            window_from=run.window_from,
            as_of=run.as_of,
            unregistered=Quantity.unknown(sentence or NO_RUN),
            inspected=False,
            sentence=sentence,
            strata=strata,
            by_kind=by_kind,
        )
    told = Headline.from_json(result["headline"])
    codes = {each.code for each in told.notices}
    names = {each["code"]: each["name"] for each in run.lists}
    registered = Decimal(str(told.active * told.registered))
    rate = Span(None, None) if told.published is None else Span(_dec(told.published.low), _dec(told.published.high))
    if told.status == "at_most":
        rate = Span(Decimal(0), _dec(told.at_most))
        strata = tuple(_at_least(each, told.sentence) for each in strata)
    if told.status in ("none", "conflict"):
        strata = tuple(_stratum({**each, "unregistered": None, "why_none": told.sentence}) for each in result["strata"])
    unregistered = _unregistered(told, rate)
    return Estimated(
        number=run.pk,
        territory=run.territory.code,
        window_from=run.window_from,
        as_of=run.as_of,
        unregistered=unregistered,
        operations=_more(unregistered, registered),
        inspected=INSPECTED_IS_MISSING not in codes,
        rate=rate,
        point=_dec(told.rate) if told.status == "estimate" else None,
        status=told.status,
        sentence=told.sentence,
        notices=tuple(replace(each, message=spelt(each.message, names, each.facts)) for each in told.notices),
        provisional=PROVISIONAL in codes,
        energy=Span(None, None) if told.energy is None else Span(_dec(told.energy.low), _dec(told.energy.high)),
        strata=strata,
        by_kind=by_kind,
    )


def _unregistered(told: Headline, rate: Span) -> Quantity:
    """U, from the published rate where an inspection or a range of models leads: U = aR (1 / r - 1)."""
    if told.status == "at_most":
        return Quantity.at_least(_dec(told.unregistered_at_least), told.sentence)
    if told.status not in ("estimate", "range"):
        return Quantity.unknown(told.sentence)
    interval = told.unregistered_interval
    if told.status == "estimate" and told.kind == "lists" and told.unregistered is not None and interval is not None:
        point = _dec(told.unregistered)
        return Quantity(min(_dec(interval.low), point), point, max(_dec(interval.high), point))
    registered = told.active * told.registered
    if rate.low is None or rate.high is None or not rate.low or not rate.high:
        return Quantity.unknown(told.sentence)
    low, high = (_dec(registered * (1 / float(end) - 1)) for end in (rate.high, rate.low))
    if told.status == "range" or not told.rate:
        return Quantity(low, None, high, told.sentence)
    return Quantity(low, _dec(registered * (1 / told.rate - 1)), high)


def _stratum(found: Mapping[str, Any]) -> HiddenStratum:
    """One stratum of the result; where it has no estimate, at least what its bound says."""
    name, interval = found["name"], found["unregistered_interval"]
    if found["unregistered"] is None:
        why = found["why_none"] or "it has no estimate"
        bound = found["unregistered_at_least"]
        return HiddenStratum(name, Quantity.at_least(_dec(bound), why) if bound else Quantity.unknown(why))
    point = _dec(found["unregistered"])
    if interval is None:
        return HiddenStratum(name, Quantity(Decimal(0), point, None, "it has no interval"))
    return HiddenStratum(name, Quantity(min(_dec(interval["low"]), point), point, max(_dec(interval["high"]), point)))


def _at_least(found: HiddenStratum, why: str) -> HiddenStratum:
    """The stratum without the point and the upper end that a minimum does not have."""
    low = found.unregistered.low
    return found if low is None else HiddenStratum(found.name, Quantity.at_least(low, found.unregistered.why or why))


def _more(quantity: Quantity, by: Decimal) -> Quantity:
    ends = [None if end is None else end + by for end in (quantity.low, quantity.point, quantity.high)]
    return Quantity(ends[0], ends[1], ends[2], quantity.why)


def _dec(value: float | None) -> Decimal:
    return Decimal(str(value or 0))


def _distance(day: dt.date, first: dt.date, last: dt.date) -> int:
    """Days from the day to the window; zero within it."""
    return max(0, (first - day).days, (day - last).days)
