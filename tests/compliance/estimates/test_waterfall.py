"""A waterfall adds up, whatever its parts, and what nobody knows stays unknown up to the top."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.estimates.waterfall import (
    ILLUSTRATIVE,
    Money,
    PartsDoNotAddUp,
    Quantity,
    Step,
    Whole,
    added,
    rounded,
    waterfall,
)

NUMBERS = st.integers(0, 10**6).map(lambda number: Decimal(number) / 8)


@st.composite
def quantities(draw: st.DrawFn) -> Quantity:
    low, point, high = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    known = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    if not known[0]:
        return Quantity.unknown("nobody looked")
    low, point, high = (end if is_known else None for end, is_known in zip((low, point, high), known, strict=True))
    return Quantity(low, point, high, "" if all(known) else "nobody looked")


def leaf(code: str, of: str, operations: Quantity, **more: object) -> Step:
    return Step(code=code, title=code, of=of, operations=operations, energy_kwh=operations, **more)  # type: ignore[arg-type]


@given(st.lists(quantities(), max_size=6))
def test_sum_is_the_sum_of_what_is_known_and_no_more(parts: list[Quantity]) -> None:
    total = added(parts)
    for end in ("point", "high"):
        ends = [getattr(part, end) for part in parts]
        nothing = bool(parts) and all(part.low is None for part in parts)
        expected = None if None in ends or nothing else sum(ends, Decimal(0))
        assert getattr(total, end) == expected
    lows = [part.low for part in parts if part.low is not None]
    assert total.low == (None if parts and not lows else sum(lows, Decimal(0)))
    assert bool(total.why) == any(part.why for part in parts)


@given(st.lists(quantities(), min_size=1, max_size=4), st.lists(quantities(), min_size=1, max_size=4))
def test_whole_of_wholes_is_the_sum_of_all_leaves(one: list[Quantity], other: list[Quantity]) -> None:
    leaves = [leaf(f"a{n}", "a", part) for n, part in enumerate(one)]
    leaves += [leaf(f"b{n}", "b", part) for n, part in enumerate(other)]
    found = waterfall([Whole("top", "Top"), Whole("a", "A", of="top"), Whole("b", "B", of="top")], leaves)
    assert [step.code for step in found.steps][:2] == ["top", "a"]
    everything = added(row.operations for row in leaves)
    top = found.step("top").operations
    assert (top.low, top.why != "") == (everything.low, everything.why != "")
    if everything.point is not None:
        assert (top.point, top.high) == (everything.point, everything.high)


def test_money_is_added_by_currency_and_never_across() -> None:
    one, other = (Money("RUB", Decimal(1), Decimal(2)), Money("USD", Decimal(5), Decimal(5))), (
        Money("RUB", Decimal(10), Decimal(20)),
    )  # fmt: skip
    nothing = Quantity.exactly(0)
    found = waterfall(
        [Whole("top", "Top")],
        [leaf("a", "top", nothing, money=one, unpriced=3), leaf("b", "top", nothing, money=other, unpriced=4)],
    )
    assert found.step("top").money == (
        Money("RUB", Decimal(11), Decimal(22)),
        Money("USD", Decimal(5), Decimal(5)),
    )
    assert found.step("top").unpriced == 7


def test_whole_is_illustrative_as_soon_as_a_part_is_that_may_be_more_than_nothing() -> None:
    sure = leaf("a", "top", Quantity.exactly(3))
    for operations, grade in ((Quantity.exactly(0), "established"), (Quantity.unknown("no run"), ILLUSTRATIVE)):
        found = waterfall([Whole("top", "Top")], [sure, leaf("b", "top", operations, grade=ILLUSTRATIVE)])
        assert found.step("top").grade == grade


def test_what_was_counted_is_taken_off_an_estimate_down_to_zero() -> None:
    estimate = Quantity(Decimal(5), Decimal(10), Decimal(20))
    assert estimate.less(8) == Quantity(Decimal(0), Decimal(2), Decimal(12))


def test_estimate_is_rounded_outward() -> None:
    assert rounded(Quantity(Decimal("1.9"), Decimal("2.5"), Decimal("3.1"))) == Quantity(
        Decimal(1), Decimal(3), Decimal(4)
    )


def test_steps_that_are_no_tree_are_refused() -> None:
    nothing = Quantity.exactly(0)
    with pytest.raises(PartsDoNotAddUp, match="no whole"):
        waterfall([Whole("top", "Top")], [leaf("a", "nowhere", nothing)])
    with pytest.raises(PartsDoNotAddUp, match="twice"):
        waterfall([Whole("top", "Top")], [leaf("top", "top", nothing)])
    with pytest.raises(PartsDoNotAddUp, match="no parts"):
        waterfall([Whole("top", "Top")], [])


def test_unknown_needs_words_and_ends_need_their_order() -> None:
    with pytest.raises(ValueError, match="words"):
        Quantity(Decimal(1), None, None)
    with pytest.raises(ValueError, match="at least zero"):
        Quantity(None, Decimal(1), Decimal(3), "nobody looked")
    with pytest.raises(ValueError, match="order"):
        Quantity(Decimal(2), Decimal(1), Decimal(3))
