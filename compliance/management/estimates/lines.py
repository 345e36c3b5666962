"""What stands beside the rate of a run, as lines to print: the electricity, and the shares by power and hash rate."""

from collections.abc import Iterator, Mapping
from typing import Any


def energy_lines(energy: Mapping[str, Any] | None) -> Iterator[str]:
    """Lower, best and upper power with the operations that draw it; nothing where no power was given."""
    if energy is None:
        return
    for way, name in (("by_power", "By the power drawn"), ("by_hash_rate", "By the hash rate")):
        found = energy.get(way)
        if found is None:
            continue
        for bound in ("lower", "best", "upper"):
            each = found.get(bound)
            if each is not None:
                at = "" if each["j_per_th"] is None else f" at {each['j_per_th']:.1f} J/TH"
                n = "" if each["operations"] is None else f": {each['operations']:,.0f} operations"
                yield f"{name}, {bound}: {each['kw']:,.0f} kW{at}{n}"
        if found.get("why_none"):
            yield found["why_none"]
    if energy["why_none"]:
        yield energy["why_none"]


def share_line(share: Mapping[str, Any]) -> str:
    """One share with its interval, or why there is none."""
    if share["share"] is None:
        return f"Share of {share['unit']}: unknown. {share['why_none']}"
    span = share["interval"]
    between = f", {100 * span['low']:.1f} to {100 * span['high']:.1f}" if span and span["high"] is not None else ""
    note = share.get("note")
    return f"Share of {share['unit']}: {100 * share['share']:.1f} in 100{between}{f'. {note}' if note else ''}"
