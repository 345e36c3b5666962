"""Periodic report: what was mined in a month must be declared by a day of the month after."""

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import DateField, Exists, F, Func, OuterRef, Q, QuerySet

from compliance.choices import NormKind
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.ranges import Both, Either, From, Less, Lower, Repeating, Span, Within, days, union
from registry.models import Registration


class MonthsOf(Repeating):
    """The whole months that a range of days touches."""

    template = (
        "daterange(date_trunc('month', lower(%(expressions)s))::date,"
        " (date_trunc('month', upper(%(expressions)s) - 1) + interval '1 month')::date)"
    )
    output_field = DateRangeField()


class MonthFrom(Repeating):
    """The month that begins on a day, as a range."""

    template = "daterange(%(expressions)s, (%(expressions)s + interval '1 month')::date)"
    output_field = DateRangeField()


class Reporting(Rule):
    """Registered miners declare each month's mined currency by the due day of the next month.

    The duty covers every month that a registration in the norm's register touches while the miner operates. A month
    without a declaration is overdue from the day after its due day on, one declared late until it came in. For miners
    outside the register nobody knows in which months they received currency, so nothing is said of them.
    """

    kind = NormKind.REPORTING

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        register = Q(registrations__register=self.norm.register_id)
        late_from = self.late_from(F("declarations__month"))
        month = F("declarations__month")
        entered, operates = MonthsOf(F("registrations__period")), MonthsOf(F("operating"))
        late = Span(late_from, F("declarations__declared_on"))
        due = (
            register & Q(declarations__month__gte=self.first_month) & Q(Within(month, entered), Within(month, operates))
        )
        never = From(self.late_from(F("first_missing")))
        declared = union(MonthFrom(F("declarations__month")), only=Q(declarations__month__isnull=False))
        return (
            self.addressed(scope)
            .filter(register, registrations__period__isnull=False)
            .annotate(
                expected=Both(
                    union(entered, only=register),
                    days(operates),
                    days(self.months_due(day)),
                ),
                first_missing=Lower(Less(F("expected"), declared)),
                gap=Both(
                    Either(
                        union(late, only=due & Q(declarations__declared_on__gt=late_from)),
                        days(never),
                    ),
                    days(self.in_force),
                ),
                facts=facts(first_missing_month=F("first_missing")),
            )
        )

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        held = Registration.objects.filter(miner=OuterRef("pk"), register=self.norm.register_id, period__contains=day)
        return self.missing(self.obliged(day, scope).filter(~Exists(held)), "whether currency was mined in the month")

    @property
    def due_day(self) -> int:
        return int(self.norm.parameters["due_day"])

    @property
    def first_month(self) -> dt.date:
        """The first month that must be declared: the one in which the norm came into force."""
        return (self.first_day or dt.date.min).replace(day=1)

    def late_from(self, month: Any) -> Func:
        """The first day on which the report of a month is late: the day after the due day of the next month."""
        return Func(
            month,
            template=f"(%(expressions)s + interval '1 month {self.due_day} days')::date",
            output_field=DateField(),
        )

    def months_due(self, day: dt.date) -> DateRange:
        """The months whose reports are overdue on the day unless they came in: none before the first due day."""
        this_month = day.replace(day=1)
        last_month = (this_month - dt.timedelta(days=1)).replace(day=1)
        past_last = this_month if day.day > self.due_day else last_month
        return DateRange(self.first_month, past_last) if self.first_month < past_last else DateRange(empty=True)
