"""The answer to a scenario: the register on a day under the law in force and under changed law, side by side."""

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from compliance.models import LawPack, Norm, RegistrationRate, StaleMark
from compliance.rules import EVERYTHING, RULES, Rule
from compliance.rules.compiled import compiled
from compliance.selectors.differences import (
    GONE,
    NEW,
    STAYED,
    Comparison,
    Figures,
    PricedCell,
    Unknown,
    compared,
    compared_by,
)
from compliance.selectors.persons import findings_of_persons
from compliance.selectors.prices import BAND, Pricing, measured_norms
from compliance.selectors.scenario_law import SHARE_LIMIT, ChangedNorm, ScenarioLaw, scenario_law
from compliance.selectors.totals import places_summed, stored_day
from registry.choices import MinerKind
from registry.models import Miner, TerritoryAncestor
from registry.selectors.persons import MINERS_OF_PERSONS

LAW, SCENARIO = 0, 1
"""The two books that everything is priced by."""

FINDING = "miner_id, site_id, territory_id, kind, norm_id, valid, facts"

KEPT = """
    SELECT finding.miner_id, finding.site_id, finding.territory_id, finding.kind, finding.norm_id,
           finding.valid, finding.facts, 'both' AS side
    FROM compliance_finding finding WHERE finding.valid @> %(day)s AND finding.norm_id = ANY(%(kept)s)
"""
STORED_OF_NORM = f"SELECT {FINDING} FROM compliance_finding WHERE valid @> %(day)s AND norm_id = {{norm}}"
NOBODY = f"SELECT {FINDING} FROM compliance_finding WHERE false"

# As they would be stored: persons who are on file more than once have them once.
FOUND = f"""
    SELECT {FINDING} FROM (
        WITH found AS MATERIALIZED ({{rows}})
        SELECT {FINDING} FROM found
        WHERE miner_id NOT IN (SELECT miner_id FROM {MINERS_OF_PERSONS} twice)
        UNION ALL
        SELECT {FINDING} FROM ({{persons}}) persons
    ) found WHERE valid @> %(day)s
"""
# The stored findings of one norm and those of its changed form meet miner by miner and site by site.
MET = """
    SELECT COALESCE(base.miner_id, wanted.miner_id) AS miner_id, COALESCE(base.site_id, wanted.site_id) AS site_id,
           COALESCE(base.territory_id, wanted.territory_id) AS territory_id, COALESCE(base.kind, wanted.kind) AS kind,
           {norm}::bigint AS norm_id, COALESCE(base.valid, wanted.valid) AS valid,
           COALESCE(base.facts, wanted.facts) AS facts,
           CASE WHEN wanted.miner_id IS NULL THEN 'gone' WHEN base.miner_id IS NULL THEN 'new' ELSE 'both' END AS side
    FROM ({base}) base FULL JOIN ({wanted}) wanted
      ON wanted.miner_id = base.miner_id AND COALESCE(wanted.site_id, 0) = COALESCE(base.site_id, 0)
"""
# The same where a band of the norm counts days or violations: who stays is priced by each law's own days and facts.
MET_TWICE = """
    SELECT * FROM (
        WITH base AS MATERIALIZED ({base}), wanted AS MATERIALIZED ({wanted})
        SELECT base.*, CASE WHEN wanted.miner_id IS NULL THEN 'gone' ELSE 'law' END AS side
        FROM base LEFT JOIN wanted
          ON wanted.miner_id = base.miner_id AND COALESCE(wanted.site_id, 0) = COALESCE(base.site_id, 0)
        UNION ALL
        SELECT wanted.*, CASE WHEN base.miner_id IS NULL THEN 'new' ELSE 'scenario' END
        FROM wanted LEFT JOIN base
          ON wanted.miner_id = base.miner_id AND COALESCE(wanted.site_id, 0) = COALESCE(base.site_id, 0)
    ) met
"""

