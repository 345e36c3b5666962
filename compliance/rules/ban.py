"""Ban: in the named areas, on the named days, nobody may mine."""

import datetime as dt
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from compliance.choices import NormKind
from compliance.models import BannedArea
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.ranges import Both, DateMultirangeField, DaysOf, Less, days, union
from registry.models import Site

MUNICIPALITY = "municipality of the site"
GENERATION = "whether the site runs on own off-grid generation"


class Ban(Rule):
    """Mining is forbidden at sites in a banned area, unless they run on their own off-grid generation.

    The exemption holds from the day that the pack names. A site of which nobody knows whether it is exempt, or whether
    it lies in the banned part of its region, is undetermined, not in breach.
    """

    kind = NormKind.BAN

    def sites(self, scope: Scope) -> QuerySet[Site]:
        sites = Site.objects.order_by().filter(miner__kind__in=self.norm.miner_kinds)
        if scope == EVERYTHING:
            return sites
        return sites.filter(miner__in=scope.miners().values("pk"))

    def exempt(self) -> Any:
        """The days on which own off-grid generation lifts the ban (none, where the pack names no day)."""
        start = self.norm.parameters.get("exempt_off_grid_from")
        return DateRange(dt.date.fromisoformat(start), None) if start else DateRange(empty=True)

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        area = Q(territory__above__ancestor__bans__norm=self.norm.pk, territory__above__ancestor__bans__partial=False)
        return (
            self.sites(scope)
            .filter(area)
            .annotate(
                exempt=Case(
                    When(off_grid=False, then=days(DateRange(empty=True))),
                    default=days(self.exempt()),
                    output_field=DateMultirangeField(),
                ),
                banned=Both(
                    union("territory__above__ancestor__bans__period", only=area),
                    days("period"),
                    DaysOf(F("miner__operating")),
                    days(self.in_force),
                ),
                gap=Less(F("banned"), F("exempt")),
                facts=facts(off_grid=F("off_grid")),
            )
        )

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        in_force = BannedArea.objects.filter(norm=self.norm.pk, period__contains=day)
        if day not in self.in_force:
            in_force = in_force.none()
        around = in_force.filter(territory__below__descendant=OuterRef("territory"))
        within = in_force.filter(territory__above__ancestor=OuterRef("territory"))
        sites = self.sites(scope).filter(period__contains=day, miner__operating__contains=day)
        unknown_generation = sites.filter(Exists(around.filter(partial=False)), off_grid__isnull=True)
        unknown_place = sites.exclude(Exists(around.filter(partial=False))).filter(
            Exists(around.filter(partial=True)) | Exists(within)
        )
        if day in self.exempt():
            unknown_place = unknown_place.exclude(off_grid=True)
        else:
            unknown_generation = unknown_generation.none()
        return (
            scope.miners()
            .filter(Q(sites__in=unknown_place) | Q(sites__in=unknown_generation))
            .distinct()
            .annotate(
                missing_fact=Case(
                    When(pk__in=unknown_place.values("miner"), then=Value(MUNICIPALITY)), default=Value(GENERATION)
                )
            )
        )
