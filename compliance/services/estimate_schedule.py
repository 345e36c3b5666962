"""The runs of the estimate that come round every month: which countries, which window."""

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

from compliance.choices import RunStatus
from compliance.models import Estimate, LawPack
from compliance.services.estimate_questions import windows_of
from compliance.services.estimates import BY, MONTHS, MONTHS_OF_REGIONS, estimate_request
from registry.choices import TerritoryKind
from registry.models import Sighting, Territory

# Two of these at once would each ask for the runs of the month.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('headframe monthly estimates'))"


def monthly_runs(*, kind: str, now: dt.datetime) -> list[Estimate]:
    """Ask for the runs of the last whole month that are not there yet, and return them.

    A run that somebody made by hand with other strata or another window does not stand for them.
    """
    as_of = timezone.localdate(now).replace(day=1) - dt.timedelta(days=1)
    window = windows_of(kind, as_of, months=MONTHS, history=MONTHS_OF_REGIONS)
    asked = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
        for country in countries(window[0].seen_from, as_of):
            there = Estimate.objects.filter(
                kind=kind,
                territory=country,
                as_of=as_of,
                window_from=window[0].seen_from,
                settings__by=BY,
                user=None,
            )
            if not there.exclude(status=RunStatus.FAILED).exists():
                asked.append(estimate_request(kind=kind, territory=country, as_of=as_of, months=MONTHS, by=BY, now=now))
    return asked


def countries(first: dt.date, last: dt.date) -> list[Territory]:
    """Countries in which some pack's law holds, and where anything was sighted in these days."""
    seen = Sighting.objects.filter(seen_on__range=(first, last))
    packs = LawPack.objects.values("territory__above__ancestor")
    return list(
        Territory.objects.filter(
            kind=TerritoryKind.COUNTRY,
            pk__in=packs,
            below__descendant__in=seen.order_by().values("territory").distinct(),
        ).distinct()
    )
