"""Eligibility: who may not mine at all, whatever it registers."""

import datetime as dt
from functools import cached_property
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, CharField, F, JSONField, QuerySet, When

from compliance.choices import NormKind
from compliance.models.fields import DateMultirangeField
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.compiled import compiled
from compliance.rules.derived import Statement, joined, statement
from compliance.rules.ranges import Both, days
from registry.models import Miner, Territory

COUNTRY = "country of incorporation"
COUNTRY_OF_OWNER = "country of an owner"
SHARE_OF_OWNER = "share of an owner"
BY_COUNTRY = frozenset({"country", "countries", "barred_countries"})

# Every owner of an asked miner, whoever lies between them, with the days on which all steps of the chain stood. A chain
# is sure where each step is known to hold the share; a step of unknown share may hold it. The same owner through the
# same days is taken once, so a ring of owners comes to its end.
STAKES = """
WITH RECURSIVE asked (miner_id, country_id) AS NOT MATERIALIZED (%(asked)s),
stake (miner_id, owner_id, country_id, days, sure) AS (
    SELECT own.miner_id, own.owner_id, COALESCE(owner.country_id, own.owner_country_id), own.period,
           own.share_percent IS NOT NULL
    FROM registry_ownership own LEFT JOIN registry_miner owner ON owner.id = own.owner_id
    WHERE (own.share_percent IS NULL OR own.share_percent >= %(share)s)
      AND own.miner_id IN (SELECT miner_id FROM asked)
    UNION
    SELECT stake.miner_id, own.owner_id, COALESCE(owner.country_id, own.owner_country_id), stake.days * own.period,
           stake.sure AND own.share_percent IS NOT NULL
    FROM stake
    JOIN registry_ownership own ON own.miner_id = stake.owner_id AND own.period && stake.days
    LEFT JOIN registry_miner owner ON owner.id = own.owner_id
    WHERE own.share_percent IS NULL OR own.share_percent >= %(share)s
)
"""
NO_STAKES = """
WITH asked (miner_id, country_id) AS NOT MATERIALIZED (%(asked)s),
stake (miner_id, owner_id, country_id, days, sure) AS (
    SELECT NULL::bigint, NULL::bigint, NULL::bigint, NULL::daterange, true WHERE false
)
"""

BARRED = """
SELECT miner_id, range_agg(days) AS barred,
       COALESCE(jsonb_agg(DISTINCT country) FILTER (WHERE country IS NOT NULL), '[]') AS owners_from,
       COALESCE(jsonb_agg(DISTINCT impediment) FILTER (WHERE impediment IS NOT NULL), '[]') AS barred_by
FROM (
    SELECT asked.miner_id, '(,)'::daterange, NULL::text, NULL::text FROM asked WHERE {foreign_miner}
    UNION ALL
    SELECT bar.miner_id, bar.period, NULL, bar.kind
    FROM registry_impediment bar
    WHERE bar.kind = ANY(%(impediments)s) AND bar.miner_id IN (SELECT miner_id FROM asked)
    UNION ALL
    SELECT stake.miner_id, stake.days, country.code, NULL
    FROM stake JOIN registry_territory country ON country.id = stake.country_id WHERE stake.sure AND {foreign_owner}
    UNION ALL
    SELECT stake.miner_id, stake.days * bar.period, NULL, bar.kind
    FROM stake JOIN registry_impediment bar ON bar.miner_id = stake.owner_id AND bar.period && stake.days
    WHERE stake.sure AND bar.kind = ANY(%(impediments)s)
) cause (miner_id, days, country, impediment)
GROUP BY miner_id
"""

