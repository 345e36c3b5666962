"""What the columns of each table of the law must hold, row by row, according to a pack; keyed by natural key."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.choices import BookKind
from compliance.law.checks import in_force
from compliance.law.periods import Span
from compliance.law.schema import Pack, PenaltyItem
from compliance.models.fields import Days, all_days

Wanted = dict[Hashable, dict[str, Any]]
Ids = Mapping[str, int]


def as_range(span: Span) -> DateRange:
    return DateRange(span.start, span.end, "[)")


def law_days(pack: Pack, act: str, own: Span) -> Days | None:
    """The days on which something of the act is law; null for a draft."""
    stretches = in_force(pack.act(act), own)
    return all_days(map(as_range, stretches)) if stretches else None


def of_pack(pack: Pack, territories: Ids) -> Wanted:
    return {
        pack.code: {
            "code": pack.code,
            "title": pack.title,
            "territory_id": territories[pack.territory],
            "time_zone": pack.time_zone,
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
            "in_force": law_days(pack, item.act, item.own_period),
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
    following: dict[tuple[int, int, str, str], list[dict[str, Any]]] = defaultdict(list)
    for book in pack.books:
        for item in sorted(book.penalties, key=lambda item: item.own_period.start):
            act = item.act or book.act
            shared = {
                "act_id": acts[act] if act else None,
                "in_force": law_days(pack, act, item.own_period) if book.kind == BookKind.LAW else None,
                **band_columns(item),
            }
            for norm, offender, occurrence in item.covers():
                following[books[book.code], norms[norm], offender, occurrence].append(shared)
    return {
        (*key, number): dict(zip(("book_id", "norm_id", "offender", "occurrence"), key, strict=True)) | shared
        for key, bands in following.items()
        for number, shared in enumerate(bands, start=1)
    }


def band_columns(item: PenaltyItem) -> dict[str, Any]:
    return {
        "article": item.article,
        "amount_low": item.low,
        "amount_high": item.high,
        "currency": item.currency,
        "sanctions": list(item.sanctions),
        "condition": item.condition,
        "lookback_days": item.lookback.days if item.lookback else None,
        "confidence": item.cited.confidence,
        "sources": item.cited.as_json() + (item.lookback.cited.as_json() if item.lookback else []),
    }


def of_claims(pack: Pack, territories: Ids) -> Wanted:
    return {
        item.code: {
            "code": item.code,
            "territory_id": territories[item.territory],
            "said_by": item.said_by,
            "said_on": item.said_on,
            "statement": item.statement,
            "bounds": item.bounds,
            "low": item.low,
            "high": item.high,
            "unit": item.unit,
            "url": item.cited.first_url,
            "confidence": item.cited.confidence,
        }
        for item in pack.claims
    }
