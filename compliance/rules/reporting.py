"""Periodic report: what was mined in a month, a quarter or a year must be declared, and in full, by a day after it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, Exists, F, Func, JSONField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from compliance.choices import NormKind
from compliance.rules.base import EVERYTHING, Rule, Scope
from compliance.rules.declared import below_meter, within
from compliance.rules.periods import LateDays, LateFrom, MonthsLater, Terms, terms
from compliance.rules.ranges import Both, BothOfRow, Either, From, Less, Lower, OneDay, Span, Stretches, days, union
from registry.models import Declaration, Registration, Site

MINED = "whether currency was mined in the month"
CONTENTS = "what the report contained"
PLAUSIBLE = "why the declared energy is below the meter's"

ENERGY = "energy_kwh"


class Told(Func):
    """What one stretch of a breach is about; takes the breach, and the days that stand for the periods that failed.

    A period that is missing or incomplete stays so; one that came in late counts where it was awaited.
    """

    stretch = """
        SELECT jsonb_build_object(
            'first_missing_month', ({starts})[width_bucket(lower(told.missing), {late_days})],
            'reasons', array_remove(ARRAY[
                CASE WHEN NOT isempty(told.missing) THEN 'missing' END,
                CASE WHEN NOT isempty(told.late) THEN 'late' END,
                CASE WHEN NOT isempty(told.lacking) THEN 'incomplete' END], NULL),
            'violations', GREATEST(1, (SELECT count(*) FROM unnest(told.missing + told.late + told.lacking))))
        FROM (SELECT %(expressions)s) known (gap, missing, late, lacking),
        LATERAL unnest(known.gap) WITH ORDINALITY stretch (days, place),
        LATERAL (SELECT datemultirange(daterange(NULL, upper(stretch.days)))) up_to (days),
        LATERAL (SELECT known.missing * up_to.days, known.late * datemultirange(stretch.days),
                        known.lacking * up_to.days) told (missing, late, lacking)
    """
    output_field = JSONField()

    @classmethod
    def of_all(cls, *parts: Any, terms: Terms) -> "Told":
        """One row per stretch, in the order of `Stretches`."""
        told = cls(*parts, template=f"unnest(ARRAY({cls._filled(terms)} ORDER BY stretch.place))")
        told.set_returning = True
        return told

    @classmethod
    def on(cls, day: dt.date, *parts: Any, terms: Terms) -> "Told":
        """That of the stretch that holds the day, else null."""
        return cls(*parts, template=f"({cls._filled(terms)} WHERE stretch.days @> '{day}'::date)")

    @classmethod
    def _filled(cls, terms: Terms) -> str:
        return cls.stretch.format(starts=terms.starts, late_days=terms.late_days)


@dataclass(frozen=True)
class Pieces:
    """Of one miner: the days in breach, and the days that stand for the periods that failed, by why they did."""

    gap: Any
    missing: Any
    late: Any
    lacking: Any
    failing: Any

    def all(self) -> tuple[Any, ...]:
        return self.gap, self.missing, self.late, self.lacking


class Reporting(Rule):
    """Miners declare what they mined in each period by its due day, and the declaration holds all that it must.

    The duty covers every period that a registration in the norm's register touches while the miner operates; where the
    norm names no register, every period in which the miner operates. It is answered by declarations of exactly that
    period. A period without one is overdue from the day after its due day on, one declared late until it came in, one
    declared without something that it must hold for as long as that lacks. For miners outside the register nobody
    knows in which periods they received currency, and of a declaration of which nobody wrote down what it held, nor of
    one far below the meter, nothing is said.
    """

    kind = NormKind.REPORTING

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        periods = terms(self.norm, day)
        pieces = self.pieces(periods, day)
        return self.owing(scope).annotate(gap=pieces.gap, facts=Told.on(day, *pieces.all(), terms=periods))

    def breaches(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Without the history: some period is not declared in full on the day."""
        if day not in self.in_force:
            return self.gaps(scope, day).none()
        failing = self.pieces(terms(self.norm, day), day).failing
        return self.gaps(scope, day).alias(failing=failing).filter(failing__not_empty=True)

    def spans(self, scope: Scope, day: dt.date) -> QuerySet[Any, tuple[Any, ...]]:
        """Each stretch with the facts of its own."""
        periods = terms(self.norm, day)
        pieces = self.pieces(periods, day)
        rows = self.owing(scope).alias(gap=pieces.gap).filter(gap__not_empty=True)
        return rows.annotate(
            valid=Stretches(pieces.gap),
            facts=Told.of_all(*pieces.all(), terms=periods),
            no_site=Cast(Value(None), Site._meta.pk),
        ).values_list("pk", "no_site", "territory_id", "kind", "valid", "facts")

    def owing(self, scope: Scope) -> QuerySet[Any]:
        """Addressed miners that the duty may have covered on some day."""
        miners = self.addressed(scope)
        if self.norm.register_id is None:
            return miners
        return miners.filter(self._entered, registrations__period__isnull=False)

    def pieces(self, periods: Terms, day: dt.date) -> Pieces:
        """What `Pieces` holds, as expressions over the rows of `owing`."""
        month = F("declarations__month")
        late_from = LateFrom(month, periods)
        # What few rows fulfil stands first in each condition, for it is tested first.
        answers = Q(declarations__months=periods.months, declarations__month__in=periods.overdue_starts)
        owed: Any = BothOfRow(days(periods.late), days(LateDays(F("operating"), periods)))
        period = Span(month, MonthsLater(month, periods.months))
        covered = Q(operating__overlap=period)
        if self.norm.register_id is not None:
            owed = Both(owed, union(LateDays(F("registrations__period"), periods), only=self._entered))
            covered &= self._entered & Q(registrations__period__overlap=period)
        due = answers & covered
        late = Q(declarations__declared_on__gt=late_from) & due
        missing = Less(owed, union(OneDay(late_from), only=answers))
        ever = Either(union(Span(late_from, F("declarations__declared_on")), only=late), days(From(Lower(missing))))
        lacking: Any = days(DateRange(empty=True))
        failing = Either(missing, union(OneDay(late_from), only=Q(declarations__declared_on__gt=day) & due))
        if self.contains:
            lacks = self.lacks("declarations__") & due
            lacking = union(OneDay(late_from), only=lacks)
            ever = Either(ever, union(From(late_from), only=lacks))
            failing = Either(failing, lacking)
        return Pieces(
            gap=Both(ever, days(self.in_force)),
            missing=missing,
            late=union(OneDay(late_from), only=late),
            lacking=lacking,
            failing=failing,
        )

    @cached_property
    def _entered(self) -> Q:
        return Q(registrations__register=self.norm.register_id)

    def lacks(self, path: str) -> Q:
        """Of a declaration whose contents somebody wrote down: something that it must hold is not among them."""
        each = (
            Q(**{f"{path}energy_kwh__isnull": True}) if item == ENERGY else ~Q(**{f"{path}contents__contains": [item]})
            for item in self.contains
        )
        return Q(**{f"{path}contents__isnull": False}) & reduce(or_, each)

    @property
    def contains(self) -> list[str]:
        return list(self.norm.parameters.get("contains", ()))

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Also where another period is in breach: what is said of that one says nothing of this."""
        told: dict[str, Q] = {}
        if self.norm.register_id is not None:
            entry = Registration.objects.filter(
                miner=OuterRef("pk"), register=self.norm.register_id, period__contains=day
            )
            told[MINED] = Q(Q(operating__contains=day), ~Exists(entry))
        if self.contains:
            told[CONTENTS] = Q(Exists(self._untold(terms(self.norm, day), day)))
        if "meter_tolerance_percent" in self.norm.parameters:
            told[PLAUSIBLE] = Q(pk__in=self._implausible(terms(self.norm, day), day, scope))
        if not told or day not in self.in_force:
            return self.missing(scope.miners().none(), "")
        cases = [When(condition, then=Value(fact)) for fact, condition in told.items()]
        return self.addressed(scope).filter(reduce(or_, told.values())).annotate(missing_fact=Case(*cases))

    def _untold(self, periods: Terms, day: dt.date) -> QuerySet[Declaration]:
        """Declarations of overdue periods of which nobody wrote down what they held."""
        month, past = F("month"), MonthsLater(F("month"), periods.months)
        period = Span(month, past)
        untold = Declaration.objects.filter(
            miner=OuterRef("pk"),
            months=periods.months,
            month__in=periods.overdue_starts,
            declared_on__lte=day,
            contents__isnull=True,
            miner__operating__overlap=period,
        )
        if self.contains == [ENERGY]:
            untold = untold.filter(energy_kwh__isnull=True)
        if self.norm.register_id is not None:
            untold = untold.filter(
                miner__registrations__register=self.norm.register_id, miner__registrations__period__overlap=period
            )
        return untold

    def _implausible(self, periods: Terms, day: dt.date, scope: Scope) -> RawSQL:
        """Miners who declared less energy for an overdue period than their meters say, beyond the tolerance."""
        only, params = within(scope)
        tolerance = Decimal(self.norm.parameters["meter_tolerance_percent"])
        sql = f"SELECT miner_id FROM ({below_meter(periods, tolerance, only)}) below WHERE since <= %s"
        params = [*params, day]
        if self.norm.register_id is not None:
            sql += (
                " AND EXISTS (SELECT FROM registry_registration entry WHERE entry.miner_id = below.miner_id"
                " AND entry.register_id = %s AND entry.period && daterange(below.start, below.past))"
            )
            params.append(self.norm.register_id)
        return RawSQL(sql, params)
