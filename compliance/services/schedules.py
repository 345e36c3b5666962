"""The schedules that the service starts with; afterwards they belong to whoever edits them in the admin."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask


@dataclass(frozen=True)
class Cron:
    """Minute, hour and day as cron writes them, in the service's time zone."""

    minute: str
    hour: str
    day_of_month: str = "*"


@dataclass(frozen=True)
class Every:
    """A run every so many milliseconds; one that waits longer than the next but one is dropped."""

    milliseconds: int


@dataclass(frozen=True)
class Schedule:
    name: str
    task: str
    when: Cron | Every
    description: str


SCHEDULES = (
    Schedule(
        "Refresh what is stale",
        "compliance.refresh_stale",
        Every(milliseconds=250),
        "Brings the totals of changed miners up to date; on a new day it recomputes everything.",
    ),
    Schedule(
        "Link sightings",
        "registry.link_sightings",
        Cron(minute="40", hour="1"),
        "Links the sightings of nobody known to miners and to each other anew, once a night.",
    ),
    Schedule(
        "Recompute exposure",
        "compliance.recompute_exposure",
        Cron(minute="30", hour="2"),
        "Reads all norms against the whole register again, once a night.",
    ),
    Schedule(
        "Recompute registration rates",
        "compliance.recompute_rates",
        Cron(minute="45", hour="2"),
        "Counts all registration rates again, once a night.",
    ),
    Schedule(
        "Compliance report",
        "compliance.issue_report",
        Cron(minute="0", hour="6", day_of_month="21"),
        "Issues the compliance report the day after the monthly declarations are due, and mails it.",
    ),
    Schedule(
        "Estimate by size",
        "compliance.estimate_national",
        Cron(minute="15", hour="3", day_of_month="2"),
        "Estimates the registration rate of every country with a pack and sightings, by size class.",
    ),
    Schedule(
        "Estimate by region",
        "compliance.estimate_regions",
        Cron(minute="45", hour="3", day_of_month="2"),
        "Estimates the registration rate region by region over the last 24 months.",
    ),
    Schedule(
        "Resume estimates",
        "compliance.resume_estimates",
        Every(milliseconds=30_000),
        "Takes up runs of the estimate whose worker died.",
    ),
)


def schedules_load() -> list[str]:
    """Create the schedules that are missing and return their names; one that is there stays as it was edited."""
    created = []
    with transaction.atomic():
        there = set(
            PeriodicTask.objects.filter(name__in=[schedule.name for schedule in SCHEDULES]).values_list(
                "name", flat=True
            )
        )
        for schedule in SCHEDULES:
            if schedule.name in there:
                continue
            PeriodicTask.objects.create(
                name=schedule.name,
                task=schedule.task,
                description=schedule.description,
                crontab=_crontab(schedule.when) if isinstance(schedule.when, Cron) else None,
                interval=_interval(schedule.when) if isinstance(schedule.when, Every) else None,
                expire_seconds=_expiry(schedule.when),
            )
            created.append(schedule.name)
    return created


def _expiry(when: Cron | Every) -> int | None:
    """Two seconds, or twice the interval where that is longer."""
    return max(2, 2 * when.milliseconds // 1000) if isinstance(when, Every) else None


def _crontab(cron: Cron) -> CrontabSchedule:
    values = {
        "minute": cron.minute,
        "hour": cron.hour,
        "day_of_month": cron.day_of_month,
        "month_of_year": "*",
        "day_of_week": "*",
        "timezone": settings.TIME_ZONE,
    }
    return CrontabSchedule.objects.filter(**values).first() or CrontabSchedule.objects.create(**values)


def _interval(every: Every) -> IntervalSchedule:
    values = {"every": every.milliseconds * 1000, "period": IntervalSchedule.MICROSECONDS}
    return IntervalSchedule.objects.filter(**values).first() or IntervalSchedule.objects.create(**values)
