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
    yield from (energy[name] for name in ("why_none", "note") if energy[name])


def share_line(share: Mapping[str, Any]) -> str:
    """One share with its interval, or why there is none."""
    span = share["interval"]
    between = f"{100 * span['low']:.1f} to {100 * span['high']:.1f}" if span and span["high"] is not None else ""
    if share["share"] is None:
        figures = f"{between} in 100" if between else "unknown"
    else:
        figures = f"{100 * share['share']:.1f} in 100{f', {between}' if between else ''}"
    sentences = [each for each in (share["why_none"], share.get("note")) if each]
    return " ".join([f"Share of {share['unit']}: {figures}.", *sentences])
