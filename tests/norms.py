"""Norms that no jurisdiction has, for the tests of the rules: any kind, any parameters, on the territory of Russia."""

import datetime as dt
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Act, LawPack, Norm
from compliance.models.fields import Days
from compliance.rules import RULES, Rule, Scope
from registry.choices import MinerKind
from registry.models import Miner, Register
from tests.factories import RegisterFactory, TerritoryFactory

LAW = dt.date(2024, 11, 1)
AS_OF = dt.date(2026, 11, 22)


def law_from(*stretches: tuple[dt.date, dt.date | None]) -> Days:
    """The days of a law: stretches from the first day to the day before the second; none is open."""
    return Days(DateRange(first, past_last, "[)") for first, past_last in stretches)


def made_up_norm(
    kind: str,
    parameters: dict[str, Any],
    *,
    in_force: Days | None = None,
    miner_kinds: tuple[str, ...] = (MinerKind.LEGAL_ENTITY, MinerKind.ENTREPRENEUR),
    register: Register | None = None,
    calendar: str = "",
) -> Norm:
    """A norm with a pack and an act of its own, in force from 1 November 2024 on unless said otherwise."""
    number = Norm.objects.count()
    russia = TerritoryFactory(country=True)
    pack = LawPack.objects.create(
        code=f"made-up-{number}",
        title="A made-up jurisdiction",
        territory=russia,
        time_zone="UTC",
        calendar=calendar,
        version="1",
        sha256="",
    )
    act = Act.objects.create(pack=pack, code=f"made-up.act-{number}", title="A made-up act", citation="No. 0")
    return Norm.objects.create(
        pack=pack,
        act=act,
        code=f"made-up.norm-{number}",
        kind=kind,
        title="A made-up norm",
        sentence="Nobody has enacted this.",
        article="art. 0",
        territory=russia,
        register=register or RegisterFactory(),
        miner_kinds=list(miner_kinds),
        parameters=parameters,
        in_force=in_force if in_force is not None else law_from((LAW, None)),
        confidence="H",
    )


def rule_of(norm: Norm) -> Rule:
    return RULES[norm.kind](norm)


def breaches_of(norm: Norm, miner: Miner, as_of: dt.date = AS_OF) -> list[tuple[str, str | None]]:
    """The breaches that have begun by the day, as pairs of the first day and the first day after (None: none known)."""
    rows = rule_of(norm).spans(Scope(miner_ids=(miner.pk,)), as_of)
    spans = sorted(row[4] for row in rows if row[4].lower <= as_of)
    return [(str(span.lower), str(span.upper) if span.upper else None) for span in spans]


def facts_of(norm: Norm, miner: Miner, as_of: dt.date = AS_OF) -> dict[str, Any]:
    """What the rule read of the miner, where it is in breach."""
    facts: dict[str, Any] = rule_of(norm).spans(Scope(miner_ids=(miner.pk,)), as_of)[0][5]
    return facts


def missing_of(norm: Norm, miner: Miner, day: dt.date = AS_OF) -> list[str]:
    """The facts that the norm lacks to decide on the miner on the day."""
    rows = rule_of(norm).undetermined(day, Scope(miner_ids=(miner.pk,)))
    return [str(row.missing_fact) for row in rows]
