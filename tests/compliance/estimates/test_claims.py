"""A claim beside our range: every pair has one verdict, and the verdict says what the numbers say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.estimates.claims import Reason, Span, Verdict, claim_words, not_compared, placed, range_words, sentence

ENDS = st.one_of(st.none(), st.integers(-50, 50).map(Decimal))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    low, high = draw(ENDS), draw(ENDS)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Span(low, high)


def points(span: Span) -> set[int]:
    """The span on a grid of halves, from far below to far above all ends."""
    low = -200 if span.low is None else int(span.low * 2)
    high = 200 if span.high is None else int(span.high * 2)
    return set(range(low, high + 1))


@given(spans(), spans())
def test_verdict_is_what_the_two_sets_of_points_say(claimed: Span, ours: Span) -> None:
    verdict = placed(claimed, ours)
    if claimed.empty or ours.empty:
        assert verdict == Verdict.NOT_COMPARED
        return
    said, found = points(claimed), points(ours)
    if not said & found:
        assert verdict == (Verdict.BELOW if max(said) < min(found) else Verdict.ABOVE)
    else:
        assert verdict == (Verdict.INSIDE if said <= found else Verdict.OVERLAPS)


@given(spans(), spans())
def test_below_seen_from_the_other_side_is_above(one: Span, other: Span) -> None:
    mirrored = {Verdict.BELOW: Verdict.ABOVE, Verdict.ABOVE: Verdict.BELOW}
    verdict, back = placed(one, other), placed(other, one)
    assert back == mirrored.get(verdict, back)
    assert (verdict in mirrored) == (back in mirrored)


def test_thirty_percent_lies_inside_24_to_38() -> None:
    claimed, ours = Span(Decimal("0.3"), Decimal("0.300000")), Span(Decimal("0.24"), Decimal("0.38"))
    told = sentence(
        claim=claim_words(claimed, "share"),
        about="June 2025",
        verdict=placed(claimed, ours),
        ours=f"the plausible range ({range_words(ours, 'share')}) of estimate 12",
    )
    assert told == "The claim of 30 % of June 2025 lies inside the plausible range (24 to 38 in 100) of estimate 12."


@pytest.mark.parametrize(
    ("span", "unit", "words"),
    [
        (Span(Decimal(0), Decimal("0.333333")), "share", "0 to 33.3 %"),
        (Span(Decimal(700), None), "miners", "at least 700 miners"),
        (Span(None, Decimal("1.5")), "kW", "at most 1.5 kW"),
        (Span(Decimal("16000000000"), None), "kWh a year", "at least 16,000,000,000 kWh a year"),
        (Span(Decimal("1364"), Decimal("1364")), "miners", "1,364 miners"),
    ],
)
def test_claim_is_said_as_people_say_it(span: Span, unit: str, words: str) -> None:
    assert claim_words(span, unit) == words


def test_every_reason_makes_a_sentence() -> None:
    for reason in Reason:
        told = not_compared(claim="30 %", about="June 2025", reason=reason)
        assert told.startswith("The claim of 30 % of June 2025 cannot be compared: ")
        assert told.endswith(".")
    assert not_compared(claim="", about="2025", reason=Reason.NO_FIGURE) == (
        "The claim of 2025 cannot be compared: it names no figure."
    )
