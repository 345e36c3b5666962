"""Validity: an entry in the register must not have run out, have missed its renewal, or be suspended."""

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, DateField, Exists, F, Func, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import JSONObject, Least

from compliance.choices import NormKind
from compliance.models import Norm
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.ranges import Both, Common, From, Lower, OfRow, Repeating, days, union
from registry.choices import RegistrationStatus
from registry.models import Miner, Registration


class Validity(Rule):
    """Whoever mines under an entry may do so only while the entry is valid.

    An entry is valid for the term from its first day, and up to the renewal day of the year after the one in which it
    began; whichever comes first. A renewed entry is one that was closed and entered anew. A suspended one is not valid
    at all: its period is that of the suspension. Whoever has no entry is another norm's business.
    """

    kind = NormKind.VALIDITY

    def __init__(self, norm: Norm) -> None:
        super().__init__(norm)
        self.term_years: int | None = norm.parameters.get("term_years")
        self.renewal_day: str | None = norm.parameters.get("renewal_day")
        self.suspension = bool(norm.parameters.get("suspension"))

    def addressed(self, scope: Scope) -> QuerySet[Miner]:
        """Miners in the place of which the norm speaks, of every kind where it names none."""
        if self.norm.miner_kinds:
            return super().addressed(scope)
        return scope.miners().filter(territory_id__in=self.territory_ids)

    def obliged(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Miners who operate on the day under an entry, valid or not."""
        return super().obliged(day, scope).filter(Exists(self.entries(day)))

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        entry = Q(registrations__register=self.norm.register_id, registrations__period__isnull=False)
        invalid = Common(F("registrations__period"), From(self.past_valid("registrations__")))
        return (
            self.addressed(scope)
            .filter(entry)
            .annotate(
                gap=Both(union(invalid, only=entry), days("operating"), days(self.in_force)),
                facts=OfRow(facts(entries=ArraySubquery(self.invalid_entries()))),
            )
        )

    def breaches(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        invalid = self.entries(day).alias(past_valid=self.past_valid()).filter(past_valid__lte=day)
        return super().obliged(day, scope).filter(Exists(invalid))

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Nobody: the first day and the status of an entry are always on file."""
        return self.missing(scope.miners().none(), "")

    def entries(self, day: dt.date) -> QuerySet[Registration]:
        """The entry in the norm's register that the miner of the outer query has on the day."""
        return Registration.objects.order_by().filter(
            miner=OuterRef("pk"), register=self.norm.register_id, period__contains=day
        )

    def past_valid(self, prefix: str = "") -> Any:
        """The first day on which an entry is not valid any more; null where nothing ends its validity."""
        ends = list(self.ends(prefix).values())
        return Least(*ends) if len(ends) > 1 else ends[0]

    def ends(self, prefix: str = "") -> dict[str, Any]:
        """The first day on which an entry is not valid, by each reason that the norm knows."""
        first = Lower(f"{prefix}period")
        ends: dict[str, Any] = {}
        if self.suspension:
            suspended = Q(**{f"{prefix}status": RegistrationStatus.SUSPENDED})
            ends["suspension"] = Case(When(suspended, then=first), output_field=DateField())
        if self.term_years is not None:
            ends["term"] = YearsLater(first, years=self.term_years)
        if self.renewal_day is not None:
            month, day = map(int, self.renewal_day.split("-"))
            ends["renewal"] = AfterDayOfNextYear(first, month=month, day=day)
        return ends

    def invalid_entries(self) -> QuerySet[Any, Any]:
        """One JSON object per entry of the miner of the outer query that outlasts its validity: from when, and why."""
        entries = Registration.objects.filter(miner=OuterRef("pk"), register=self.norm.register_id)
        why = Case(
            *(When(past_valid=end, then=Value(reason)) for reason, end in self.ends().items()),
            output_field=CharField(),
        )
        return (
            entries.alias(past_valid=self.past_valid())
            .filter(
                Q(period__endswith__gt=F("past_valid")) | Q(period__endswith__isnull=True), past_valid__isnull=False
            )
            .order_by("pk")
            .values_list(JSONObject(entry="pk", since=Lower("period"), invalid_from="past_valid", why=why), flat=True)
        )


class YearsLater(Repeating):
    """The same day some years later; 1 March for 29 February where there is none."""

    template = (
        "((%(expressions)s + interval '%(years)s years')::date + (extract(day FROM %(expressions)s)"
        " - extract(day FROM %(expressions)s + interval '%(years)s years'))::int)"
    )
    output_field = DateField()


class AfterDayOfNextYear(Func):
    """The day after one day of the year after that of a day."""

    template = "(make_date(extract(year FROM %(expressions)s)::int + 1, %(month)s, %(day)s) + 1)"
    output_field = DateField()
