"""What the electricity says on the page of a run: bounds of the power and the operations that draw it, in words."""

from collections.abc import Mapping
from typing import Any

WAYS = {"by_power": "Power drawn", "by_hash_rate": "Hash rate"}
BOUNDS = {"lower": "at least", "best": "best", "upper": "at most"}


def energy_words(span: Mapping[str, Any] | None) -> str:
    """“1,000 to 2,000”, or “1,000 or more” where there is no upper bound; empty where nothing is known."""
    if not span:
        return ""
    if span["high"] is None:
        return f"{span['low']:,.0f} or more"
    return f"{span['low']:,.0f} to {span['high']:,.0f}"


def energy_context(result: Mapping[str, Any]) -> dict[str, Any]:
    """`electricity` holds a row per bound, `electricity_notes` sentences; both empty where no power was given."""
    found = result.get("energy") or {}
    rows, notes = [], []
    for way, name in WAYS.items():
        told = found.get(way)
        if told is None:
            continue
        for bound, words in BOUNDS.items():
            each = told.get(bound)
            if each is not None:
                rows.append(
                    {
                        "name": f"{name}, {words}",
                        "kw": f"{each['kw']:,.0f} kW",
                        "efficiency": "" if each["j_per_th"] is None else f"{each['j_per_th']:.1f} J/TH",
                        "operations": "—" if each["operations"] is None else f"{each['operations']:,.0f}",
                    }
                )
        notes += _notes(told)
    notes += [found[name] for name in ("why_none", "note") if found.get(name)]
    return {"electricity": rows, "electricity_notes": notes}


def _notes(told: Mapping[str, Any]) -> list[str]:
    if "models" not in told:
        return []
    edge = told["break_even_j_per_th"]
    limit = "" if edge is None else f" at {edge:.1f} J/TH or less"
    share = "" if told["above_threshold"] == 1 else f", {100 * told['above_threshold']:.0f} % of which is obliged"
    low, high = told["hash_rate_ths"]
    sentence = (
        f"{low:,.0f} to {high:,.0f} TH/s{share}. Of {told['models']:,} SHA-256 devices in the catalogue"
        f" {told['profitable']:,} earn their electricity{limit}."
    )
    return [sentence, told["why_none"]] if told["why_none"] else [sentence]
