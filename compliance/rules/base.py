"""What a rule can be asked: whom the norm addresses, who is in breach since when, and of whom nothing can be said."""

import datetime as dt
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import CharField, Exists, F, JSONField, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, JSONObject

from compliance.choices import NormKind
from compliance.models import Norm
from compliance.models.fields import Days
from compliance.rules.ranges import Stretches
from registry.models import Merger, Miner, Site, TerritoryAncestor


@dataclass(frozen=True)
class Scope:
    """Which miners a question is asked of: all, those of some cells, or those named.

    `cells` are pairs of territory id and kind of miner. Of these miners, `merged` takes those who are on file once
    (False), or instead all miners of the persons who are on file more than once and count as one of these (True).
    """

    miner_ids: tuple[int, ...] | None = None
    territory_ids: tuple[int, ...] | None = None
    cells: tuple[tuple[int, str], ...] | None = None
    merged: bool | None = None

    def miners(self) -> QuerySet[Miner]:
        miners = Miner.objects.order_by()
        if self.miner_ids is not None:
            miners = miners.filter(pk__in=self.miner_ids)
        if self.territory_ids is not None:
            miners = miners.filter(territory_id__in=self.territory_ids)
        if self.cells is not None:
            miners = miners.in_cells(self.cells)
        if self.merged is None:
            return miners
        if not self.merged:
            # As anti-joins, of which the planner knows how many rows they leave.
            mergers = Merger.objects.order_by()
            merged, merged_into = mergers.filter(miner=OuterRef("pk")), mergers.filter(same_as=OuterRef("pk"))
            return miners.filter(~Exists(merged), ~Exists(merged_into))
        mergers = Merger.objects.order_by().filter(same_as__in=miners)
        members = mergers.values("miner").union(mergers.values("same_as"))
        return Miner.objects.order_by().filter(pk__in=members)

    def by_person(self) -> "tuple[Scope, ...]":
        """Scopes that together hold the persons who count as one of these miners, each with all that is on file."""
        if self == EVERYTHING:
            return (self,)
        once = replace(self, merged=False)
        # Where nobody is on file more than once, the rules need not be asked twice.
        more = Merger.objects.filter(same_as__in=self.miners()).exists()
        return (once, replace(self, merged=True)) if more else (once,)

    def territories(self) -> QuerySet[Any, Any] | tuple[int, ...]:
        """The ids of the territories under which the miners of the scope may be counted."""
        if self.merged:
            return self.miners().values("territory")
        if self.territory_ids is not None:
            return self.territory_ids
        if self.cells is not None:
            return tuple({territory_id for territory_id, _ in self.cells})
        return self.miners().values("territory")


EVERYTHING = Scope()


class Rule(ABC):
    """One norm read against the whole register.

    A rule answers in querysets, so the same definition serves a recomputation of a million miners and the
    explanation of one. `gaps` is the definition; everything else follows from it.
    """

    kind: ClassVar[NormKind]

    def __init__(self, norm: Norm) -> None:
        if norm.in_force is None:
            raise ValueError(f"{norm.code} is not law on any day, so nobody can breach it.")
        self.norm = norm
        self.in_force: Days = norm.in_force

    @property
    def first_day(self) -> dt.date | None:
        """The first day on which it is law; null where that lies before these books begin."""
        return self.in_force[0].lower

    def addressed(self, scope: Scope) -> QuerySet[Miner]:
        """Miners of the kinds and the place that the norm speaks of, whenever they operate."""
        kinds = None if scope.cells is None or scope.merged else {kind for _, kind in scope.cells}
        if kinds is not None and not kinds & set(self.norm.miner_kinds):
            return Miner.objects.none()
        return scope.miners().filter(kind__in=self.norm.miner_kinds, territory_id__in=self.territory_ids)

    @cached_property
    def territory_ids(self) -> list[int]:
        """Where the norm applies, listed, so that the planner sees how many miners that is."""
        within = TerritoryAncestor.objects.filter(ancestor=self.norm.territory_id)
        return list(within.order_by("descendant").values_list("descendant", flat=True))

    def obliged(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Miners whom the norm binds on the day."""
        miners = self.addressed(scope).filter(operating__contains=day)
        return miners if day in self.in_force else miners.none()

    @abstractmethod
    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        """Rows (miners, or sites of them) with `gap`, the multirange of the days in breach, and `facts`, a JSON object.

        `day` bounds what can be known: a month that is not yet due on it is not missing.
        """

    @abstractmethod
    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Miners of whom the norm can say nothing on the day, each with `missing_fact`, the name of what is unknown."""

    def breaches(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """The miners (or sites) in breach on the day, once each.

        A rule may ask only about the day instead of building the whole history; tests hold that it finds the same.
        """
        return self.gaps(scope, day).filter(gap__contains=day)

    def open_on(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any, tuple[Any, ...]]:
        """One tuple per breach that is open on the day, without ends and facts: miner_id, site_id, territory_id, kind.

        These are the breaches of `spans` that hold the day, found without their history.
        """
        rows: QuerySet[Any, Any] = self.breaches(day, scope)
        if rows.model is Site:
            return rows.values_list("miner_id", "pk", "territory_id", "miner__kind")
        return rows.annotate(no_site=Cast(Value(None), Site._meta.pk)).values_list(
            "pk", "no_site", "territory_id", "kind"
        )

    def spans(self, scope: Scope, day: dt.date) -> QuerySet[Any, tuple[Any, ...]]:
        """One tuple per unbroken breach: miner_id, site_id, territory_id, kind, valid, facts."""
        rows: QuerySet[Any, Any] = self.gaps(scope, day).filter(gap__not_empty=True).annotate(valid=Stretches(F("gap")))
        if rows.model is Site:
            columns = ("miner_id", "pk", "territory_id", "miner__kind", "valid", "facts")
        else:
            rows = rows.annotate(no_site=Cast(Value(None), Site._meta.pk))
            columns = ("pk", "no_site", "territory_id", "kind", "valid", "facts")
        return rows.values_list(*columns)

    def missing(self, miners: QuerySet[Miner], fact: str) -> QuerySet[Any]:
        return miners.annotate(missing_fact=Value(fact, output_field=CharField()))


def facts(**values: Any) -> JSONObject:
    """A JSON object of facts, each under the name that the explanation shows."""
    return JSONObject(**values) if values else Cast(Value("{}"), JSONField())  # type: ignore[return-value]
