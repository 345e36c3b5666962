"""Hosting duty: whom an operator may not serve, and what it must tell of those whom it serves."""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db.models import Case, CharField, JSONField, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from compliance.choices import NormKind
from compliance.models import Norm
from compliance.models.fields import DateMultirangeField
from compliance.rules.base import EVERYTHING, Rule, Scope
from compliance.rules.compiled import compiled
from compliance.rules.derived import Statement, joined, statement
from compliance.rules.energy_limit import EnergyLimit
from compliance.rules.registration_duty import RegistrationDuty
from registry.models import Site

DISCLOSURE = "by when clients must be disclosed"
CLIENTS = "whether its clients must be registered"
UNKNOWN = "unknown"
NAMED_AT_MOST = 100_000

Duty = RegistrationDuty | EnergyLimit
DUTIES: dict[str, type[Duty]] = {RegistrationDuty.kind: RegistrationDuty, EnergyLimit.kind: EnergyLimit}

# What each operator did, piece by piece: a client that it served unregistered, a site that it did not disclose in time.
SERVED = """
WITH host (id, operating) AS (%(hosts)s),
client (miner_id, gap) AS (%(clients)s),
piece (host_id, client_id, site_id, days) AS (
    SELECT site.host_id, site.miner_id, NULL::bigint, client.gap * datemultirange(site.period)
    FROM client JOIN registry_site site ON site.miner_id = client.miner_id
    UNION ALL
    SELECT site.host_id, NULL, site.id, datemultirange(site.period * daterange(late_from, site.disclosed_on))
    FROM registry_site site
    CROSS JOIN LATERAL (
        SELECT GREATEST(lower(site.period), %(first_day)s::date) + %(within_days)s::int + 1 AS late_from
    ) late
    WHERE site.host_id IN (SELECT id FROM host) AND late_from IS NOT NULL
      AND (site.disclosed_on IS NULL OR site.disclosed_on > late_from)
),
served (host_id, client_id, site_id, days) AS (
    SELECT piece.host_id, piece.client_id, piece.site_id,
           piece.days * datemultirange(host.operating) * %(in_force)s::datemultirange
    FROM piece JOIN host ON host.id = piece.host_id
)
"""
WHOLE = """
SELECT host_id, range_agg(days) AS gap, {facts} AS facts FROM served GROUP BY host_id
"""
STRETCHES = """
SELECT served.host_id, stretch.valid, {facts} AS facts
FROM (SELECT host_id, unnest(range_agg(days)) AS valid FROM served GROUP BY host_id) stretch
JOIN served ON served.host_id = stretch.host_id AND served.days && stretch.valid
GROUP BY served.host_id, stretch.valid
"""
# What has begun by the day.
FACTS = """
    jsonb_build_object(
        'unregistered_clients', count(DISTINCT client_id) FILTER (WHERE days && {valid}),
        'undisclosed_sites', count(DISTINCT site_id) FILTER (WHERE days && {valid}),
        'violations', count(DISTINCT client_id) FILTER (WHERE days && {valid})
                      + count(DISTINCT site_id) FILTER (WHERE days && {valid}))
"""
NO_CLIENTS: Statement = ("SELECT NULL::bigint, '{}'::datemultirange WHERE false", ())


