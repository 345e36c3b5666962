"""Was mining allowed in this territory on this day, and by which act not?"""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Literal

from compliance.choices import NormKind
from compliance.models import BannedArea, LawPack, Norm
from registry.choices import LandUse
from registry.models import Territory

PLACE = "the exact place within the territory"
NO_LAW = "the law there: no pack of it is on file"


@dataclass(frozen=True)
class BanInForce:
    """One ban that touches the territory on the day; `until` is the first day after it, null where it is open."""

    norm: str
    title: str
    act: str
    citation: str
    article: str
    status: str
    url: str
    territory: str
    since: dt.date
    until: dt.date | None
    partial: bool
    only_for: str
    exemption: str
    confidence: str
    sources: list[Any]


@dataclass(frozen=True)
class Allowed:
    """The answer for one place and one day; what is exempt from a ban is told with its act.

    Undetermined: it depends on what `depends_on` says in words, such as the exact place, for only an unnamed part of
    the place, or a part below it, is banned; what the land is for; or a law that is not on file. Empty where the
    verdict is certain.
    """

    territory: str
    on: dt.date
    verdict: Literal["allowed", "banned", "undetermined"]
    depends_on: list[str]
    acts: list[BanInForce]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def allowed(territory: Territory, on: dt.date) -> Allowed:
    """What the bans in force on the day say of the territory."""
    areas = BannedArea.objects.filter(
        norm__kind=NormKind.BAN, norm__in_force__contains=on, period__contains=on
    ).select_related("norm__act", "territory")
    around = [area for area in areas.filter(territory__below__descendant=territory) if _for_any(area.norm, on)]
    below = areas.filter(territory__above__ancestor=territory).exclude(territory=territory)
    within = [area for area in below if _for_any(area.norm, on)]
    whole = [area for area in around if not area.partial]
    reasons = {condition for area in around + within for condition in _conditions(area.norm)}
    if len(whole) < len(around) or within:
        reasons.add(PLACE)
    if not LawPack.objects.filter(territory__below__descendant=territory).exists():
        reasons.add(NO_LAW)
    banned = any(not _conditions(area.norm) for area in whole)
    verdict: Literal["allowed", "banned", "undetermined"] = (
        "banned" if banned else "undetermined" if reasons else "allowed"
    )
    acts = [_in_force(area, on) for area in around + within]
    return Allowed(territory.code, on, verdict, [] if banned else sorted(reasons), acts)


def _for_any(norm: Norm, on: dt.date) -> bool:
    """Whether there can be a site that the norm bans on the day; none has begun on a day to come."""
    return str(norm.parameters.get("only_started_from", "")) <= on.isoformat()


def _conditions(norm: Norm) -> list[str]:
    """What, beside the place, decides whether a site is banned, in words."""
    conditions = []
    if use := norm.parameters.get("land_use"):
        conditions.append(f"whether the land is {LandUse(use).label.lower()}")
    if day := norm.parameters.get("only_started_from"):
        conditions.append(f"whether the site began on or after {day}")
    return conditions


def _only_for(norm: Norm) -> str:
    use, day = norm.parameters.get("land_use"), norm.parameters.get("only_started_from")
    words = [f"on {LandUse(use).label.lower()} land" if use != LandUse.FARMLAND else "on farmland"] if use else []
    return " ".join(["sites", *words, *([f"begun on or after {day}"] if day else [])]) if use or day else ""


def _status(norm: Norm, on: dt.date) -> str:
    """The norm's status on the day, from its timeline, whose days both count."""
    day = on.isoformat()
    held = (each["status"] for each in norm.timeline if each["from"] <= day <= (each["until"] or day))
    return str(next(held, ""))


def _in_force(area: BannedArea, on: dt.date) -> BanInForce:
    norm = area.norm
    start = norm.parameters.get("exempt_off_grid_from")
    exempt = bool(start) and dt.date.fromisoformat(start) <= on
    return BanInForce(
        norm=norm.code,
        title=norm.title,
        act=norm.act.title,
        citation=norm.act.citation,
        article=norm.article,
        status=_status(norm, on),
        url=norm.url,
        territory=area.territory.code,
        since=area.period.lower,
        until=area.period.upper,
        partial=area.partial,
        only_for=_only_for(norm),
        exemption="sites on their own off-grid generation" if exempt else "",
        confidence=area.confidence,
        sources=area.sources,
    )
