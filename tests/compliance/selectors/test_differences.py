"""The parts of a difference add up to it, whatever is compared."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from compliance.selectors.differences import (
    GONE,
    NEW,
    STAYED,
    Figures,
    PricedCell,
    Unknown,
    compared,
    compared_by,
)

money = st.decimals(0, 10**9, places=2)
figures = st.builds(
    Figures,
    findings=st.integers(0, 10**6),
    unpriced=st.integers(0, 10**6),
    amounts=st.lists(
        st.tuples(st.sampled_from(["KZT", "RUB", "USD"]), money, money), max_size=3, unique_by=lambda a: a[0]
    ).map(tuple),
)
cells = st.lists(
    st.one_of(
        st.builds(PricedCell, in_scenario, part, st.integers(1, 3), st.sampled_from("ab"), st.integers(1, 3), figures)
        for in_scenario, part in (
            (st.just(False), st.sampled_from([GONE, STAYED])),
            (st.just(True), st.sampled_from([NEW, STAYED])),
        )
    ),
    max_size=12,
)


@given(cells=cells)
def test_the_parts_of_every_row_add_up_to_its_difference(cells: list[PricedCell]) -> None:
    total = compared("", "", cells, Unknown())
    rows = compared_by(cells, lambda cell: (cell.kind, cell.kind), {})
    for row in [total, *rows]:
        assert row.newly_caught + row.no_longer_caught + row.amount_changed == row.difference
        assert row.scenario - row.law == row.difference
    nothing = total.difference - total.difference
    assert sum((row.difference for row in rows), nothing) == total.difference


@given(cells=cells)
def test_the_parts_of_a_row_name_the_same_currencies(cells: list[PricedCell]) -> None:
    row = compared("", "", cells, Unknown())
    parts = (row.difference, row.newly_caught, row.no_longer_caught, row.amount_changed)
    assert len({tuple(currency for currency, _, _ in each.amounts) for each in parts}) == 1


@given(cells=cells)
def test_a_law_that_prices_nothing_in_a_currency_has_no_amount_in_it(cells: list[PricedCell]) -> None:
    row = compared("", "", cells, Unknown())
    for figures, in_scenario in ((row.law, False), (row.scenario, True)):
        priced = {c for cell in cells if cell.in_scenario is in_scenario for c, _, _ in cell.figures.amounts}
        assert {currency for currency, _, _ in figures.amounts} == priced


def test_a_share_is_unknown_when_there_is_nobody() -> None:
    assert (Unknown().law_share, Unknown().scenario_share) == (None, None)
    assert Unknown(4, 1, 2).law_share == Decimal("0.25")