class Hosting(Rule):
    """An operator may not serve a miner who ought to be in a register and is not, or must disclose whom it serves.

    It is in breach on the days on which it operates and hosts a site of a miner who, by the registration duties and
    energy limits of that register in the same pack, ought to be entered on that day and is not. A site must be
    disclosed within so many days of its first day, or of the norm's where the site is older; later it is in breach
    until it does. Where nobody knows within how many days, an operator of an undisclosed site is undetermined, as is
    one of whose client nobody knows whether it must be registered.

    `duties` are the rules by which the clients are judged, where they are not those on file.
    """

    kind = NormKind.HOSTING

    def __init__(self, norm: Norm, duties: Sequence[Duty] | None = None) -> None:
        super().__init__(norm)
        self._duties = duties

    @cached_property
    def duties(self) -> list[Duty]:
        """The rules that say of a client whether it must be in the register and is not."""
        register = self.norm.parameters.get("clients_register")
        if not register:
            return []
        if self._duties is not None:
            return list(self._duties)
        norms = Norm.objects.filter(
            pack=self.norm.pack_id, kind__in=DUTIES, register__code=register, in_force__isnull=False
        )
        return [DUTIES[norm.kind](norm) for norm in norms.select_related("pack").order_by("code")]

    @property
    def within_days(self) -> int | None:
        """Within how many days a site must be disclosed; null where the norm does not ask, or nobody knows."""
        within = self.norm.parameters.get("disclose", {}).get("within_days", UNKNOWN)
        return None if within == UNKNOWN else int(within)

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        found = {"gap": DateMultirangeField(), "facts": JSONField()}
        valid = "daterange(NULL, %(tomorrow)s::date)"
        return joined(
            self.addressed(scope), "serving_host", self._served(WHOLE, valid, scope, day), key="host_id", **found
        )

    def spans(self, scope: Scope, day: dt.date) -> QuerySet[Any, tuple[Any, ...]]:
        """As ever, with facts about what was done in that stretch, as far as it had begun by the day."""
        found = {"valid": DateRangeField(), "facts": JSONField()}
        valid = "(stretch.valid * daterange(NULL, %(tomorrow)s::date))"
        rows = joined(
            self.addressed(scope), "serving_host", self._served(STRETCHES, valid, scope, day), key="host_id", **found
        )
        return rows.annotate(no_site=Cast(Value(None), Site._meta.pk)).values_list(
            "pk", "no_site", "territory_id", "kind", "valid", "facts"
        )

    def _served(self, tail: str, valid: str, scope: Scope, day: dt.date) -> Statement:
        clients = [
            compiled(self._hosted(rule.gaps(self._clients(scope), day), scope).values_list("pk", "gap"))
            for rule in self.duties
        ]
        union = " UNION ALL ".join(sql for sql, _ in clients), [param for _, params in clients for param in params]
        return statement(
            SERVED + tail.format(facts=FACTS.format(valid=valid)),
            hosts=compiled(self.addressed(scope).values_list("pk", "operating")),
            clients=union if clients else NO_CLIENTS,
            first_day=self.first_day,
            within_days=self.within_days,
            in_force=DateMultirangeField().get_prep_value(self.in_force),
            tomorrow=day + dt.timedelta(days=1),
        )

    def _clients(self, scope: Scope) -> Scope:
        """Whom the duties are asked of: the clients by id, so that few readings are added up; all if they are many."""
        hosted = self._sites(scope).order_by("miner").values_list("miner_id", flat=True).distinct()
        clients = tuple(hosted[: NAMED_AT_MOST + 1]) if self.duties else ()
        return Scope(miner_ids=clients) if len(clients) <= NAMED_AT_MOST else EVERYTHING

    def _hosted(self, miners: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
        return miners.filter(pk__in=self._sites(scope).values("miner"))

    def _sites(self, scope: Scope) -> QuerySet[Site]:
        """The sites that operators of the scope have ever served."""
        if scope == EVERYTHING:
            return Site.objects.order_by().filter(host__isnull=False)
        return Site.objects.order_by().filter(host__in=self.addressed(scope).values("pk"))

    def breaches(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        served = self._sites(scope).filter(period__contains=day)
        clients = self._clients(scope)
        broken = Q(pk__in=self._late(served, day).values("host"))
        for rule in self.duties:
            unregistered = self._hosted(rule.breaches(day, clients), scope).values("pk")
            broken |= Q(pk__in=served.filter(miner__in=unregistered).values("host"))
        return self.obliged(day, scope).filter(broken)

    def _late(self, served: QuerySet[Site], day: dt.date) -> QuerySet[Site]:
        """Those of the sites that should have been disclosed before the day and were not yet."""
        if self.within_days is None:
            return served.none()
        last = day - dt.timedelta(days=self.within_days + 1)
        if self.first_day is not None and self.first_day > last:
            return served.none()
        return _undisclosed(served, day).filter(period__startswith__lte=last)

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        served = self._sites(scope).filter(period__contains=day)
        clients = self._clients(scope)
        asked = "disclose" in self.norm.parameters and self.within_days is None
        undisclosed = Q(pk__in=(_undisclosed(served, day) if asked else served.none()).values("host"))
        doubted = Q(pk__in=served.none().values("host"))
        for rule in self.duties:
            unknown = self._hosted(rule.undetermined(day, clients), scope).values("pk")
            doubted |= Q(pk__in=served.filter(miner__in=unknown).values("host"))
        return (
            self.obliged(day, scope)
            .filter(undisclosed | doubted)
            .exclude(pk__in=self.breaches(day, scope).values("pk"))
            .annotate(
                missing_fact=Case(
                    When(undisclosed, then=Value(DISCLOSURE)), default=Value(CLIENTS), output_field=CharField()
                )
            )
        )


def _undisclosed(served: QuerySet[Site], day: dt.date) -> QuerySet[Site]:
    return served.filter(Q(disclosed_on__isnull=True) | Q(disclosed_on__gt=day))