BOOKS = "SELECT 0 AS priced_book, %(pack)s::bigint AS pack_id UNION ALL SELECT 1, %(pack)s"
PLAIN_BAND = ", ".join("band." + name for name in BAND.split(", "))
# A share cannot be more than all.
TIMES = (
    f"CASE WHEN band.basis LIKE 'share_%%' AND band.{{0}} * COALESCE(times.factor, 1) > {SHARE_LIMIT}"
    f" THEN {SHARE_LIMIT} ELSE band.{{0}} * COALESCE(times.factor, 1) END"
)
CHANGED_BAND = ", ".join(
    TIMES.format(name) if name in ("amount_low", "amount_high", "cap") else f"band.{name}" for name in BAND.split(", ")
)
# The law of the day prices its own column; the scenario's takes what was typed in (rank 0), then the books that it
# takes as law (1 and on), then the law. A norm that is law by the scenario
# only has the bands of acts that are law already.
BANDS = f"""
    SELECT 0 AS priced_book, 0 AS rank, {PLAIN_BAND}
    FROM compliance_penalty band JOIN compliance_book book ON book.id = band.book_id
    WHERE book.pack_id = %(pack)s AND band.in_force @> %(day)s
    UNION ALL
    SELECT 1, 0, typed.* FROM jsonb_to_recordset(%(typed)s) AS typed (
        id bigint, norm_id bigint, offender varchar, occurrence varchar, basis varchar, amount_low numeric,
        amount_high numeric, currency varchar, unit varchar, cap numeric, condition varchar, threshold_fact varchar,
        threshold_over numeric, threshold_currency varchar)
    UNION ALL
    SELECT 1, COALESCE(array_position(%(taken)s, band.book_id), %(last)s), {CHANGED_BAND}
    FROM compliance_penalty band JOIN compliance_book book ON book.id = band.book_id
    LEFT JOIN jsonb_to_recordset(%(times)s)
      AS times (norm_id bigint, offender varchar, occurrence varchar, factor numeric)
      ON (times.norm_id, times.offender, times.occurrence) = (band.norm_id, band.offender, band.occurrence)
    WHERE book.pack_id = %(pack)s AND (
        (band.book_id = ANY(%(taken)s) AND band.days @> %(day)s)
        OR band.in_force @> %(day)s
        OR (book.kind = 'law' AND band.norm_id = ANY(%(revived)s) AND band.days @> %(day)s AND EXISTS (
            SELECT 1 FROM compliance_actstatus status WHERE status.act_id = band.act_id
              AND status.status = 'in_force' AND status.period @> %(day)s)))
"""

SUMS = """
SELECT side, priced_book, territory_id, kind, norm_id, currency, sum(findings)::bigint,
       sum(each_low * findings), sum(each_high * findings)
FROM price
WHERE side = 'both'
   OR (priced_book = 0 AND side IN ('gone', 'law'))
   OR (priced_book = 1 AND side IN ('new', 'scenario'))
GROUP BY 1, 2, 3, 4, 5, 6
"""

# One bit per norm: which of them leave a miner undetermined, under the law and under the scenario.
UNKNOWN = """
WITH miner (territory_id, kind, law, scenario) AS (
    SELECT COALESCE(person.territory_id, asked.territory_id), COALESCE(person.kind, asked.kind),
           bit_or(law), bit_or(scenario)
    FROM ({asked}) asked (miner_id, territory_id, kind, law, scenario)
    LEFT JOIN registry_merger merger ON merger.miner_id = asked.miner_id
    LEFT JOIN registry_miner person ON person.id = merger.same_as_id
    GROUP BY COALESCE(merger.same_as_id, asked.miner_id), 1, 2
)
SELECT territory_id, kind, law, scenario, count(*) FROM miner GROUP BY 1, 2, 3, 4
"""

BITS = 62
"""How many norms of one pack a number of the database tells apart."""

