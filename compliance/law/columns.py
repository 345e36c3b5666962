"""What the columns of each table of the law must hold, row by row, according to a pack; keyed by natural key."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.choices import BookKind
from compliance.law.checks import Statutes
from compliance.law.cited import Conflict
from compliance.law.periods import BEGINNING, Span
from compliance.law.schema import Pack, PenaltyItem
from compliance.law.timelines import Timeline
from compliance.law.timelines import law_days as days_in_force
from compliance.models.fields import Days, all_days

Wanted = dict[Hashable, dict[str, Any]]
Ids = Mapping[str, int]


def as_range(span: Span) -> DateRange:
    return DateRange(span.start, span.end, "[)")


def own_days(span: Span) -> Days:
    """The days of a span, open at the start where nobody gave a first day."""
    return Days([DateRange(None if span.start == BEGINNING else span.start, span.end, "[)")])


def law_days(timeline: Timeline) -> Days | None:
    """The days on which something is law; null for a draft."""
    stretches = days_in_force(timeline)
    return all_days(map(as_range, stretches)) if stretches else None


def as_json(entries: Iterable[Any]) -> list[dict[str, Any]]:
    return [entry.as_json() for entry in entries]


def of_pack(pack: Pack, territories: Ids) -> Wanted:
    return {
        pack.code: {
            "code": pack.code,
            "title": pack.title,
            "territory_id": territories[pack.territory],
            "time_zone": pack.time_zone,
            "calendar": pack.calendar,
            "milder_reaches_back": bool(pack.milder_reaches_back and pack.milder_reaches_back.value),
            "version": pack.version,
            "sha256": pack.sha256,
        }
    }


def of_registers(pack: Pack, territories: Ids) -> Wanted:
    return {
        item.code: {
            "code": item.code,
            "name": item.name,
            "kind": item.kind,
            "territory_id": territories[item.territory],
            "keeper": item.keeper,
        }
        for item in pack.registers
    }


def of_acts(pack: Pack, pack_id: int) -> Wanted:
    return {
        item.code: {
            "pack_id": pack_id,
            "code": item.code,
            "title": item.title,
            "citation": item.citation,
            "conflicts": as_json(item.conflicts),
            "sources": item.cited.as_json(),
        }
        for item in pack.acts
    }


def of_statuses(pack: Pack, acts: Ids) -> Wanted:
    return {
        (acts[act.code], as_range(entry.period)): {
            "act_id": acts[act.code],
            "status": entry.status,
            "period": as_range(entry.period),
            "confidence": entry.cited.confidence,
            "sources": entry.cited.as_json(),
        }
        for act in pack.acts
        for entry in act.statuses
    }


def of_norms(pack: Pack, pack_id: int, acts: Ids, registers: Ids, territories: Ids) -> Wanted:
    statutes = Statutes(pack)
    timelines = {item.code: statutes.of_norm(item) for item in pack.norms}
    return {
        item.code: {
            "pack_id": pack_id,
            "act_id": acts[item.act],
            "code": item.code,
            "kind": item.kind,
            "title": item.title,
            "sentence": item.sentence,
            "article": item.article,
            "url": item.cited.first_url,
            "territory_id": territories[item.territory],
            "register_id": registers[item.register] if item.register else None,
            "miner_kinds": list(item.miner_kinds),
            "parameters": item.parameters,
            "timeline": as_json(timelines[item.code]),
            "in_force": law_days(timelines[item.code]),
            "conflicts": as_json(item.conflicts),
            "confidence": item.cited.confidence,
            "sources": item.cited.as_json(),
        }
        for item in pack.norms
    }


def of_areas(pack: Pack, norms: Ids, territories: Ids) -> Wanted:
    return {
        (norms[norm.code], territories[code], as_range(period)): {
            "norm_id": norms[norm.code],
            "territory_id": territories[code],
            "period": as_range(period),
            "partial": area.partial,
            "note": area.note,
            "confidence": area.cited.confidence,
            "sources": area.cited.as_json(),
        }
        for norm in pack.norms
        for area in norm.areas
        for code in area.territories
        for period in area.periods
    }


def of_books(pack: Pack, pack_id: int, acts: Ids) -> Wanted:
    return {
        item.code: {
            "pack_id": pack_id,
            "code": item.code,
            "kind": item.kind,
            "title": item.title,
            "note": item.note,
            "act_id": acts[item.act] if item.act else None,
        }
        for item in pack.books
    }


def of_penalties(pack: Pack, books: Ids, norms: Ids, acts: Ids) -> Wanted:
    """Bands that follow each other in time are numbered from 1, so that a corrected day keeps the row and its fines."""
    statutes = Statutes(pack)
    following: dict[tuple[int, int, str, str], list[dict[str, Any]]] = defaultdict(list)
    for book in pack.books:
        for item in sorted(book.penalties, key=lambda item: item.own_period.start):
            act = item.act or book.act
            shared = {"act_id": acts[act] if act else None, **band_columns(item)}
            of_norm = {norm: statutes.of_band(item, book, norm) for norm in item.norms}
            dated = {
                norm: {
                    "timeline": as_json(timeline),
                    "in_force": law_days(timeline) if book.kind == BookKind.LAW else None,
                }
                for norm, timeline in of_norm.items()
            }
            for norm, offender, occurrence in item.covers():
                following[books[book.code], norms[norm], offender, occurrence].append(shared | dated[norm])
    return {
        (*key, number): dict(zip(("book_id", "norm_id", "offender", "occurrence"), key, strict=True)) | shared
        for key, bands in following.items()
        for number, shared in enumerate(bands, start=1)
    }


def band_columns(item: PenaltyItem) -> dict[str, Any]:
    parts = (item.lookback and item.lookback.cited, item.limitation and item.limitation.cited)
    return {
        "article": item.article,
        "amount_low": item.amount.low,
        "amount_high": item.amount.high,
        "basis": item.amount.basis,
        "currency": item.amount.currency,
        "unit": item.amount.unit,
        "cap": item.amount.cap,
        "sanctions": as_json(item.sanctions),
        "condition": item.condition,
        "threshold_fact": item.threshold.fact if item.threshold else "",
        "threshold_over": item.threshold.over if item.threshold else None,
        "threshold_currency": item.threshold.currency if item.threshold else "",
        "criminal": item.criminal,
        "discount_percent": item.discount.percent if item.discount else None,
        "discount_days": item.discount.within_days if item.discount else None,
        "limitation_days": item.limitation.days if item.limitation else None,
        "lookback_days": item.lookback.days if item.lookback else None,
        "days": own_days(item.own_period),
        "conflicts": as_json(item.conflicts),
        "confidence": item.cited.confidence,
        "sources": item.cited.as_json() + [source for cited in parts if cited for source in cited.as_json()],
    }


def of_unit_rates(pack: Pack, pack_id: int) -> Wanted:
    """What contradicts a rate is told among its sources."""
    return {
        (item.unit, as_range(rate.period)): {
            "pack_id": pack_id,
            "unit": item.unit,
            "title": item.title,
            "value": rate.value,
            "currency": rate.currency,
            "period": as_range(rate.period),
            "confidence": rate.cited.confidence,
            "sources": [*rate.cited.as_json(), *against(rate.conflicts)],
        }
        for item in pack.units
        for rate in item.rates
    }


def against(conflicts: Iterable[Conflict]) -> list[dict[str, str]]:
    """What contradicts a row, as sources of it."""
    return [
        source | {"note": f"Against it: {conflict.says}"}
        for conflict in conflicts
        for source in conflict.cited.as_json()
    ]


def of_scenarios(pack: Pack, pack_id: int) -> Wanted:
    return {
        item.code: {
            "pack_id": pack_id,
            "code": item.code,
            "title": item.title,
            "note": item.note,
            "changes": list(item.changes),
            "ready_made": True,
        }
        for item in pack.scenarios
    }


def of_claims(pack: Pack, territories: Ids) -> Wanted:
    return {
        item.code: {
            "code": item.code,
            "territory_id": territories[item.territory],
            "said_by": item.said_by,
            "said_on": item.said_on,
            "statement": item.statement,
            "quote": item.quote,
            "where_said": item.where,
            "about_on": item.about_on,
            "bounds": item.bounds,
            "low": item.low,
            "high": item.high,
            "unit": item.unit,
            "url": item.cited.first_url,
            "confidence": item.cited.confidence,
        }
        for item in pack.claims
    }
