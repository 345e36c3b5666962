"""Every item of a pack as a name and its facts in words, so that two versions can be set side by side."""

import json
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from compliance.law.checks import Statutes
from compliance.law.cited import Citation, Conflict
from compliance.law.pages.words import besides, money, number, offenders, only_if, span, status
from compliance.law.schema import BookItem, NormItem, Pack, PenaltyItem
from compliance.law.timelines import Timeline

Facts = dict[str, str]


@dataclass(frozen=True)
class Told:
    """One item: what it is called in a sentence, and what it says, fact by fact; what is empty says nothing."""

    name: str
    facts: Facts
    gist: str = ""


Items = dict[Hashable, Told]


def told(pack: Pack) -> Items:
    """Everything that the pack says; the keys name an item in every version."""
    statutes = Statutes(pack)
    items: Items = {("pack",): Told(f"Pack {pack.code}", head(pack))}
    for place in pack.territories:
        facts = {"name": place.name, "parent": place.parent}
        items["territory", place.code] = Told(f"Territory {place.code}", facts, place.name)
    for register in pack.registers:
        facts = {
            "name": register.name,
            "kind": register.kind,
            "territory": register.territory,
            "keeper": register.keeper,
        }
        items["register", register.code] = Told(f"Register {register.code}", facts, register.name)
    for act in pack.acts:
        facts = {
            "title": act.title,
            "citation": act.citation,
            "status over time": timeline_told(act.statuses),
            **cited(act.cited, act.conflicts),
        }
        items["act", act.code] = Told(f"Act {act.code}", facts, act.title)
    for norm in pack.norms:
        items["norm", norm.code] = Told(f"Norm {norm.code}", of_norm(norm, statutes), norm.title)
        items |= areas(norm)
    for book in pack.books:
        facts = {"kind": book.kind, "title": book.title, "note": book.note, "act": book.act}
        items["book", book.code] = Told(f"Book {book.code}", facts, book.title)
        items |= bands(book, statutes)
    for unit in pack.units:
        for rate in unit.rates:
            facts = {"value": f"{number(rate.value)} {rate.currency}", **cited(rate.cited, rate.conflicts)}
            name = f"The rate of {unit.unit} {span(rate.period)}"
            items["rate", unit.unit, rate.period] = Told(name, facts, facts["value"])
    for scenario in pack.scenarios:
        facts = {"title": scenario.title, "note": scenario.note, "changes": as_text(scenario.changes)}
        items["scenario", scenario.code] = Told(f"Scenario {scenario.code}", facts, scenario.title)
    for claim in pack.claims:
        facts = {
            "statement": claim.statement,
            "said by": claim.said_by,
            "said on": str(claim.said_on),
            "said where": claim.where,
            "quote": claim.quote,
            "about": str(claim.about_on or ""),
            "territory": claim.territory,
            "bounds": claim.bounds,
            "figures": f"{figure(claim.low)} to {figure(claim.high)} {claim.unit}",
            **cited(claim.cited),
        }
        items["claim", claim.code] = Told(f"Claim {claim.code}", facts, claim.statement)
    return items


def head(pack: Pack) -> Facts:
    milder = pack.milder_reaches_back
    return {
        "title": pack.title,
        "territory": pack.territory,
        "time zone": pack.time_zone,
        "version": pack.version,
        "calendar of days off": pack.calendar,
        "milder later law": "reaches back" if milder and milder.value else "does not reach back",
    }


def of_norm(norm: NormItem, statutes: Statutes) -> Facts:
    return {
        "kind": norm.kind,
        "title": norm.title,
        "sentence": norm.sentence,
        "act": norm.act,
        "article": norm.article,
        "territory": norm.territory,
        "register": norm.register,
        "kinds of miner": ", ".join(norm.miner_kinds),
        **flat("parameter", norm.parameters),
        "status over time": timeline_told(statutes.of_norm(norm)),
        **cited(norm.cited, norm.conflicts),
    }


def areas(norm: NormItem) -> Items:
    """Areas have no codes: those of the same territories are numbered in the order of their first day."""
    items: Items = {}
    for area in sorted(norm.areas, key=lambda area: area.periods[:1]):
        places = ", ".join(area.territories)
        number_ = sum(key[:3] == ("area", norm.code, area.territories) for key in items if isinstance(key, tuple))
        facts = {
            "period": "; ".join(map(span, area.periods)),
            "extent": "an unnamed part" if area.partial else "all of it",
            "note": area.note,
            **cited(area.cited),
        }
        name = f"The ban of norm {norm.code} in {places}"
        items["area", norm.code, area.territories, number_] = Told(name, facts, facts["period"])
    return items


def bands(book: BookItem, statutes: Statutes) -> Items:
    """Bands have no codes: those for the same norms, offenders and occurrence are numbered in the order of time."""
    items: Items = {}
    for band in sorted(book.penalties, key=lambda band: band.own_period.start):
        whom = (book.code, band.norms, band.offenders, band.occurrences)
        number_ = sum(key[1:5] == whom for key in items if isinstance(key, tuple))
        name = (
            f"The penalty of book {book.code} for {', '.join(band.norms)} "
            f"({offenders(band.offenders)}; {' or '.join(band.occurrences)} offence)"
        )
        facts = of_band(band, book, statutes)
        items["band", *whom, number_] = Told(name, facts, facts["amount"])
    return items


def of_band(band: PenaltyItem, book: BookItem, statutes: Statutes) -> Facts:
    timelines = {timeline_told(statutes.of_band(band, book, norm)): None for norm in band.norms}
    return {
        "amount": money(band.amount).replace("*", ""),
        "act": band.act or book.act,
        "article": band.article,
        "sanctions": besides(band),
        "conditions": only_if(band),
        "period": span(band.own_period),
        "status over time": "; or ".join(timelines),
        **cited(band.cited, band.conflicts),
    }


def timeline_told(entries: Timeline) -> str:
    return ", ".join(f"{status(entry.status)} {span(entry.period)} ({entry.cited.confidence})" for entry in entries)


def cited(citation: Citation, conflicts: Iterable[Conflict] = ()) -> Facts:
    pages = (url or title for url, title in citation.urls)
    return {
        "confidence": citation.confidence,
        "sources": ", ".join(pages),
        "remark": citation.note,
        "what other sources say": " ".join(f"{conflict.says} ({conflict.cited.confidence})" for conflict in conflicts),
    }


def flat(path: str, value: Any) -> Facts:
    """The parameters of a norm by their paths: “parameter due day” and so on."""
    if isinstance(value, dict):
        return {key: text for name, each in value.items() for key, text in flat(f"{path} {name}", each).items()}
    return {path: value if isinstance(value, str) else as_text(value)}


def as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def figure(value: Any) -> str:
    return "?" if value is None else number(value)
