"""Reads a file of cases as strictly as a pack: unknown keys, codes and places are told with file and line."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import yaml

from compliance.choices import Occurrence
from compliance.law.cases.facts import Named, person_of
from compliance.law.cases.schema import MINER, AllowedQuestion, Breach, CaseItem, Cases, Expected, PersonFacts, Price
from compliance.law.lists import iso_currencies
from compliance.law.nodes import Mapping, Trouble, root
from compliance.law.periods import BEGINNING
from compliance.law.schema import Pack, pack_refused

VERDICTS = ("allowed", "banned", "undetermined")


def cases_path(pack: Path) -> Path:
    """Where the cases of a pack's file are: `packs/cases/ru.yaml` for `packs/ru.yaml`."""
    return pack.parent / "cases" / pack.name


def cases_read(path: Path, pack: Pack) -> Cases:
    """The cases of one file about one pack. Raises `PackRefused` with everything that is wrong with them."""
    trouble = Trouble(f"cases/{path.name}")
    file = root(path.read_text(encoding="utf-8"), trouble)
    if file is None:
        raise pack_refused(trouble.problems)
    file.what = "The file of cases"
    named = Named(pack)
    items = []
    seen: dict[str, int] = {}
    for item in file.mappings("cases", "A case", needed=True):
        case = case_of(item, named, trouble.file)
        if case.title in seen:
            item.refuse(f"has the words of another, on line {seen[case.title]}.")
        seen.setdefault(case.title, item.line)
        if item.sound:
            items.append(case)
    file.tell_unknown_keys()
    if trouble.problems:
        raise pack_refused(trouble.problems)
    return Cases(trouble.file, pack.code, tuple(items))


def case_of(item: Mapping, named: Named, file: str) -> CaseItem:
    title = item.text("case", longest=300)
    item.what = f"Case “{title}”"
    on = item.date("on")
    under = named.scenario(item, "under")
    persons: list[PersonFacts] = []
    expected = None
    if item.has("miner"):
        persons = [person_of(item, item.mapping("miner", "The miner"), MINER, named), *others_of(item, named)]
        known = {person.name for person in persons}
        for site in (site for person in persons for site in person.sites):
            if site.host and site.host not in known:
                item.refuse(f"names the host “{site.host}”, who is not among its persons.")
        expected = expected_of(item.mapping("expect", "What is expected"), named)
    questions = tuple(questions_of(item, on, named))
    if not persons and not questions:
        item.refuse("asks nothing: it needs a miner with what is expected, or a place under “allowed”.")
    return CaseItem(file, item.line, title, on, under, tuple(persons), expected, questions)


def others_of(item: Mapping, named: Named) -> Iterator[PersonFacts]:
    seen = {MINER}
    for other in item.mappings("others", "A further person"):
        name = other.text("name", longest=100)
        if name in seen:
            other.refuse(f"is called “{name}”, as another person of the case is.")
        seen.add(name)
        yield person_of(other, other, name, named)
        other.tell_unknown_keys()


def expected_of(item: Mapping, named: Named) -> Expected:
    obliged = item.words("obliged", empty=True) if item.has("obliged") else ()
    for code in obliged:
        named.know_norm(item, code, item.line_at("obliged"))
    breaches, undetermined, penalties = {}, {}, {}
    for code, parent in open_keys(item, "breaches", "The list of breaches"):
        named.know_norm(parent, code, parent.line_at(code))
        breaches[code] = tuple(sorted(breaches_of(parent, code), key=lambda breach: breach.since))
    for code, parent in open_keys(item, "undetermined", "The list of what is undetermined"):
        named.know_norm(parent, code, parent.line_at(code))
        whole = isinstance(parent.values[code], yaml.SequenceNode)
        undetermined[code] = parent.words(code) if whole else (parent.text(code),)
    for book, parent in open_keys(item, "penalties", "The list of penalties"):
        named.know_book(parent, book, parent.line_at(book))
        prices = open_keys(parent, book, f"Book {book}")
        penalties[book] = {code: price_of(within, code, named) for code, within in prices}
    item.tell_unknown_keys()
    return Expected(frozenset(obliged), breaches, undetermined, penalties)


def open_keys(item: Mapping, key: str, what: str) -> list[tuple[str, Mapping]]:
    """The keys of a mapping that may hold any, each with the mapping to read it from; none where it is absent."""
    if not item.has(key):
        return []
    within = item.mapping(key, what)
    return [(name, within) for name in within.values]


def breaches_of(parent: Mapping, code: str) -> Iterator[Breach]:
    if isinstance(parent.values[code], yaml.SequenceNode):
        found = list(parent.mappings(code, f"A breach of {code}"))
    else:
        found = [parent.mapping(code, f"The breach of {code}")]
    for item in found:
        breach = Breach(item.date("since"), item.date_or_none("until"))
        if breach.until is not None and breach.until < breach.since:
            item.refuse(f"ends on {breach.until}, before it starts on {breach.since}.", item.line_at("until"))
        item.tell_unknown_keys()
        yield breach


def price_of(parent: Mapping, code: str, named: Named) -> Price:
    named.know_norm(parent, code, parent.line_at(code))
    if isinstance(parent.values[code], yaml.ScalarNode):
        parent.word(code, ["unknown"])
        return Price()
    item = parent.mapping(code, f"The penalty for {code}")
    price = Price(occurrence=item.word("occurrence", Occurrence.values) if item.has("occurrence") else "")
    if item.has("amount"):
        item.word("amount", ["unknown"])
    else:
        price = replace(price, low=item.amount("low"), high=item.amount("high"), currency=item.text("currency"))
        if price.currency not in iso_currencies():
            item.refuse(f"is in “{price.currency}”, which is no currency of ISO 4217.")
        if (price.low or Decimal(0)) > (price.high or Decimal(0)):
            item.refuse(f"has its low end at {price.low}, above its high end at {price.high}.")
    item.tell_unknown_keys()
    return price


def questions_of(case: Mapping, on: dt.date, named: Named) -> Iterator[AllowedQuestion]:
    if not case.has("allowed"):
        return
    whole = isinstance(case.values["allowed"], yaml.SequenceNode)
    what = "A question of what is allowed"
    for item in list(case.mappings("allowed", what)) if whole else [case.mapping("allowed", what)]:
        by = item.words("by", empty=True) if item.has("by") else ()
        for code in by:
            named.know_norm(item, code, item.line_at("by"))
        day = item.date_or_none("on")
        question = AllowedQuestion(
            line=item.line,
            territory=named.territory(item, "territory"),
            on=on if day is None or day == BEGINNING else day,
            verdict=item.word("verdict", VERDICTS),
            by=frozenset(by),
        )
        item.tell_unknown_keys()
        yield question
