"""Ban: in the named areas, on the named days, nobody may mine."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, F, Q, QuerySet, Value, When

from compliance.choices import NormKind
from compliance.models import Norm
from compliance.models.fields import DateMultirangeField, Days, all_days
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.ranges import Both, DaysOf, Less, days
from registry.models import Site

MUNICIPALITY = "municipality of the site"
LAND_USE = "land use of the site"
GENERATION = "whether the site runs on own off-grid generation"

# For every territory that the areas touch: the days on which all of it is banned (it lies in an area), and those on
# which a part of it is (the area is banned in part, or lies within it).
REACH = """
WITH area (territory_id, period, partial) AS (
    SELECT territory_id, period, partial FROM compliance_bannedarea WHERE norm_id = %(norm)s
    UNION ALL
    SELECT * FROM unnest(%(territories)s::bigint[], %(periods)s::daterange[], %(partials)s::boolean[])
),
touched (territory_id, period, partly) AS (
    SELECT tree.descendant_id, area.period, area.partial
    FROM area JOIN registry_territoryancestor tree ON tree.ancestor_id = area.territory_id
    UNION ALL
    SELECT tree.ancestor_id, area.period, true
    FROM area JOIN registry_territoryancestor tree ON tree.descendant_id = area.territory_id
    WHERE tree.ancestor_id <> area.territory_id
)
SELECT territory_id, range_agg(period) FILTER (WHERE NOT partly), range_agg(period) FILTER (WHERE partly)
FROM touched GROUP BY territory_id ORDER BY territory_id
"""


@dataclass(frozen=True)
class AddedArea:
    """A banned area that is not on file, such as one that an analyst tries out; the columns are those of BannedArea."""

    territory_id: int
    period: DateRange
    partial: bool = False


@dataclass(frozen=True)
class Reach:
    """The days on which all of one territory is banned, and those on which some part of it is."""

    banned: Days
    partly: Days


class Ban(Rule):
    """Mining is forbidden at sites in a banned area, unless they run on their own off-grid generation.

    The exemption holds from the day that the pack names. Where the pack says so, only sites on land of one use, or
    only those begun on or after a day, are banned. A site of which nobody knows whether it is exempt, what its land is
    for, or whether it lies in the banned part of its region, is undetermined, not in breach.

    `areas` are banned beside those on file under the norm's key; a norm without a key has only these. The norm itself
    (its parameters, kinds of miner and days in force) is never read again from the database.
    """

    kind = NormKind.BAN

    def __init__(self, norm: Norm, areas: Sequence[AddedArea] = ()) -> None:
        super().__init__(norm)
        self.areas = tuple(areas)

    @cached_property
    def reach(self) -> dict[int, Reach]:
        """What each territory that the areas touch is banned, by its id; listed, so that the planner sees how much."""
        with connection.cursor() as cursor:
            cursor.execute(
                REACH,
                {
                    "norm": self.norm.pk,
                    "territories": [area.territory_id for area in self.areas],
                    "periods": [area.period for area in self.areas],
                    "partials": [area.partial for area in self.areas],
                },
            )
            return {row[0]: Reach(all_days(row[1] or ()), all_days(row[2] or ())) for row in cursor.fetchall()}

    def sites(self, scope: Scope) -> QuerySet[Site]:
        """The sites that the norm may speak of, wherever they lie; those of unknown land use are among them."""
        sites = Site.objects.order_by().filter(miner__kind__in=self.norm.miner_kinds)
        if self.land_use:
            sites = sites.filter(land_use__in=(self.land_use, ""))
        if self.started_from:
            sites = sites.filter(period__startswith__gte=self.started_from)
        if scope == EVERYTHING:
            return sites
        return sites.filter(miner__in=scope.miners().values("pk"))

    @property
    def land_use(self) -> str:
        """The use of the land on which alone mining is banned; empty where it does not matter."""
        return str(self.norm.parameters.get("land_use", ""))

    @property
    def started_from(self) -> dt.date | None:
        """The day from which on a site must have begun to be banned; null where that does not matter."""
        return self._day("only_started_from")

    def exempt(self) -> DateRange:
        """The days on which own off-grid generation lifts the ban (none, where the pack names no day)."""
        start = self._day("exempt_off_grid_from")
        return DateRange(start, None) if start else DateRange(empty=True)

    def _day(self, parameter: str) -> dt.date | None:
        written = self.norm.parameters.get(parameter)
        return dt.date.fromisoformat(written) if written else None

    def _within(self, holds: Callable[[Reach], object]) -> list[int]:
        """The ids of the territories of whose reach it holds."""
        return [territory_id for territory_id, reach in self.reach.items() if holds(reach)]

    def _banned_sites(self, scope: Scope, within: list[int]) -> QuerySet[Any]:
        by_days = defaultdict(list)
        for territory_id in within:
            by_days[self.reach[territory_id].banned].append(territory_id)
        branches = [When(territory_id__in=ids, then=days(banned)) for banned, ids in by_days.items()]
        sites = self.sites(scope).filter(territory_id__in=within)
        if self.land_use:
            sites = sites.filter(land_use=self.land_use)
        return sites.annotate(
            exempt=Case(
                When(off_grid=False, then=days(DateRange(empty=True))),
                default=days(self.exempt()),
                output_field=DateMultirangeField(),
            ),
            banned=Both(
                Case(*branches, default=days(Days()), output_field=DateMultirangeField()),
                days("period"),
                DaysOf(F("miner__operating")),
                days(self.in_force),
            ),
            gap=Less(F("banned"), F("exempt")),
            facts=facts(off_grid=F("off_grid"), **({"land_use": F("land_use")} if self.land_use else {})),
        )

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        return self._banned_sites(scope, self._within(lambda reach: reach.banned))

    def breaches(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        if day not in self.in_force:
            return self._banned_sites(scope, []).none()
        sites = self._banned_sites(scope, self._within(lambda reach: day in reach.banned))
        sites = sites.filter(period__contains=day, miner__operating__contains=day)
        return sites.filter(off_grid=False) if day in self.exempt() else sites

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        banned = self._within(lambda reach: day in reach.banned) if day in self.in_force else []
        partly = self._within(lambda reach: day in reach.partly) if day in self.in_force else []
        sites = self.sites(scope).filter(period__contains=day, miner__operating__contains=day)
        if day in self.exempt():
            sites = sites.exclude(off_grid=True)
        unknown_place = sites.filter(territory_id__in=sorted(set(partly) - set(banned)))
        unknown_use = sites.filter(territory_id__in=banned, land_use="") if self.land_use else sites.none()
        unknown_generation = sites.filter(territory_id__in=banned, off_grid__isnull=True)
        if day not in self.exempt():
            unknown_generation = unknown_generation.none()
        return (
            scope.miners()
            .filter(
                Q(pk__in=unknown_place.values("miner"))
                | Q(pk__in=unknown_use.values("miner"))
                | Q(pk__in=unknown_generation.values("miner"))
            )
            .annotate(
                missing_fact=Case(
                    When(pk__in=unknown_place.values("miner"), then=Value(MUNICIPALITY)),
                    When(pk__in=unknown_use.values("miner"), then=Value(LAND_USE)),
                    default=Value(GENERATION),
                )
            )
        )
