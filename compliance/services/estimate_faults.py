"""What is wrong with a request for a run of the estimate, field by field, in sentences."""

import datetime as dt
import math
from typing import Any

from django.utils import timezone

from compliance.choices import EstimateKind
from registry.choices import ListKind
from registry.models import SightingList
from registry.services.days import EARLIEST

MOST_MONTHS, MOST_REPLICATES = 24, 10_000
CHOICES_BY = ("size", "kind", "none")
Span = tuple[float, float]


def request_faults(
    kind: str, as_of: dt.date, now: dt.datetime, months: int, by: str, bootstrap: int, history: int,
    known_at: dt.datetime | None,
) -> dict[str, str]:  # fmt: skip
    faults: dict[str, str] = {}
    if kind not in EstimateKind.values:
        faults["kind"] = f"An estimate is of one kind of {', '.join(EstimateKind.values)}."
    if as_of > timezone.localdate(now):
        faults["as_of"] = f"{as_of} is yet to come: the last day of a window is today or earlier."
    if as_of < EARLIEST:
        faults["as_of"] = f"{as_of} lies before {EARLIEST}: nobody mined then."
    if not 1 <= months <= MOST_MONTHS:
        faults["months"] = f"A window has 1 to {MOST_MONTHS} months."
    if by not in CHOICES_BY:
        faults["by"] = f"Strata are by one of {', '.join(CHOICES_BY)}."
    if not 0 <= bootstrap <= MOST_REPLICATES:
        faults["bootstrap"] = f"A bootstrap has 0 to {MOST_REPLICATES:,} replicates."
    if not 1 <= history <= 60:
        faults["history"] = "Regions are estimated for 1 to 60 months."
    if known_at is not None and known_at > now:
        faults["known_at"] = "What will be known later, nobody knows now."
    return faults


def known_at_fault(known_at: dt.datetime) -> str:
    """Empty where a register with its lists was on file at the time; else a sentence."""
    first = SightingList.objects.filter(kind=ListKind.REGISTER).values_list("created_at", flat=True).first()
    if first is None:
        return "No list of the register is on file: run “manage.py seed”."
    if known_at < first:
        return f"The lists are on file since {first:%Y-%m-%d %H:%M} UTC; what was known before that cannot be told."
    return ""


def energy_asked(
    kind: str,
    mining_kw: Span | None,
    hash_rate_ths: Span | None,
    hash_price: float | None,
    price_per_kwh: float | None,
    above_threshold: float | None,
) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """What a run keeps of the power that was given, null where nothing was; and what is wrong with it."""
    faults: dict[str, str] = {}
    kept: dict[str, Any] = {}
    if mining_kw is not None:
        kept["mining_kw"] = [float(end) for end in mining_kw]
        if not _range(mining_kw):
            faults["mining_kw"] = "The power that mining draws is a range in kW, its lower end first."
    if hash_rate_ths is not None:
        kept |= {
            "hash_rate_ths": [float(end) for end in hash_rate_ths],
            "above_threshold": 1.0 if above_threshold is None else float(above_threshold),
        }
        if not _range(hash_rate_ths):
            faults["hash_rate_ths"] = "The hash rate of mining is a range in TH/s, its lower end first."
        if not 0 < kept["above_threshold"] <= 1:
            faults["above_threshold"] = "The part of the hash rate that is of obliged mining is above 0 and at most 1."
    for name, price, of in (
        ("hash_price", hash_price, "what a TH/s earns in a day"),
        ("price_per_kwh", price_per_kwh, "what a kWh costs, in the same money"),
    ):
        if hash_rate_ths is None:
            if price is not None:
                faults[name] = "It goes with the hash rate of mining: give that too."
        elif price is None or not 0 <= price < math.inf:
            faults[name] = f"A hash rate becomes power by {of}: give it, 0 or more."
        else:
            kept[name] = float(price)
    if hash_rate_ths is None and above_threshold is not None:
        faults["above_threshold"] = "It goes with the hash rate of mining: give that too."
    if kept and kind == EstimateKind.REGIONS:
        named = next(name for name in ("mining_kw", "hash_rate_ths") if name in kept)
        faults.setdefault(named, "The electricity is held against a whole territory, not against its regions.")
    return kept or None, faults


def _range(ends: Span) -> bool:
    return 0 <= ends[0] <= ends[1] < math.inf