AHEAD = (
    "Findings were computed for {}: of the norms that are not changed, what begins after that day is not in these"
    " figures, on either side."
)

Params = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a scenario makes of the register on a day. `stale` marks wait to be counted; `notes` say what to mind."""

    as_of: dt.date
    computed_on: dt.date | None
    pack: str
    total: Comparison
    by_territory: list[Comparison]
    by_kind: list[Comparison]
    by_norm: list[Comparison]
    stale: int
    notes: list[str] = field(default_factory=list)


def scenario_answer(pack: LawPack, changes: Sequence[dict[str, Any]], as_of: dt.date) -> Answer:
    """The scenario of these changes beside the law in force, for the whole register.

    Findings of norms that are not changed are those on file; a changed norm is asked anew, on this day only. It runs in
    a transaction that the database holds to reading, so nothing that is stored can change.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        computed_on = stored_day()
        law = scenario_law(pack, changes, as_of)
        return _Asking(pack, law, as_of, computed_on).answer()


class _Asking:
    def __init__(self, pack: LawPack, law: ScenarioLaw, day: dt.date, computed_on: dt.date | None) -> None:
        self.pack, self.law, self.day, self.computed_on = pack, law, day, computed_on
        self.norms = {norm.pk: norm for norm in Norm.objects.filter(pack=pack)}
        self.params: Params = {}

    def answer(self) -> Answer:
        where = places_summed(None)
        cells = self.cells()
        unknown = self.unknown()
        kinds = {str(value): str(label) for value, label in MinerKind.choices}
        everybody = sum(unknown.by_cell.values(), Unknown())
        return Answer(
            as_of=self.day,
            computed_on=self.computed_on,
            pack=self.pack.code,
            total=compared("", "Everywhere", cells, everybody),
            by_territory=compared_by(
                cells,
                lambda cell: where[cell.territory_id],
                unknown.by(lambda cell: where[cell[0]][0]),
            ),
            by_kind=compared_by(cells, lambda cell: (cell.kind, kinds[cell.kind]), unknown.by(lambda cell: cell[1])),
            by_norm=compared_by(
                cells,
                lambda cell: (self.norms[cell.norm_id].code, self.norms[cell.norm_id].title),
                {self.norms[pk].code: each for pk, each in unknown.by_norm.items()},
            ),
            stale=StaleMark.objects.count(),
            notes=[*self.law.notes, *self.notes()],
        )

    def notes(self) -> list[str]:
        if self.computed_on is None:
            return ["Findings have not been computed yet: only changed norms are asked."]
        if self.day > self.computed_on:
            return [AHEAD.format(self.computed_on)]
        return []

    def cells(self) -> list[PricedCell]:
        measured = measured_norms()
        asked = {changed.norm.pk for changed in self.law.asked}
        parts = [KEPT] + [self.met(changed, changed.norm.pk in measured) for changed in self.law.asked]
        sql, params = Pricing(
            findings=" UNION ALL ".join(f"({part})" for part in parts),
            bands=BANDS,
            books=BOOKS,
            params={
                **self.params,
                "kept": [pk for pk in self.norms if pk not in asked],
                "pack": self.pack.pk,
                "typed": json.dumps(self.typed()),
                "times": json.dumps(
                    [
                        {"norm_id": key[0], "offender": key[1], "occurrence": key[2], "factor": str(factor)}
                        for key, factor in self.law.times.items()
                    ]
                ),
                "taken": self.law.taken,
                "last": len(self.law.taken) + 1,
                "revived": self.law.revived,
            },
        ).sql(self.day, final=SUMS)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return [_cell(*row) for row in cursor.fetchall()]

    def typed(self) -> list[dict[str, Any]]:
        """Amounts typed in, as bands; their ids, which only order equals, are below those of any row."""
        return [
            {
                "id": -number,
                "norm_id": key[0],
                "offender": key[1],
                "occurrence": key[2],
                "basis": "fixed",
                "amount_low": str(typed.low),
                "amount_high": str(typed.high),
                "currency": typed.currency,
                "unit": typed.unit,
                "cap": None,
                "condition": "",
                "threshold_fact": "",
                "threshold_over": None,
                "threshold_currency": "",
            }
            for number, (key, typed) in enumerate(self.law.typed.items(), start=1)
        ]

    def met(self, changed: ChangedNorm, measured: bool) -> str:
        """The findings of one changed norm under both laws, each with its side."""
        norm = changed.norm.pk
        # After the day of the stored findings both laws are asked, or what begins in between would pass for a change.
        asked_twice = self.computed_on is not None and self.day > self.computed_on
        base = STORED_OF_NORM.format(norm=norm)
        if asked_twice:
            base = self.found(changed.law, norm, measured)
        wanted = self.found(changed.scenario, norm, measured)
        return (MET_TWICE if measured else MET).format(norm=norm, base=base, wanted=wanted)

    def found(self, rule: Rule | None, norm: int, measured: bool) -> str:
        """What a rule finds on the day; days and facts only where a price depends on them."""
        if rule is None:
            return NOBODY
        if measured:
            sql = self.named(*compiled(rule.spans(EVERYTHING, self.day)))
            columns = f"miner_id, site_id, territory_id, kind, {norm}::bigint AS norm_id, valid, facts"
            rows = (
                f"SELECT {columns} FROM ({sql}) span (miner_id, site_id, territory_id, kind, valid, facts)"
                f" WHERE valid @> %(day)s OR miner_id IN (SELECT miner_id FROM {MINERS_OF_PERSONS} twice)"
            )
        else:
            sql = self.named(*compiled(rule.open_on(self.day)))
            columns = f"miner_id, site_id, territory_id, kind, {norm}::bigint AS norm_id"
            rows = (
                f"SELECT {columns}, daterange(%(day)s, NULL) AS valid, '{{}}'::jsonb AS facts"
                f" FROM ({sql}) open (miner_id, site_id, territory_id, kind)"
            )
        return FOUND.format(rows=rows, persons=findings_of_persons("found"))

    def named(self, sql: str, values: Sequence[Any]) -> str:
        """The statement with its parameters under names of their own, so that it can stand among others."""
        rest = iter(values)

        def name(mark: re.Match[str]) -> str:
            if mark[0] == "%%":
                return mark[0]
            key = f"value_{len(self.params)}"
            self.params[key] = next(rest)
            return f"%({key})s"

        return re.sub("%%|%s", name, sql)

    def unknown(self) -> "_Unknown":
        """Undetermined miners by norm, and by cell without counting anybody twice; beside those on file."""
        within: dict[int, set[int]] = defaultdict(set)
        areas = {norm.territory_id for norm in self.norms.values()} | {self.pack.territory_id}
        for ancestor, descendant in TerritoryAncestor.objects.filter(ancestor__in=areas).values_list(
            "ancestor", "descendant"
        ):
            within[ancestor].add(descendant)
        found = _Unknown({}, {})
        for place, kind, number in self.on_file():
            if place in within[self.pack.territory_id]:
                found.by_cell[place, kind] = Unknown(miners=number)
        for pk, norm in self.norms.items():
            reached = within[norm.territory_id]
            addressed = (
                each.miners
                for (place, kind), each in found.by_cell.items()
                if kind in norm.miner_kinds and place in reached
            )
            found.by_norm[pk] = Unknown(miners=sum(addressed))
        norms = [pk for pk, norm in self.norms.items() if norm.kind in RULES]
        for place, kind, law, scenario, number in self.undetermined(norms):
            found.add(found.by_cell, (place, kind), law > 0, scenario > 0, number)
            for place_of_bit, pk in enumerate(norms):
                bit = 1 << place_of_bit
                found.add(found.by_norm, pk, bool(law & bit), bool(scenario & bit), number)
        return found

    def on_file(self) -> list[tuple[int, str, int]]:
        """Territory id, kind and number of the miners that operate on the day, as stored where they are stored."""
        stored = RegistrationRate.objects.order_by().filter(as_of=self.day, on_file__gt=0)
        operating = Miner.objects.operating(self.day).order_by()
        persons = operating.values_list(
            Coalesce("merger__same_as__territory", "territory"), Coalesce("merger__same_as__kind", "kind")
        )
        return list(stored.values_list("territory_id", "kind", "on_file")) or list(
            persons.annotate(number=Count(Coalesce("merger__same_as", "pk"), distinct=True))
        )

    def undetermined(self, norms: list[int]) -> list[tuple[int, str, int, int, int]]:
        """Territory id, kind, a bit per norm for the law and for the scenario, and the number of miners."""
        if len(norms) > BITS:
            raise ValueError(f"The pack has {len(norms)} norms that rules read; {BITS} can be told apart.")
        self.params = {"day": self.day}
        changed = {each.norm.pk: each for each in self.law.asked}
        parts = []
        for place_of_bit, pk in enumerate(norms):
            norm, bit = self.norms[pk], 1 << place_of_bit
            if pk in changed:
                parts += self.missing_of_both(changed[pk], bit)
            elif self.day in (norm.in_force or ()):
                parts.append(self.missing(compiled(asked_of(RULES[norm.kind](norm), self.day)), bit, bit))
        if not parts:
            return []
        with connection.cursor() as cursor:
            cursor.execute(UNKNOWN.format(asked=" UNION ALL ".join(parts)), self.params)
            rows: list[tuple[int, str, int, int, int]] = cursor.fetchall()
        return rows

    def missing_of_both(self, changed: ChangedNorm, bit: int) -> list[str]:
        """What a changed norm cannot decide under each law; asked once where the change does not touch it."""
        law, scenario = (
            compiled(asked_of(rule, self.day)) if rule is not None else None for rule in (changed.law, changed.scenario)
        )
        if law is not None and law == scenario:
            return [self.missing(law, bit, bit)]
        asked = [self.missing(law, bit, 0)] if law is not None else []
        return [*asked, self.missing(scenario, 0, bit)] if scenario is not None else asked

    def missing(self, statement: tuple[str, list[Any]], law: int, scenario: int) -> str:
        return (
            f"SELECT missing.*, {law}::bigint, {scenario}::bigint"
            f" FROM ({self.named(*statement)}) missing (miner_id, territory_id, kind)"
        )


