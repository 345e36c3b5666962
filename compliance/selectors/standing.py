"""Where one miner stands on one day: what it holds, what it breaches, what cannot be decided, what it owes."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from compliance.choices import NormKind
from compliance.models import Finding, Norm
from compliance.rules import Rule, Scope, rules_in_law
from compliance.selectors.debts import Debt, debt_of_miner
from compliance.selectors.explanations import Explanation, explain_all
from registry.models import Device, Miner, MonthlyEnergy, Registration, Sighting, Site

SHOWN = 20


@dataclass(frozen=True)
class LastReading:
    """The latest month of which the energy is known, over all of the miner's metering points."""

    month: dt.date
    energy_kwh: Decimal
    limit_kwh: Decimal | None

    @property
    def above_limit(self) -> bool:
        return self.limit_kwh is not None and self.energy_kwh > self.limit_kwh


@dataclass(frozen=True)
class Gap:
    """One norm that could neither clear nor accuse the miner, and the fact that is missing."""

    norm: Norm
    missing_fact: str


@dataclass(frozen=True)
class Standing:
    """Everything about one miner that a clerk wants to see first; long lists stop at twenty."""

    day: dt.date
    registrations: list[Registration]
    sites: list[Site]
    site_count: int
    capacity_kw: Decimal | None
    device_count: int
    reading: LastReading | None
    sighting_count: int
    last_sighting: Sighting | None
    breaches: list[Explanation]
    breach_count: int
    past_breaches: int
    undetermined: list[Gap]
    debts: list[Debt]


def standing_of_miner(miner: Miner, day: dt.date, *, impediments: bool = False) -> Standing:
    """`impediments` says whether the reader may see what accuses people."""
    sites = Site.objects.filter(miner=miner, period__contains=day)
    totals = sites.aggregate(number=Count("pk"), kw=Sum("capacity_kw"))
    devices = Device.objects.filter(site__miner=miner, period__contains=day).aggregate(number=Sum("quantity"))
    sightings = Sighting.objects.filter(miner=miner)
    findings = Finding.objects.filter(miner=miner)
    open_now = findings.open_on(day)
    counted = findings.aggregate(now=Count("pk", filter=Q(valid__contains=day)), ever=Count("pk"))
    return Standing(
        day=day,
        registrations=list(Registration.objects.filter(miner=miner).select_related("register").order_by("-pk")[:SHOWN]),
        sites=list(_with_devices(sites, day).select_related("territory").order_by("name")[:SHOWN]),
        site_count=totals["number"],
        capacity_kw=totals["kw"],
        device_count=devices["number"] or 0,
        reading=_last_reading(miner, day),
        sighting_count=sightings.count(),
        last_sighting=sightings.select_related("territory").order_by("-seen_on", "-pk").first(),
        breaches=explain_all(open_now.values_list("pk", flat=True)[:SHOWN], day, impediments=impediments),
        breach_count=counted["now"],
        past_breaches=counted["ever"] - counted["now"],
        undetermined=_undetermined(miner, day),
        debts=debt_of_miner(miner, day),
    )


def _with_devices(sites: QuerySet[Site], day: dt.date) -> QuerySet[Any]:
    standing = Device.objects.filter(site=OuterRef("pk"), period__contains=day).order_by().values("site")
    return sites.annotate(devices_now=Subquery(standing.values(number=Sum("quantity"))))


def _last_reading(miner: Miner, day: dt.date) -> LastReading | None:
    latest = MonthlyEnergy.objects.filter(miner=miner).order_by("-month").first()
    if latest is None:
        return None
    limit = (
        Norm.objects.in_force(day)
        .filter(
            kind=NormKind.ENERGY_LIMIT,
            parameters__has_key="energy_kwh_month",
            miner_kinds__contains=miner.kind,
            territory__below__descendant=miner.territory_id,
        )
        .first()
    )
    return LastReading(
        month=latest.month,
        energy_kwh=latest.energy_kwh,
        limit_kwh=Decimal(limit.parameters["energy_kwh_month"]) if limit else None,
    )


def _undetermined(miner: Miner, day: dt.date) -> list[Gap]:
    scope = Scope(miner_ids=(miner.pk,))
    return [
        Gap(norm=rule.norm, missing_fact=fact)
        for rule in rules_in_law(scope)
        for fact in _missing_facts(rule, day, scope)
    ]


def _missing_facts(rule: Rule, day: dt.date, scope: Scope) -> list[str]:
    # The rule annotates the fact, which the type of the queryset does not know.
    rows: QuerySet[Any] = rule.undetermined(day, scope)
    return list(rows.values_list("missing_fact", flat=True))
