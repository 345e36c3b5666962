"""Registration duty: whoever the norm addresses must stand in its register while it operates, or runs such sites."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, JSONObject
from django.db.models.lookups import LessThan

from compliance.choices import NormKind
from compliance.models import Norm
from compliance.rules import persons
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.ranges import Both, Common, DaysOf, Less, Lower, OfRow, Span, days, union
from compliance.rules.working_days import WorkingDayAfter, working_day_after
from registry.models import Device, Registration, Site

LOAD = "capacity of the site"
INTERRUPTIBLE = "interruptible share of the site's load"
DATA_CENTRE = "whether the site lies in a data centre"
SITES = "the sites at which it mines"

NEVER = Cast(Value(None), DateField())
ONE_DAY = dt.timedelta(days=1)


class RegistrationDuty(Rule):
    """Persons of the named kinds may mine (or host) only while they stand in the register.

    With a threshold the duty lasts only on the days on which some site of theirs passes it, and with `of: devices` only
    on those on which devices stand at such a site. Where the law gives time to register, it is counted for each site
    (each device) from the first day on which it serves under the law; what served before the law may have until a day
    of its own. A site of which an asked fact is unknown leaves an unregistered miner undetermined, and so does having
    no site on file where a site decides.
    """

    kind = NormKind.REGISTRATION_DUTY

    def __init__(self, norm: Norm) -> None:
        super().__init__(norm)
        self.threshold: dict[str, Any] = norm.parameters.get("threshold", {})
        self.deadline: dict[str, Any] = norm.parameters.get("deadline", {})
        self.of_devices = norm.parameters.get("of") == "devices"
        self.by_site = bool(self.threshold) or self.of_devices

    def duties(self, scope: Scope) -> QuerySet[Any]:
        """Addressed miners with `due`, days on which they must be registered, and `held`, those on which they are.

        The days that the law gives to register are not due yet.
        """
        miners = self.addressed(scope)
        held = persons.held(self.norm.register_id)
        if not self.by_site:
            due = OfRow(self.due("operating", F("operating")))
            return miners.annotate(due=due, held=held)
        serving, period = self.reaches("sites__"), Common(F("sites__period"))
        if self.of_devices:
            serving &= Q(sites__devices__period__isnull=False)
            period = Common(F("sites__period"), F("sites__devices__period"))
        return miners.filter(serving).annotate(due=union(self.due("operating", period), only=serving), held=held)

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        return self.duties(scope).annotate(gap=Less(F("due"), F("held")), facts=self.facts())

    def breaches(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        return self.bound(day, scope, self.reaches()).filter(*self.unregistered(day))

    def obliged(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Miners whom the norm binds on the day, also those who still have time to register."""
        return self.bound(day, scope, self.reaches(), pressing=False)

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Operating, unregistered, and perhaps bound: by a site of which a fact is missing, or by one not on file."""
        if not self.threshold or day not in self.in_force:
            return self.missing(scope.miners().none(), "")
        unknown = self.serving(day, self.reaches(perhaps=True))
        perhaps = Q(Exists(unknown))
        if not self.of_devices:
            perhaps |= ~Q(Exists(Site.objects.filter(miner=OuterRef("pk"), period__contains=day)))
        return (
            self.addressed(scope)
            .filter(perhaps, ~Exists(self.serving(day, self.reaches())), *self.unregistered(day))
            .filter(operating__contains=day)
            .annotate(
                missing_fact=Case(
                    *(
                        When(Exists(unknown.filter(**{column: None})), then=Value(fact))
                        for fact, column in self.asked()
                    ),
                    default=Value(SITES),
                    output_field=CharField(),
                )
            )
        )

    def bound(self, day: dt.date, scope: Scope, reached: Q, *, pressing: bool = True) -> QuerySet[Any]:
        """Miners who must be registered on the day; those who still have time for it only if it is not `pressing`."""
        miners = self.addressed(scope).filter(operating__contains=day)
        if day not in self.in_force:
            return miners.none()
        if self.by_site:
            return miners.filter(Exists(self.serving(day, reached, pressing=pressing)))
        return miners.filter(self.overdue(day, "operating")) if pressing else miners

    def serving(self, day: dt.date, reached: Q, *, pressing: bool = True) -> QuerySet[Any]:
        """The sites that bind the miner of the outer query on the day, given that it operates."""
        sites = Site.objects.order_by().filter(reached, miner=OuterRef("pk"), period__contains=day)
        if self.of_devices:
            overdue = self.overdue(day, "period", "site__period", "site__miner__operating") if pressing else Q()
            return sites.filter(Exists(Device.objects.filter(overdue, site=OuterRef("pk"), period__contains=day)))
        return sites.filter(self.overdue(day, "period", "miner__operating")) if pressing else sites

    def overdue(self, day: dt.date, *ranges: str) -> Q:
        """Whether what serves on the day, by all of these ranges of days, had to be registered before the day."""
        if not self.deadline:
            return Q()
        begun_by = self.begun_by(day)
        late = Q(pk__in=()) if begun_by is None else Q(**{f"{each}__startswith__lte": begun_by for each in ranges})
        if "transition_until" in self.deadline and self.first_day is not None:
            before = Q(**{f"{each}__startswith__lt": self.first_day for each in ranges})
            late &= ~before
            if day > dt.date.fromisoformat(self.deadline["transition_until"]):
                late |= before
        return late

    def begun_by(self, day: dt.date) -> dt.date | None:
        """The last day of the law from which the time to register has run out before the day; null where none has."""
        last = day
        if "working_days_after_start" in self.deadline:
            while working_day_after(last, self.deadline["working_days_after_start"], self.norm.pack.calendar) >= day:
                last -= ONE_DAY
        elif "days_after_start" in self.deadline:
            last -= dt.timedelta(days=self.deadline["days_after_start"] + 1)
        begun = (span for span in self.in_force if span.lower is None or span.lower <= last)
        return max((last if span.upper is None else min(last, span.upper - ONE_DAY) for span in begun), default=None)

    def unregistered(self, day: dt.date) -> tuple[Any, Q]:
        """That neither the miner of the query nor whoever is the same person has an entry on the day."""
        return ~Exists(self.entries(day)), ~persons.entered_elsewhere(self.norm.register_id, day)

    def entries(self, day: dt.date) -> QuerySet[Registration]:
        """The entries in the norm's register that the miner of the outer query has on the day."""
        return Registration.objects.order_by().filter(
            miner=OuterRef("pk"), register=self.norm.register_id, period__contains=day
        )

    def reaches(self, prefix: str = "", *, perhaps: bool = False) -> Q:
        """A site that passes every threshold for sure; or, `perhaps`, one that is not known to miss any."""
        limits: dict[str, Any] = {
            "capacity_kw__gt": self.threshold.get("load_kw_over"),
            "capacity_kw__gte": self.threshold.get("load_kw_from"),
            "interruptible_percent__gte": self.threshold.get("interruptible_percent_from"),
        }
        limits = {lookup: Decimal(limit) for lookup, limit in limits.items() if limit is not None}
        if self.threshold.get("data_centre"):
            limits["data_centre"] = True
        passed = Q(**{f"{prefix}period__isnull": False})
        for lookup, limit in limits.items():
            passes = Q(**{prefix + lookup: limit})
            passed &= passes | Q(**{f"{prefix}{lookup.split('__')[0]}__isnull": True}) if perhaps else passes
        for parameter, hosted in (("own_sites_only", False), ("hosted_only", True)):
            if self.threshold.get(parameter):
                passed &= Q(**{f"{prefix}host__isnull": not hosted})
        return passed

    def asked(self) -> list[tuple[str, str]]:
        """The facts of a site that the thresholds ask for and that may be unknown, each with its column."""
        columns = {
            "load_kw_over": (LOAD, "capacity_kw"),
            "load_kw_from": (LOAD, "capacity_kw"),
            "interruptible_percent_from": (INTERRUPTIBLE, "interruptible_percent"),
            "data_centre": (DATA_CENTRE, "data_centre"),
        }
        return [asked for parameter, asked in columns.items() if parameter in self.threshold]

    def due(self, operating: str, period: Any) -> Func:
        """The days on which whatever serves during `period` must be registered, as a multirange."""
        served = self.served(operating, period)
        if not self.deadline:
            return served
        past = Func(self.last_day(operating, period), template="(%(expressions)s + 1)", output_field=DateField())
        return Both(served, DaysOf(Span(past, NEVER)))

    def served(self, operating: str, period: Any) -> Func:
        """The days of `period` on which the miner operates under the law."""
        return Both(DaysOf(period), DaysOf(F(operating)), days(self.in_force))

    def last_day(self, operating: str, period: Any) -> Any:
        """The last day on which whatever serves during `period` may still be registered; null where it is at once."""
        first = Lower(self.served(operating, period))
        allowed: Any = NEVER
        if "working_days_after_start" in self.deadline:
            allowed = WorkingDayAfter(first, self.deadline["working_days_after_start"], self.norm.pack.calendar)
        elif "days_after_start" in self.deadline:
            template = f"(%(expressions)s + {int(self.deadline['days_after_start'])})"
            allowed = Func(first, template=template, output_field=DateField())
        if "transition_until" not in self.deadline or self.first_day is None:
            return allowed
        served_before = LessThan(Lower(Common(period, F(operating))), Value(self.first_day))
        transition = Value(dt.date.fromisoformat(self.deadline["transition_until"]))
        return Case(When(served_before, then=transition), default=allowed, output_field=DateField())

    def facts(self) -> Func:
        """When it began to operate, or which sites (with devices) bind it; and by when it had to register."""
        if self.by_site:
            binding = ArraySubquery(self.binding_devices() if self.of_devices else self.binding_sites())
            return OfRow(facts(sites=binding))
        until = {"deadline": self.last_day("operating", F("operating"))} if self.deadline else {}
        return OfRow(facts(operating_from=Lower("operating"), **until))

    def binding_sites(self) -> QuerySet[Any, Any]:
        """One JSON object per site that binds the miner of the outer query on any day: what of it was read."""
        sites = Site.objects.filter(self.reaches(), miner=OuterRef("pk")).order_by("pk")
        read = {column: Cast(column, TextField()) for _, column in self.asked() if column != "data_centre"}
        until = {"deadline": self.last_day("miner__operating", F("period"))} if self.deadline else {}
        return (
            sites.alias(due=self.due("miner__operating", F("period")))
            .filter(due__not_empty=True)
            .values_list(JSONObject(site=F("pk"), since=Lower("period"), **read, **until), flat=True)
        )

    def binding_devices(self) -> QuerySet[Any, Any]:
        """One JSON object per site with devices that bind the miner of the outer query: since when, by which day."""
        period = Common(F("site__period"), F("period"))
        until = {"deadline": Min(self.last_day("site__miner__operating", period))} if self.deadline else {}
        return (
            Device.objects.filter(self.reaches("site__"), site__miner=OuterRef("pk"))
            .alias(due=self.due("site__miner__operating", period))
            .filter(due__not_empty=True)
            .order_by("site")
            .values("site")
            .annotate(read=JSONObject(site=F("site"), devices_since=Min(Lower("period")), **until))
            .values_list("read", flat=True)
        )
