"""Levy per kWh: who declared for a period less energy than the meters say was drawn."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Case, DateField, F, Func, JSONField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from compliance.choices import NormKind
from compliance.rules.base import EVERYTHING, Rule, Scope
from compliance.rules.declared import below_meter, within
from compliance.rules.periods import Terms, date_array, terms
from compliance.rules.ranges import Both, From, days

DECLARED = "the energy that was declared"
DRAWN = "the energy drawn in the period"

# Of each miner, how many periods it owed, and for how many of them something is known by the day.
UNKNOWN = """
    SELECT miner.id FROM registry_miner miner
    LEFT JOIN ({known}) known ON known.miner_id = miner.id
     AND daterange(known.month, known.past) && miner.operating
    WHERE {only}
    GROUP BY miner.id
    HAVING COALESCE(sum(known.number), 0) < {owed}
"""
# The periods, or their months, that an operation touches: those begun before its end, less those over at its start.
OWED = """(
    COALESCE(width_bucket(upper(miner.operating) - 1, {starts}), cardinality({starts}))
    - width_bucket(lower(miner.operating), {ends}))"""
STATED = """
    SELECT miner_id, month, (month + interval '{months} months')::date AS past, 1 AS number
    FROM registry_declaration
    WHERE months = {months} AND month = ANY({starts}) AND {only}
    GROUP BY miner_id, month HAVING sum(energy_kwh) IS NOT NULL AND max(declared_on) <= '{day}'
"""
METERED = """
    SELECT miner_id, month, (month + interval '1 month')::date AS past, 1 AS number
    FROM registry_monthlyenergy WHERE month = ANY({starts}) AND {only}
"""


class OfMiner(Func):
    """Something of the periods that one miner declared too low; takes its key."""

    def __init__(self, what: str, below: str, output_field: Any) -> None:
        template = f"(SELECT {what} FROM ({below}) below)"
        super().__init__(F("pk"), template=template, output_field=output_field)


class Levy(Rule):
    """Whoever mines pays for each kWh; the energy declared for a period may not lie below what the meters say.

    A period is in breach from the day on which its declaration was due, or came in, for as long as it stands. Nothing
    declared, or a month without a reading where the declaration is not below the others, leaves it undetermined. What
    is owed, by which rate, is a question for `compliance.selectors.levies`.
    """

    kind = NormKind.LEVY

    @property
    def tolerance_percent(self) -> Decimal:
        return Decimal(self.norm.parameters.get("tolerance_percent", 1))

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        periods = terms(self.norm, day)
        only, params = within(scope)
        below = f"SELECT miner_id FROM ({below_meter(periods, self.tolerance_percent, only)}) below"
        own = below_meter(periods, self.tolerance_percent, "miner_id = %(expressions)s")
        told = (
            "jsonb_build_object('first_month', min(start), 'violations', count(*),"
            " 'declared_kwh', sum(declared_kwh)::text, 'metered_kwh', sum(metered_kwh)::text)"
        )
        since = OfMiner("min(since)", own, DateField())
        return (
            self.addressed(scope)
            .filter(pk__in=RawSQL(below, params))
            .annotate(gap=Both(days(From(since)), days(self.in_force)), facts=OfMiner(told, own, JSONField()))
        )

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Not where some declaration is below the meter: that one is decided."""
        periods = terms(self.norm, day)
        if day not in self.in_force or not periods.overdue:
            return self.missing(scope.miners().none(), "")
        declared, drawn = self._without_declaration(periods, day, scope), self._without_reading(periods, scope)
        return (
            self.addressed(scope)
            .filter(Q(pk__in=declared) | Q(pk__in=drawn))
            .exclude(pk__in=self.breaches(day, scope).values("pk"))
            .annotate(missing_fact=Case(When(pk__in=declared, then=Value(DECLARED)), default=Value(DRAWN)))
        )

    def _without_declaration(self, periods: Terms, day: dt.date, scope: Scope) -> RawSQL:
        starts = date_array(term.start for term in periods.overdue)
        ends = date_array(term.end for term in periods.overdue)
        only, params = within(scope)
        stated = STATED.format(months=periods.months, starts=starts, day=day, only=only)
        return self._unknown(stated, OWED.format(starts=starts, ends=ends), only, params)

    def _without_reading(self, periods: Terms, scope: Scope) -> RawSQL:
        months = [month for term in periods.overdue for month in term.of_months]
        starts = date_array(start for start, _ in months)
        only, params = within(scope)
        metered = METERED.format(starts=starts, only=only)
        owed = OWED.format(starts=starts, ends=date_array(end for _, end in months))
        return self._unknown(metered, owed, only, params)

    @staticmethod
    def _unknown(known: str, owed: str, only: str, params: list[Any]) -> RawSQL:
        of_miner = only.replace("miner_id", "miner.id", 1)
        return RawSQL(UNKNOWN.format(known=known, owed=owed, only=of_miner), params)
