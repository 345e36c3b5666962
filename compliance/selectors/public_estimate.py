"""The fourth denominator as the public is told it: the latest estimate, how it moved, and the claims beside it."""

import datetime as dt
from dataclasses import dataclass

from compliance.choices import EstimateKind, RunStatus
from compliance.models import Claim, Estimate
from compliance.selectors.claims import Compared, compared
from compliance.selectors.estimated import Estimated, latest, series
from registry.choices import TerritoryKind

NO_FIGURE = "No figure: no estimate of a country is finished yet."
BEING_COMPUTED = "No figure yet: the first estimate is being computed."


@dataclass(frozen=True)
class RatePoint:
    """One estimate in the chart; without a range it draws nothing."""

    as_of: dt.date
    low: float | None
    high: float | None
    point: float | None
    provisional: bool


@dataclass(frozen=True)
class PublicEstimate:
    """The latest finished estimate of a country whose window had ended by the day, or none.

    `sentence` says the figure with its range, or in words that there is none. `series` has one estimate per window,
    `claims` are those about the registered share, each with its verdict. `awaited` is the number of the run that will
    be the first, while it is computed.
    """

    run: Estimated | None
    sentence: str
    series: tuple[RatePoint, ...]
    claims: tuple[Compared, ...]
    awaited: int | None = None


def public_estimate(as_of: dt.date, claims: list[Claim]) -> PublicEstimate:
    """The estimate as of the day, and these claims held against the estimates of their own days."""
    run = latest(None, as_of)
    awaited = _awaited() if run is None else None
    sentence = _sentence(run) if run else BEING_COMPUTED if awaited else NO_FIGURE
    return PublicEstimate(
        run=run,
        sentence=sentence,
        series=tuple(_point(each) for each in (series(None) if run else []) if each.as_of <= as_of),
        claims=tuple(compared(claims)),
        awaited=awaited,
    )


def _awaited() -> int | None:
    runs = Estimate.objects.filter(
        kind=EstimateKind.WHOLE, status=RunStatus.RUNNING, territory__kind=TerritoryKind.COUNTRY
    )
    return runs.order_by("pk").values_list("pk", flat=True).first()


def _sentence(run: Estimated) -> str:
    """The run's own words; where it publishes nothing they begin with that."""
    if run.rate.empty:
        return f"No figure. {run.sentence}".strip()
    return run.sentence


def _point(run: Estimated) -> RatePoint:
    low, high = run.rate.low, run.rate.high
    return RatePoint(
        as_of=run.as_of,
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        point=None if run.point is None else float(run.point),
        provisional=run.provisional,
    )
