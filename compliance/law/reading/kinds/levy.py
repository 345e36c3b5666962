"""The parameters of a levy per kWh: its periods, and its rates with the days and the power that they are for."""

import yaml

from compliance.choices import Confidence
from compliance.law.lists import iso_currencies
from compliance.law.nodes import Mapping
from compliance.law.periods import Span, span_of_law
from compliance.law.reading.kinds.periods import read_percent, read_periods

WHEN = ("any", "no_meter", "off_grid", "grid")
UNKNOWN = "unknown"


def read_levy(parameters: Mapping) -> dict[str, object]:
    read = read_periods(parameters)
    bands, seen = [], list[tuple[str, Span]]()
    for item in parameters.mappings("bands", "A rate of the levy", needed=True):
        bands.append(_band(item, seen))
        item.tell_unknown_keys()
    if not bands:
        parameters.refuse("needs at least one rate under “bands”; one that nobody has found is “unknown”.")
    currencies = {band["rate"]["currency"] for band in bands if isinstance(band["rate"], dict)}
    if len(currencies) > 1:
        parameters.refuse(f"has rates in {' and '.join(sorted(currencies))}; a levy is in one currency.")
    read["bands"] = bands
    if parameters.has("tolerance_percent"):
        read["tolerance_percent"] = read_percent(parameters, "tolerance_percent")
    return read


def _band(item: Mapping, seen: list[tuple[str, Span]]) -> dict[str, object]:
    first, last = item.date("from"), item.date_or_none("until")
    when = item.word("when", WHEN) if item.has("when") else "any"
    if last is not None and last < first:
        item.refuse(f"ends on {last}, before it starts on {first}.", item.line_at("until"))
    elif any(word == when and span.cut(span_of_law(first, last)) for word, span in seen):
        item.refuse(f"is the second one for “{when}” on the same days.")
    else:
        seen.append((when, span_of_law(first, last)))
    read: dict[str, object] = {"rate": _rate(item), "from": first.isoformat()}
    if last is not None:
        read["until"] = last.isoformat()
    return {**read, "when": when, **_cited(item, known=read["rate"] != UNKNOWN)}


def _rate(item: Mapping) -> object:
    node = item.node("rate")
    if node is None or (isinstance(node, yaml.ScalarNode) and node.value == UNKNOWN):
        return UNKNOWN
    rate = item.mapping("rate", "The rate per kWh")
    low, high, currency = rate.amount("low"), rate.amount("high"), rate.text("currency")
    if low > high:
        rate.refuse(f"has its low end at {low}, above its high end at {high}.", rate.line_at("low"))
    if currency and currency not in iso_currencies():
        rate.refuse(f"is in “{currency}”, which is no currency of ISO 4217.", rate.line_at("currency"))
    rate.tell_unknown_keys()
    return {"low": str(low), "high": str(high), "currency": currency}


def _cited(item: Mapping, *, known: bool) -> dict[str, object]:
    """How well the rate is sourced, by the pack's keys of pages; they are kept as the pack writes them."""
    confidence = item.word("confidence", Confidence.values)
    sources = list(item.words("sources", empty=True)) if item.has("sources") else []
    note = item.text_or_none("note")
    if known and confidence == Confidence.LOW:
        item.refuse("would be law by a weak source only (L); such a rate is “unknown”.", item.line_at("confidence"))
    if confidence and not sources and (confidence != Confidence.LOW or not note):
        item.refuse("cites no source; without one its confidence must be L and a note must say where it comes from.")
    return {"confidence": confidence, "sources": sources, **({"note": note} if note else {})}
