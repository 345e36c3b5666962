"""Asks the rules, the prices and the bans what a case asks, and says in sentences where they answer otherwise."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from compliance.law.cases.reading import cases_path, cases_read
from compliance.law.cases.schema import AllowedQuestion, Breach, CaseItem, Expected, Price
from compliance.law.cases.staging import staged
from compliance.law.load import law_load
from compliance.law.parse import pack_read
from compliance.law.periods import ONE_DAY
from compliance.models import LawPack, Scenario
from compliance.rules import Rule, Scope, rules_in_law
from compliance.selectors.bans import allowed
from compliance.selectors.prices import Pricing
from compliance.selectors.scenario_law import scenario_law
from registry.models import Miner, Territory

SPANS = """
    SELECT miner_id, site_id, territory_id, kind, norm_id, valid, facts, '' AS side
    FROM jsonb_to_recordset(%(spans)s::jsonb) AS span (
        miner_id bigint, site_id bigint, territory_id bigint, kind text, norm_id bigint, valid daterange, facts jsonb)
    WHERE valid @> %(day)s
"""

PRICES = """
SELECT book.code, norm.code, sum(each_low * findings), sum(each_high * findings), bool_and(currency <> ''),
       max(currency), string_agg(DISTINCT occurrence, ' and ')
FROM price JOIN compliance_book book ON book.id = priced_book JOIN compliance_norm norm ON norm.id = norm_id
WHERE book.code = ANY(%(books)s)
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Tried:
    """What came of the cases of one pack: how many there were, and a sentence for whatever was not as expected."""

    pack: str
    cases: int
    failing: int
    failures: tuple[str, ...]


def law_tried(path: Path) -> Tried:
    """Runs the cases of one pack on the pack as its file has it, and leaves nothing stored.

    Raises `PackRefused` where the pack or its cases cannot be read. A pack without a file of cases has none.
    """
    pack = pack_read(path)
    own = cases_path(path)
    if not own.is_file():
        return Tried(pack.code, 0, 0, ())
    cases = cases_read(own, pack)
    with transaction.atomic():
        law_load(path)
        failures = [found for case in cases.items if (found := case_failures(case, cases.pack))]
        transaction.set_rollback(True)
    return Tried(pack.code, len(cases.items), len(failures), tuple(chain.from_iterable(failures)))


def case_failures(case: CaseItem, pack: str) -> list[str]:
    """Everything in which the stored law of the pack answers otherwise than the case expects; nothing stays stored."""
    try:
        with transaction.atomic():
            found = list(_differences(case, pack))
            transaction.set_rollback(True)
    except DatabaseError as error:
        found = [f"its facts cannot be on file: {str(error).splitlines()[0]}"]
    return [f"{case}: {sentence}" for sentence in found]


def _differences(case: CaseItem, pack: str) -> Iterator[str]:
    if case.expected is not None:
        miner = staged(case)
        yield from _of_rules(case, case.expected, miner, _rules(case, LawPack.objects.get(code=pack)))
    for question in case.allowed:
        yield from _of_place(question)


def _rules(case: CaseItem, pack: LawPack) -> list[Rule]:
    """The rules of the pack, with those that the case's scenario makes anew in their place."""
    rules = {rule.norm.pk: rule for rule in rules_in_law() if rule.norm.pack_id == pack.pk}
    if case.under:
        changes = Scenario.objects.get(code=case.under).changes
        for changed in scenario_law(pack, changes, case.on).asked:
            rules.pop(changed.norm.pk, None)
            if changed.scenario is not None:
                rules[changed.norm.pk] = changed.scenario
    return sorted(rules.values(), key=lambda rule: rule.norm.code)


def _of_rules(case: CaseItem, expected: Expected, miner: Miner, rules: list[Rule]) -> Iterator[str]:
    scope = Scope(miner_ids=(miner.pk,))
    spans: list[dict[str, Any]] = []
    for rule in rules:
        code = rule.norm.code
        yield from _of_duty(code, obliged=rule.obliged(case.on, scope).exists(), expected=code in expected.obliged)
        own = [span for span in (_span(rule, row) for row in rule.spans(scope, case.on)) if span["lower"] <= case.on]
        breaches = [Breach(span["lower"], span["upper"] and span["upper"] - ONE_DAY) for span in own]
        breaches.sort(key=lambda breach: breach.since)
        spans += own
        yield from _of_breaches(code, breaches, expected.breaches.get(code, ()), case)
        facts = {str(row.missing_fact) for row in rule.undetermined(case.on, scope)}
        yield from _of_facts(code, facts, set(expected.undetermined.get(code, ())))
    silent = (expected.obliged | expected.breaches.keys() | expected.undetermined.keys()) - {
        rule.norm.code for rule in rules
    }
    for code in sorted(silent):
        yield f"it expects something of {code}, which no rule reads: it never was law, or is a general offence."
    if expected.penalties:
        yield from _of_prices(expected.penalties, _prices(case, spans, list(expected.penalties)))


