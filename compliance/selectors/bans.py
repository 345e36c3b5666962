"""Was mining allowed in this territory on this day, and by which act not?"""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Literal

from compliance.choices import NormKind
from compliance.models import BannedArea
from registry.models import Territory


@dataclass(frozen=True)
class BanInForce:
    """One ban that touches the territory on the day; `until` is the first day after it, null where it is open."""

    norm: str
    title: str
    act: str
    article: str
    url: str
    territory: str
    since: dt.date
    until: dt.date | None
    partial: bool
    exemption: str
    confidence: str
    sources: list[Any]


@dataclass(frozen=True)
class Allowed:
    """The answer for one place and one day.

    Undetermined: only an unnamed part of the place, or a part below it, is banned, so it depends on the exact place.
    """

    territory: str
    on: dt.date
    verdict: Literal["allowed", "banned", "undetermined"]
    acts: list[BanInForce]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def allowed(territory: Territory, on: dt.date) -> Allowed:
    """What the bans in force on the day say of the territory."""
    areas = BannedArea.objects.filter(
        norm__kind=NormKind.BAN, norm__in_force__contains=on, period__contains=on
    ).select_related("norm__act", "territory")
    around = list(areas.filter(territory__below__descendant=territory))
    within = list(areas.filter(territory__above__ancestor=territory).exclude(territory=territory))
    if any(not area.partial for area in around):
        verdict: Literal["allowed", "banned", "undetermined"] = "banned"
    else:
        verdict = "undetermined" if around or within else "allowed"
    return Allowed(territory.code, on, verdict, [_in_force(area, on) for area in around + within])


def _in_force(area: BannedArea, on: dt.date) -> BanInForce:
    norm = area.norm
    start = norm.parameters.get("exempt_off_grid_from")
    exempt = bool(start) and dt.date.fromisoformat(start) <= on
    return BanInForce(
        norm=norm.code,
        title=norm.title,
        act=norm.act.title,
        article=norm.article,
        url=norm.url,
        territory=area.territory.code,
        since=area.period.lower,
        until=area.period.upper,
        partial=area.partial,
        exemption="sites on their own off-grid generation" if exempt else "",
        confidence=area.confidence,
        sources=area.sources,
    )
