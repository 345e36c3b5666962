"""Claims beside our figures of the same place and day: the estimate, counted rates, the register, the meters."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from compliance.estimates.claims import (
    Reason,
    Span,
    Verdict,
    apart_words,
    claim_words,
    not_compared,
    placed,
    range_words,
    sentence,
)
from compliance.estimates.waterfall import Quantity
from compliance.models import Claim, RegistrationRate
from compliance.selectors.claimed_energy import capacity_of, energy_of
from compliance.selectors.estimated import Estimated, nearest
from registry.models import Territory, TerritoryAncestor

NEAR_DAYS = 31
FAR_MONTHS = 3
SHARE, MINERS, OPERATIONS, ENERGY, POWER = "share", "miners", "operations", "kWh a year", "kW"
RATES = {
    "on_file": ("registered", "our rate of all on file"),
    "obliged": ("obliged_registered", "our rate of those obliged"),
    "sighted": ("sighted_registered", "our rate of operations sighted"),
}
COUNTED = tuple(name for pair in RATES.items() for name in (pair[0], pair[1][0]))
BY_ESTIMATE = {
    ("registration_rate", SHARE): "rate",
    ("unregistered", SHARE): "unregistered_share",
    ("unregistered", OPERATIONS): "unregistered",
    ("operations", OPERATIONS): "operations",
}
UNIT_OF = {
    "registration_rate": SHARE,
    "registered": MINERS,
    "unregistered": OPERATIONS,
    "operations": OPERATIONS,
    "energy": ENERGY,
    "power": POWER,
}


@dataclass(frozen=True)
class Beside:
    """One figure of ours beside a claim. `what` is estimate, on_file, obliged, sighted, register, meters or sites."""

    what: str
    title: str
    span: Span
    unit: str
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class Compared:
    """A claim with what we have beside it. The verdict is that of `beside[0]`, unless there is a `reason` for none.

    `figures` are counted rates that stand beside the claim; as it does not say of what it is a share, they give no
    verdict. `months_apart` says by how many months our nearest estimate is too late for the claim; below 0, too early.
    """

    claim: Claim
    verdict: Verdict
    reason: Reason | None
    sentence: str
    estimate: int | None = None
    beside: tuple[Beside, ...] = ()
    figures: tuple[Beside, ...] = field(default_factory=tuple)
    months_apart: int = 0


@dataclass(frozen=True)
class _Counts:
    """The stored counts of one day in one territory with all below it."""

    day: dt.date
    values: dict[str, int]


def day_of(claim: Claim) -> dt.date:
    """The day that the claim is about; the day it was said where nothing else is known."""
    return claim.about_on or claim.said_on


def compared(claims: Iterable[Claim]) -> list[Compared]:
    """Each claim beside our figures of its territory and day, in the order given. Five statements, however many."""
    rows = list(claims)
    estimates = nearest({(claim.territory_id, day_of(claim)) for claim in rows if _by_estimate(claim)})
    counts = _counts({(claim.territory_id, day_of(claim)) for claim in rows if claim.bounds in UNIT_OF})
    energy = energy_of({(claim.territory_id, day_of(claim)) for claim in rows if claim.unit == ENERGY})
    power = capacity_of({(claim.territory_id, day_of(claim)) for claim in rows if claim.unit == POWER})
    found = []
    for claim in rows:
        key = claim.territory_id, day_of(claim)
        figures = _rates(claim, counts.get(key)) if claim.bounds == "registration_rate" and claim.unit == SHARE else ()
        if reason := _cannot(claim):
            found.append(_none(claim, reason, figures))
        elif _by_estimate(claim):
            found.append(_beside_estimate(claim, estimates.get(key), figures))
        elif claim.bounds == "registered":
            found.append(_beside_count(claim, counts.get(key)))
        elif claim.unit == ENERGY:
            title = "what our meters show for the twelve months up to that month"
            found.append(_beside_floor(claim, energy.get(key), "meters", title))
        else:
            found.append(_beside_floor(claim, power.get(key), "sites", "the capacity of the sites on file on that day"))
    return found


def _by_estimate(claim: Claim) -> bool:
    return (claim.bounds, claim.unit) in BY_ESTIMATE


def _cannot(claim: Claim) -> Reason | None:
    if claim.low is None and claim.high is None:
        return Reason.NO_FIGURE
    if claim.bounds == "white_share":
        return Reason.DENOMINATOR
    if claim.bounds not in UNIT_OF:
        return Reason.NOT_MEASURED
    if claim.unit != UNIT_OF[claim.bounds] and not _by_estimate(claim):
        return Reason.UNIT
    return None


def _beside_estimate(claim: Claim, run: Estimated | None, figures: tuple[Beside, ...]) -> Compared:
    if run is None:
        return _none(claim, Reason.NO_ESTIMATE, figures)
    span = _span_of(run, BY_ESTIMATE[claim.bounds, claim.unit])
    if span.empty:
        words = f"{_claim(claim)} cannot be compared with estimate {run.number}. {run.sentence}".strip()
        return Compared(claim, Verdict.NOT_COMPARED, Reason.NO_RANGE, words, run.number, (), figures)
    if months := _months_apart(day_of(claim), run):
        return _too_far(claim, run, months, figures)
    title = f"the plausible range ({range_words(span, claim.unit)}) of estimate {run.number}"
    beside = _beside(claim, "estimate", title, span)
    said = beside.sentence
    if run.provisional:
        said += " The estimate is provisional."
    return Compared(claim, beside.verdict, None, said, run.number, (beside,), figures)


def _too_far(claim: Claim, run: Estimated, months: int, figures: tuple[Beside, ...]) -> Compared:
    side = "begins" if months > 0 else "ends"
    words = (
        f"{_claim(claim)} cannot be compared: the window of our nearest estimate, {run.number}, is {run.window},"
        f" which {side} {apart_words(months)}."
    )
    return Compared(claim, Verdict.NOT_COMPARED, Reason.FAR, words, run.number, (), figures, months)


def _beside_count(claim: Claim, counts: _Counts | None) -> Compared:
    if counts is None:
        return _none(claim, Reason.NO_COUNT)
    number = Decimal(counts.values["registered"])
    title = f"our count of {number:,} registered on {counts.day.day} {counts.day:%B %Y}"
    beside = _beside(claim, "register", title, Span(number, number))
    return Compared(claim, beside.verdict, None, _equal_or(beside, claim), None, (beside,))


def _beside_floor(claim: Claim, found: Decimal | None, what: str, title: str) -> Compared:
    """A figure of ours that is a lower end: what is on file is never all."""
    if found is None:
        return _none(claim, Reason.NO_COUNT)
    span = Span(found, None)
    beside = _beside(claim, what, f"{title} ({range_words(span, claim.unit)}, for not all is on file)", span)
    if beside.verdict != Verdict.BELOW:
        # A lower end agrees with whatever lies above it, which is not much of an agreement.
        told = f"{_claim(claim)} is not contradicted by {beside.title}."
        beside = replace(beside, verdict=Verdict.OVERLAPS, sentence=told)
    return Compared(claim, beside.verdict, None, beside.sentence, None, (beside,))


def _rates(claim: Claim, counts: _Counts | None) -> tuple[Beside, ...]:
    if counts is None:
        return ()
    found = []
    for name, (part, title) in RATES.items():
        if total := counts.values[name]:
            share = round(Decimal(counts.values[part]) / total, 6)
            day = f"{counts.day.day} {counts.day:%B %Y}"
            words = f"{title} on {day} ({range_words(Span(share, share), SHARE)})"
            found.append(_beside(claim, name, words, Span(share, share)))
    return tuple(found)


def _beside(claim: Claim, what: str, title: str, span: Span) -> Beside:
    verdict = placed(Span(claim.low, claim.high), span)
    told = ""
    if verdict != Verdict.NOT_COMPARED:
        claimed = claim_words(Span(claim.low, claim.high), claim.unit)
        told = sentence(claim=claimed, about=_about(claim), verdict=verdict, ours=title)
    return Beside(what, title, span, claim.unit, verdict, told)


def _equal_or(beside: Beside, claim: Claim) -> str:
    """A count is one figure: a claim lies above or below it, equals it, or leaves room for it."""
    words = {
        Verdict.INSIDE: f"{_claim(claim)} equals {beside.title}.",
        Verdict.OVERLAPS: f"{_claim(claim)} agrees with {beside.title}.",
    }
    return words.get(beside.verdict, beside.sentence)


def _none(claim: Claim, reason: Reason, figures: tuple[Beside, ...] = ()) -> Compared:
    span = Span(claim.low, claim.high)
    words = "" if span.empty else claim_words(span, claim.unit)
    told = not_compared(claim=words, about=_about(claim), reason=reason)
    return Compared(claim, Verdict.NOT_COMPARED, reason, told, None, (), figures)


def _claim(claim: Claim) -> str:
    return f"The claim of {claim_words(Span(claim.low, claim.high), claim.unit)} of {_about(claim)}"


def _about(claim: Claim) -> str:
    return f"{day_of(claim):%B %Y}"


def _span_of(run: Estimated, what: str) -> Span:
    if what == "rate":
        return run.rate
    if what == "unregistered_share":
        low, high = run.rate.low, run.rate.high
        return Span(None if high is None else 1 - high, None if low is None else 1 - low)
    quantity: Quantity = getattr(run, what)
    return Span(*(None if end is None else Decimal(round(end)) for end in (quantity.low, quantity.high)))


def _months_apart(day: dt.date, run: Estimated) -> int:
    """Months from the day's to the window's nearest, below 0 where the window is earlier; zero where they are few."""
    if run.window_from <= day <= run.as_of:
        return 0
    edge = run.as_of if day > run.as_of else run.window_from
    months = (edge.year - day.year) * 12 + edge.month - day.month
    return months if abs(months) > FAR_MONTHS else 0


def _counts(wanted: set[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], _Counts]:
    """The counts of the stored day that is nearest to each day, where one lies within a month."""
    if not wanted:
        return {}
    stored = list(RegistrationRate.objects.order_by("as_of").values_list("as_of", flat=True).distinct())
    near = {(place, day): _nearest(day, stored) for place, day in wanted}
    places = _places({place for place, _ in wanted})
    sums: dict[tuple[int, dt.date], dict[str, int]] = {}
    cells: Iterable[Any] = (
        RegistrationRate.objects.filter(as_of__in={day for day in near.values() if day})
        .order_by()
        .values("as_of", "territory_id")
        .annotate(**{f"sum_{name}": Sum(name) for name in COUNTED})
    )
    for row in cells:
        for place in places.get(row["territory_id"], ()):
            so_far = sums.setdefault((place, row["as_of"]), dict.fromkeys(COUNTED, 0))
            for name in COUNTED:
                so_far[name] += row[f"sum_{name}"]
    nothing = dict.fromkeys(COUNTED, 0)
    return {
        (place, day): _Counts(at, sums.get((place, at), nothing)) for (place, day), at in near.items() if at is not None
    }


def _places(wanted: Sequence[int] | set[int]) -> dict[int, list[int]]:
    """For each territory below one of those wanted, which of them it counts in."""
    found: dict[int, list[int]] = {}
    above = TerritoryAncestor.objects.filter(ancestor__in=wanted).values_list("descendant_id", "ancestor_id")
    for below, ancestor in above:
        found.setdefault(below, []).append(ancestor)
    return found


def _nearest(day: dt.date, stored: Sequence[dt.date]) -> dt.date | None:
    near = min(stored, key=lambda each: abs((each - day).days), default=None)
    return near if near is not None and abs((near - day).days) <= NEAR_DAYS else None


def claims_about(*, territory: Territory | None = None, bounds: str = "", day: dt.date | None = None) -> list[Claim]:
    """The claims of a territory with all below it, of what they bound, said by the day; all where nothing is asked."""
    claims = Claim.objects.select_related("territory")
    if territory is not None:
        claims = claims.filter(territory__above__ancestor=territory)
    if bounds:
        claims = claims.filter(bounds=bounds)
    if day is not None:
        claims = claims.filter(said_on__lte=day)
    return list(claims)