def asked_of(rule: Rule, day: dt.date) -> QuerySet[Any, Any]:
    return rule.undetermined(day).values_list("pk", "territory_id", "kind")


@dataclass
class _Unknown:
    by_cell: dict[tuple[int, str], Unknown]
    by_norm: dict[int, Unknown]

    def add(self, sums: dict[Any, Unknown], key: Any, in_law: bool, in_scenario: bool, number: int) -> None:
        sums[key] = sums.get(key, Unknown()) + Unknown(0, number * in_law, number * in_scenario)

    def by(self, key: Any) -> dict[Hashable, Unknown]:
        sums: dict[Hashable, Unknown] = {}
        for cell, unknown in self.by_cell.items():
            sums[key(cell)] = sums.get(key(cell), Unknown()) + unknown
        return sums


def _cell(
    side: str,
    book: int,
    territory_id: int,
    kind: str,
    norm_id: int,
    currency: str,
    findings: int,
    low: Decimal | None,
    high: Decimal | None,
) -> PricedCell:
    amounts = ((currency, low, high),) if low is not None and high is not None else ()
    figures = Figures(findings, 0 if amounts else findings, amounts)
    part = {"gone": GONE, "new": NEW}.get(side, STAYED)
    return PricedCell(book == SCENARIO, part, territory_id, kind, norm_id, figures)
