"""Energy limit: below it a person may mine unregistered; above it the person must be registered."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, F, Max, Min, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from compliance.choices import NormKind
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.ranges import Both, Less, Span, days, union
from registry.models import MonthlyEnergy, Registration


class EnergyLimit(Rule):
    """Persons of the named kinds who draw more than the limit in a month must stand in the register.

    The duty lasts from the first day of a month above the limit to the first day of the next month that has a
    reading; while no later reading is known, it lasts on.
    """

    kind = NormKind.ENERGY_LIMIT

    @property
    def limit_kwh(self) -> Decimal:
        return Decimal(self.norm.parameters["energy_kwh_month"])

    def duties(self, scope: Scope) -> QuerySet[Any]:
        """Addressed miners with `due`, days on which they must be registered, and `held`, those on which they are."""
        above = Q(monthly_energy__energy_kwh__gt=self.limit_kwh)
        month = Span(F("monthly_energy__month"), F("monthly_energy__next_month"))
        return (
            self._metered(scope)
            .filter(above)
            .annotate(
                due=Both(union(month, only=above), days("operating"), days(self.in_force)),
                held=union("registrations__period", only=Q(registrations__register=self.norm.register_id)),
                first_month=Min("monthly_energy__month", filter=above),
                highest_kwh=Max("monthly_energy__energy_kwh", filter=above, output_field=DecimalField()),
            )
        )

    def _metered(self, scope: Scope) -> QuerySet[Any]:
        """The addressed miners; in a small scope only those with a meter, by id, so that few readings are added up."""
        miners = self.addressed(scope)
        if scope.cells is None and scope.miner_ids is None:
            return miners
        metered = miners.filter(sites__metering_point__isnull=False).order_by("pk").values_list("pk", flat=True)
        return miners.filter(monthly_energy__miner_id__in=list(metered.distinct()))

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        return self.duties(scope).annotate(
            gap=Less(F("due"), F("held")),
            facts=facts(first_month=F("first_month"), highest_energy_kwh=Cast("highest_kwh", TextField())),
        )

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Operating, unregistered, and without a single reading."""
        registered = Registration.objects.filter(
            miner=OuterRef("pk"), register=self.norm.register_id, period__contains=day
        )
        metered = MonthlyEnergy.objects.filter(miner=OuterRef("pk"))
        return self.missing(
            self.obliged(day, scope).filter(~Exists(registered), ~Exists(metered)), "energy drawn in a month"
        )
