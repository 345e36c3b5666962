"""What the report says about the law on one day: the bans in force, and every act with its status and its sources."""

import datetime as dt
from typing import Any

from django.db.models import OuterRef, Subquery

from compliance.choices import ActStatusName
from compliance.models import Act, ActStatus, BannedArea

STATUS_NAMES = {str(value): str(label) for value, label in ActStatusName.choices}


def bans_in_force(as_of: dt.date) -> list[dict[str, Any]]:
    """One row per territory and norm whose ban covers the day, with the last day on which it does."""
    areas = (
        BannedArea.objects.filter(period__contains=as_of, norm__in_force__contains=as_of)
        .select_related("norm__act", "territory__parent")
        .order_by("territory__code", "norm__code")
    )
    return [
        {
            "territory_code": area.territory.code,
            "territory": area.territory.name,
            "level": area.territory.kind,
            "within": "" if area.territory.parent is None else area.territory.parent.name,
            "norm": area.norm.title,
            "act": area.norm.act.title,
            "citation": area.norm.act.citation,
            "article": area.norm.article,
            "first_day": _day(area.period.lower),
            "last_day": _day(None if area.period.upper is None else area.period.upper - dt.timedelta(days=1)),
            "partial": area.partial,
            "note": area.note,
            "confidence": area.confidence,
            "urls": _urls(area.sources) or _urls(area.norm.sources) or [area.norm.url] * bool(area.norm.url),
        }
        for area in areas
    ]


def act_sources(as_of: dt.date) -> list[dict[str, Any]]:
    """Every act on file with its status on the day; an act whose status nobody knows has an empty one."""
    on_the_day = ActStatus.objects.filter(act=OuterRef("pk"), period__contains=as_of).order_by("-period")
    acts = Act.objects.annotate(
        status_on=Subquery(on_the_day.values("status")[:1]),
        status_confidence=Subquery(on_the_day.values("confidence")[:1]),
    ).order_by("code")
    return [
        {
            "code": act.code,
            "title": act.title,
            "citation": act.citation,
            "status": act.status_on or "",
            "status_name": STATUS_NAMES.get(act.status_on, "Not known"),
            "confidence": act.status_confidence or "",
            "sources": [
                {
                    "url": source.get("url", ""),
                    "confidence": source.get("confidence", ""),
                    "note": source.get("note", ""),
                }
                for source in act.sources
            ],
        }
        for act in acts
    ]


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _urls(sources: list[dict[str, str]]) -> list[str]:
    return [source["url"] for source in sources if source.get("url")]
