"""The stepwise choice: what enters, what cannot, and that it always ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from compliance.estimates.loglinear import NoEstimate, parse_model
from compliance.estimates.stepwise import stepwise
from compliance.estimates.tables import Table
from tests.compliance.estimates.capture_tables import rubbish, tables
from tests.published.published import table as published


def test_the_first_pair_is_the_one_of_the_smallest_poisson_tail() -> None:
    found = stepwise(published("western"))
    (first,) = found.added
    tails = [stats.poisson.cdf(first.observed, first.expected), stats.poisson.sf(first.observed - 1, first.expected)]
    assert first.name == "[15]"
    assert first.p_value == pytest.approx(min(tails))
    assert first.p_value < 0.02


def test_nothing_enters_when_the_threshold_is_nought() -> None:
    found = stepwise(published("kosovo"), p=0.0)
    assert found.added == ()
    assert found.best.model == "[]"


def test_an_empty_pair_enters_as_minus_infinity_when_it_was_expected() -> None:
    counts = {0b001: 300, 0b010: 300, 0b100: 300, 0b011: 60, 0b101: 55}
    found = stepwise(Table.of_histories("abc", counts))
    assert found.best.terms == parse_model("[23]")
    assert found.best.coefficients[-1] == -np.inf


@given(st.one_of(rubbish(), tables(2, 5, st.integers(0, 500))))
def test_the_steps_end_and_every_pair_enters_once(table: Table) -> None:
    try:
        found = stepwise(table)
    except NoEstimate:
        return
    assert len({one.pair for one in found.added}) == len(found.added) == len(found.best.terms)
    assert all(one.p_value < 0.02 for one in found.added)


def test_ten_lists_are_chosen_from() -> None:
    random = np.random.default_rng(3)
    bits = (np.arange(1, 1024)[:, None] >> np.arange(10)) & 1
    counts = random.poisson(4000 * np.prod(np.where(bits == 1, 0.1, 0.9), axis=1))
    assert stepwise(Table(tuple("abcdefghij"), counts)).best.n == pytest.approx(4000, rel=0.2)
