"""Energy limit: below it a person may mine unregistered; above it the person must be registered."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, F, Max, Min, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from compliance.choices import NormKind
from compliance.models import Norm
from compliance.rules import persons
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.periods import MonthsLater
from compliance.rules.ranges import Both, Less, Span, days, union
from registry.models import MonthlyEnergy, Reading, Registration, Site


class EnergyLimit(Rule):
    """Persons of the named kinds who draw more than the limit in a month, or in a year, must stand in the register.

    The duty lasts from the first day of a month above the limit to the first day of the next month that has a
    reading; while no later reading is known, it lasts on. Where the limit is one of the calendar year, a month is above
    it as soon as the year's running total is, so that the duty lasts to the end of that year.
    """

    kind = NormKind.ENERGY_LIMIT

    def __init__(self, norm: Norm) -> None:
        super().__init__(norm)
        self.of_year = "energy_kwh_year" in norm.parameters
        self.measured = "year_to_date_kwh" if self.of_year else "energy_kwh"
        self.limit_kwh = Decimal(norm.parameters["energy_kwh_year" if self.of_year else "energy_kwh_month"])

    def duties(self, scope: Scope) -> QuerySet[Any]:
        """Addressed miners with `due`, days on which they must be registered, and `held`, those on which they are."""
        above = Q(**{f"monthly_energy__{self.measured}__gt": self.limit_kwh})
        month = Span(F("monthly_energy__month"), F("monthly_energy__next_month"))
        metered = self._metered_ids(scope)
        # In one filter, or the readings would be added up twice, once of everybody.
        read = above if metered is None else above & Q(monthly_energy__miner_id__in=metered)
        return (
            self.addressed(scope)
            .filter(read)
            .annotate(
                due=Both(union(month, only=above), days("operating"), days(self.in_force)),
                held=persons.held(self.norm.register_id),
                first_month=Min("monthly_energy__month", filter=above),
                highest_kwh=Max(f"monthly_energy__{self.measured}", filter=above, output_field=DecimalField()),
            )
        )

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        highest = "highest_year_energy_kwh" if self.of_year else "highest_energy_kwh"
        return self.duties(scope).annotate(
            gap=Less(F("due"), F("held")),
            facts=facts(first_month=F("first_month"), **{highest: Cast("highest_kwh", TextField())}),
        )

    def breaches(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        above = MonthlyEnergy.objects.filter(
            Q(next_month__isnull=True) | Q(next_month__gt=day),
            month__lte=day,
            **{f"{self.measured}__gt": self.limit_kwh},
        )
        metered = self._metered_ids(scope)
        if metered is not None:
            above = above.filter(miner_id__in=metered)
        return self.obliged(day, scope).filter(*self._unregistered(day), pk__in=above.values("miner_id"))

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Operating, unregistered, and without a single reading."""
        months = Reading.objects.order_by().filter(metering_point=OuterRef("metering_point"))
        read = months.annotate(days=Span(F("month"), MonthsLater(F("month"), 1))).filter(
            days__overlap=OuterRef("period")
        )
        metered = Site.objects.order_by().filter(Exists(read), miner=OuterRef("pk"))
        fact = "energy drawn in a year" if self.of_year else "energy drawn in a month"
        return self.missing(self.obliged(day, scope).filter(*self._unregistered(day), ~Exists(metered)), fact)

    def _unregistered(self, day: dt.date) -> tuple[Any, Q]:
        entries = Registration.objects.order_by().filter(
            miner=OuterRef("pk"), register=self.norm.register_id, period__contains=day
        )
        return ~Exists(entries), ~persons.entered_elsewhere(self.norm.register_id, day)

    def _metered_ids(self, scope: Scope) -> list[int] | None:
        """The addressed miners with a meter by id, in a small scope; None in a large one."""
        if scope.cells is None and scope.miner_ids is None:
            return None
        metered = self.addressed(scope).filter(sites__metering_point__isnull=False).order_by("pk")
        return list(metered.values_list("pk", flat=True).distinct())
