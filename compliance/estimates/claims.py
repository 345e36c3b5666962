"""A claimed range beside a range of ours: inside, below, above, or overlapping; or nothing that can be compared."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

INFINITY = Decimal("Infinity")


class Verdict(StrEnum):
    """Where a claim lies, seen from our figure. `OVERLAPS`: some of it lies in our range, and some beyond."""

    INSIDE = "inside"
    BELOW = "below"
    ABOVE = "above"
    OVERLAPS = "overlaps"
    NOT_COMPARED = "not_compared"


class Reason(StrEnum):
    """Why a claim cannot be compared."""

    NO_FIGURE = "no_figure"
    UNIT = "unit"
    DENOMINATOR = "denominator"
    NOT_MEASURED = "not_measured"
    NO_ESTIMATE = "no_estimate"
    NO_RANGE = "no_range"
    NO_COUNT = "no_count"
    FAR = "far"


WHY = {
    Reason.NO_FIGURE: "it names no figure",
    Reason.UNIT: "it is counted in another unit than ours",
    Reason.DENOMINATOR: "of what it is a share is not said",
    Reason.NOT_MEASURED: "nothing of ours measures it",
    Reason.NO_ESTIMATE: "no finished estimate of that territory is on file",
    Reason.NO_RANGE: "that estimate gives no range",
    Reason.NO_COUNT: "we have no figure of about that day",
    Reason.FAR: "our nearest estimate is of another time",
}
"""Each reason as the end of a sentence that begins with “It cannot be compared:”."""


@dataclass(frozen=True)
class Span:
    """A figure from `low` to `high`, both included; an end that nobody gave is open. Both empty: no figure at all."""

    low: Decimal | None
    high: Decimal | None

    @property
    def empty(self) -> bool:
        return self.low is None and self.high is None

    @property
    def single(self) -> bool:
        return self.low is not None and self.low == self.high


def placed(claimed: Span, ours: Span) -> Verdict:
    """Where the claimed range lies beside ours; two equal single figures are inside one another."""
    if claimed.empty or ours.empty:
        return Verdict.NOT_COMPARED
    low, high = _ends(claimed)
    our_low, our_high = _ends(ours)
    if high < our_low:
        return Verdict.BELOW
    if low > our_high:
        return Verdict.ABOVE
    return Verdict.INSIDE if our_low <= low and high <= our_high else Verdict.OVERLAPS


def range_words(span: Span, unit: str) -> str:
    """The range in words: “24 to 38 in 100” of a share, “at least 1,000 miners”, “1,364 miners”."""
    if unit == "share":
        low, high, unit = _hundredths(span.low), _hundredths(span.high), "in 100"
    else:
        low, high = _plain(span.low), _plain(span.high)
    return f"{_between(low, high)} {unit}".strip()


def claim_words(span: Span, unit: str) -> str:
    """The claimed figure as people say it: “30 %”, “0 to 33.3 %”, “at least 700 miners”."""
    if unit == "share":
        low, high, unit = _hundredths(span.low), _hundredths(span.high), "%"
    else:
        low, high = _plain(span.low), _plain(span.high)
    return f"{_between(low, high)} {unit}".strip()


def sentence(*, claim: str, about: str, verdict: Verdict, ours: str) -> str:
    """What the comparison says: `claim` and `ours` in words, and the day or month that the claim is about."""
    words = {
        Verdict.INSIDE: "lies inside",
        Verdict.BELOW: "lies below",
        Verdict.ABOVE: "lies above",
        Verdict.OVERLAPS: "overlaps with",
    }
    return f"The claim of {claim} of {about} {words[verdict]} {ours}."


def apart_words(months: int) -> str:
    """“14 months later”, “5 months earlier” below 0."""
    count = f"{abs(months)} month" if abs(months) == 1 else f"{abs(months)} months"
    return f"{count} {'later' if months > 0 else 'earlier'}"


def not_compared(*, claim: str, about: str, reason: Reason) -> str:
    subject = f"The claim of {claim} of {about}" if claim else f"The claim of {about}"
    return f"{subject} cannot be compared: {WHY[reason]}."


def _ends(span: Span) -> tuple[Decimal, Decimal]:
    return (
        -INFINITY if span.low is None else span.low,
        INFINITY if span.high is None else span.high,
    )


def _between(low: str, high: str) -> str:
    if low and high:
        return low if low == high else f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}"


def _hundredths(share: Decimal | None) -> str:
    return "" if share is None else _plain(round(share * 100, 1))


def _plain(value: Decimal | None) -> str:
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