# An owner of unknown share matters where it is, or may be, barred itself: by its country or by an impediment.
DOUBT = """
SELECT miner_id, (ARRAY[%(country)s, %(country_of_owner)s, %(share_of_owner)s])[min(fact)] AS missing_fact
FROM (
    SELECT asked.miner_id, 1 FROM asked WHERE asked.country_id IS NULL AND {by_country}
    UNION ALL
    SELECT stake.miner_id, 2 FROM stake
    WHERE stake.days @> %(day)s::date AND stake.sure AND stake.country_id IS NULL AND {by_country}
    UNION ALL
    SELECT stake.miner_id, 3 FROM stake
    WHERE stake.days @> %(day)s::date AND NOT stake.sure AND (
        {foreign_owner} OR (stake.country_id IS NULL AND {by_country}) OR EXISTS (
            SELECT 1 FROM registry_impediment bar
            WHERE bar.miner_id = stake.owner_id AND bar.kind = ANY(%(impediments)s) AND bar.period @> %(day)s::date))
) doubt (miner_id, fact)
GROUP BY miner_id
"""


class Eligibility(Rule):
    """Only persons of the named countries may mine, or all but those of some; and nobody with an impediment on file.

    Where the pack says so, the same is asked of owners, and of theirs, as long as each holds at least the share of what
    it owns. A chain of owners counts on the days on which all of it stood. Whoever operated before the norm came into
    force has so many days to divest from then. A country or a share that nobody knows leaves it undetermined.
    """

    kind = NormKind.ELIGIBILITY

    @cached_property
    def countries(self) -> tuple[bool, list[int]]:
        """Whether the named countries are those that may mine (or those that may not), and their ids."""
        named = self.norm.parameters
        codes = [named["country"]] if "country" in named else named.get("countries", named.get("barred_countries", []))
        found = Territory.objects.filter(code__in=codes).order_by("pk").values_list("pk", flat=True)
        return "barred_countries" not in named, list(found)

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        miners = self.addressed(scope)
        found = {"barred": DateMultirangeField(), "owners_from": JSONField(), "barred_by": JSONField()}
        read: dict[str, Any] = {"country": F("country__code")}
        if "owners" in self.norm.parameters:
            read["owners_from"] = F("owners_from")
        if "impediments" in self.norm.parameters:
            read["impediments"] = F("barred_by")
        return joined(miners, "barred_miner", self._statement(BARRED, miners), key="miner_id", **found).annotate(
            gap=Both(F("barred"), days("operating"), self._law()), facts=facts(**read)
        )

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        miners = self.obliged(day, scope)
        doubt = self._statement(DOUBT, miners, day=day)
        return (
            joined(miners, "doubted_miner", doubt, key="miner_id", missing_fact=CharField())
            .alias(law=self._law())
            .filter(law__contains=day)
            .exclude(pk__in=self.breaches(day, scope).values("pk"))
        )

    def _statement(self, tail: str, miners: QuerySet[Miner], **values: Any) -> Statement:
        """The stakes in the miners, and what `tail` makes of them; it yields one row per miner that it is about."""
        asked = self.norm.parameters
        by_country = not BY_COUNTRY.isdisjoint(asked)
        only, countries = self.countries
        foreign = "NOT ({0} = ANY(%(countries)s))" if only else "{0} = ANY(%(countries)s)"
        sql = (STAKES if "owners" in asked else NO_STAKES) + tail.format(
            foreign_miner=foreign.format("asked.country_id") if by_country else "false",
            foreign_owner=foreign.format("stake.country_id") if by_country else "false",
            by_country=str(by_country).lower(),
        )
        return statement(
            sql,
            asked=compiled(miners.values_list("pk", "country_id")),
            share=asked.get("owners", {}).get("share_percent_from"),
            countries=countries,
            impediments=asked.get("impediments", []),
            country=COUNTRY,
            country_of_owner=COUNTRY_OF_OWNER,
            share_of_owner=SHARE_OF_OWNER,
            **values,
        )

    def _law(self) -> Any:
        """The days on which the norm binds the miner: none of those that it was given to divest."""
        law = days(self.in_force)
        time = self.norm.parameters.get("divest_days")
        if not time or self.first_day is None:
            return law
        past = DateRange(self.first_day + dt.timedelta(days=int(time)), None)
        return Case(
            When(operating__startswith__lt=self.first_day, then=Both(law, days(past))),
            default=law,
            output_field=DateMultirangeField(),
        )
