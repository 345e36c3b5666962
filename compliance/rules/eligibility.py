"""Eligibility: who may not mine at all, whatever it registers."""

import datetime as dt
from typing import Any

from django.db.models import F, QuerySet

from compliance.choices import NormKind
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.ranges import Both, days


class Eligibility(Rule):
    """Only persons of the named country may mine."""

    kind = NormKind.ELIGIBILITY

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        return (
            self.addressed(scope)
            .filter(country__isnull=False)
            .exclude(country__code=self.norm.parameters["country"])
            .annotate(gap=Both(days("operating"), days(self.in_force)), facts=facts(country=F("country__code")))
        )

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        return self.missing(self.obliged(day, scope).filter(country__isnull=True), "country of incorporation")