def _span(rule: Rule, row: tuple[Any, ...]) -> dict[str, Any]:
    miner_id, site_id, territory_id, kind, valid, facts = row
    return {
        "miner_id": miner_id,
        "site_id": site_id,
        "territory_id": territory_id,
        "kind": kind,
        "norm_id": rule.norm.pk,
        "lower": valid.lower,
        "upper": valid.upper,
        "valid": f"[{valid.lower or ''},{valid.upper or ''})",
        "facts": facts,
    }


def _of_duty(code: str, *, obliged: bool, expected: bool) -> Iterator[str]:
    if obliged and not expected:
        yield f"expected nothing of {code}, found the miner bound by it."
    if expected and not obliged:
        yield f"expected the miner to be bound by {code}, found that it is not."


def _of_breaches(code: str, found: list[Breach], expected: tuple[Breach, ...], case: CaseItem) -> Iterator[str]:
    """Equal one by one, in the order of their first days; an end that is not expected must lie after the day."""
    as_asked = [
        Breach(breach.since, None if wanted.until is None and _lasts(breach, case) else breach.until)
        for breach, wanted in zip(found, expected, strict=False)
    ]
    if as_asked != list(expected) or len(found) != len(expected):
        wanted = f"a breach of {code} {_listed(expected)}" if expected else f"no breach of {code}"
        yield f"expected {wanted}, found {_listed(found) if found else 'none'}."


def _lasts(breach: Breach, case: CaseItem) -> bool:
    return breach.until is None or breach.until >= case.on


def _listed(breaches: list[Breach] | tuple[Breach, ...]) -> str:
    return " and ".join(map(str, breaches))


def _of_facts(code: str, found: set[str], expected: set[str]) -> Iterator[str]:
    if found != expected:
        wanted, got = (_quoted(facts) if facts else "nothing" for facts in (expected, found))
        yield f"expected {wanted} to be unknown under {code}, found {got}."


def _quoted(facts: set[str]) -> str:
    return " and ".join(f"“{fact}”" for fact in sorted(facts))


def _prices(case: CaseItem, spans: list[dict[str, Any]], books: list[str]) -> dict[str, dict[str, Price]]:
    """What the breaches that last on the day come to, by book and norm."""
    sql, params = Pricing(findings=SPANS, params={"spans": json.dumps(spans, default=str), "books": books}).sql(
        case.on, final=PRICES
    )
    found: dict[str, dict[str, Price]] = {book: {} for book in books}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for book, norm, low, high, known, currency, occurrence in cursor:
            found[book][norm] = Price(low, high, currency, occurrence) if known else Price(occurrence=occurrence)
    return found


def _of_prices(expected: dict[str, dict[str, Price]], found: dict[str, dict[str, Price]]) -> Iterator[str]:
    for book, wanted in expected.items():
        for code in sorted(wanted.keys() | found[book].keys()):
            asked, got = wanted.get(code), found[book].get(code)
            if asked is None:
                yield f"expected no penalty for {code} in {book}, found {got}."
            elif got is None:
                yield f"expected {asked} for {code} in {book}, found no breach that lasts on the day."
            elif asked != (got if asked.occurrence else replace(got, occurrence="")):
                yield f"expected {asked} for {code} in {book}, found {got}."


def _of_place(question: AllowedQuestion) -> Iterator[str]:
    answer = allowed(Territory.objects.get(code=question.territory), question.on)
    by = frozenset(ban.norm for ban in answer.acts)
    wanted, found = _verdict(question.verdict, question.by), _verdict(answer.verdict, by)
    if wanted != found:
        yield (
            f"expected mining in {question.territory} on {question.on} to be {wanted}, found {found}"
            f" (line {question.line})."
        )


def _verdict(verdict: str, by: frozenset[str]) -> str:
    return f"{verdict} by {', '.join(sorted(by))}" if by else verdict
