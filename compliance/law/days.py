"""What a pack says on one day: norms, bands and banned areas, each with its status on that day. Pure."""

import datetime as dt
from typing import Any

from compliance.choices import ActStatusName, Basis, NormKind
from compliance.law.checks import Statutes
from compliance.law.cited import Citation, Conflict
from compliance.law.periods import BEGINNING, ONE_DAY, Span
from compliance.law.schema import ActItem, Pack, PenaltyItem
from compliance.law.timelines import Timeline

Row = dict[str, Any]


def norms_on(pack: Pack, on: dt.date) -> list[Row]:
    """Every norm of the pack, in its order; `status` is null on days of which the pack says nothing."""
    statutes = Statutes(pack)
    return [
        {
            "code": norm.code,
            "kind": norm.kind,
            "title": norm.title,
            "sentence": norm.sentence,
            "act": _act(statutes.acts[norm.act]),
            "article": norm.article,
            "territory": norm.territory,
            "register": norm.register or None,
            "miner_kinds": list(norm.miner_kinds),
            "parameters": norm.parameters,
            **_standing(statutes.of_norm(norm), on),
            **_cited(norm.cited, norm.conflicts),
        }
        for norm in pack.norms
    ]


def bands_on(pack: Pack, on: dt.date) -> list[Row]:
    """The bands of every book that are for the day, each once for every norm that it punishes."""
    statutes = Statutes(pack)
    return [
        {
            "book": book.code,
            "book_kind": book.kind,
            "norm": norm,
            "offenders": list(band.offenders),
            "occurrences": list(band.occurrences),
            "act": _act(statutes.acts[band.act or book.act]) if band.act or book.act else None,
            "article": band.article,
            **_band(band),
            **_days(band.own_period),
            **_standing(statutes.of_band(band, book, norm), on),
            **_cited(band.cited, band.conflicts),
        }
        for book in pack.books
        for band in book.penalties
        if on in band.own_period
        for norm in band.norms
    ]


def areas_on(pack: Pack, on: dt.date) -> list[Row]:
    """The areas that some act, law or draft, bans on the day; `in_force` says whether it is law."""
    statutes = Statutes(pack)
    return [
        {
            "territory": code,
            "partial": area.partial,
            **_days(next(period for period in area.periods if on in period)),
            "norm": norm.code,
            "title": norm.title,
            "act": _act(statutes.acts[norm.act]),
            "article": norm.article,
            "parameters": norm.parameters,
            "words": area.note,
            **_standing(statutes.of_norm(norm), on),
            **_cited(area.cited, norm.conflicts),
        }
        for norm in pack.norms
        if norm.kind == NormKind.BAN
        for area in norm.areas
        if any(on in period for period in area.periods)
        for code in area.territories
    ]


def _act(act: ActItem) -> Row:
    return {"code": act.code, "title": act.title, "citation": act.citation}


def _standing(timeline: Timeline, on: dt.date) -> Row:
    status = next((entry.status for entry in timeline if on in entry.period), None)
    return {
        "status": status,
        "in_force": status == ActStatusName.IN_FORCE,
        "timeline": [entry.as_json() for entry in timeline],
    }


def _cited(cited: Citation, conflicts: tuple[Conflict, ...]) -> Row:
    return {
        "confidence": cited.confidence,
        "sources": cited.as_json(),
        "conflicts": [conflict.as_json() for conflict in conflicts],
    }


def _days(span: Span) -> Row:
    """Both days count; null where a side is open."""
    return {
        "from": None if span.start == BEGINNING else span.start,
        "until": span.end - ONE_DAY if span.end else None,
    }


def _band(band: PenaltyItem) -> Row:
    amount, limit, back = band.amount, band.threshold, band.lookback
    return {
        "amount_low": amount.low,
        "amount_high": amount.high,
        "currency": amount.currency,
        "unit": amount.unit,
        "basis": Basis(amount.basis).value,
        "cap": amount.cap,
        "sanctions": [sanction.as_json() for sanction in band.sanctions],
        "condition": band.condition,
        "threshold": {"fact": limit.fact, "over": limit.over, "currency": limit.currency} if limit else None,
        "criminal": band.criminal,
        "discount": {"percent": band.discount.percent, "within_days": band.discount.within_days}
        if band.discount
        else None,
        "limitation_days": band.limitation.days if band.limitation else None,
        "lookback_days": back.days if back else None,
    }
