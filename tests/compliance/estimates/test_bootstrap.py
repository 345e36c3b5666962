"""The bootstrap: the same replicates however they are cut, and near what theory says."""

import math

import numpy as np
import pytest

from compliance.estimates.bootstrap import drawn, percentile, replicates
from compliance.estimates.loglinear import fit, parse_model
from compliance.estimates.tables import Table
from tests.compliance.estimates.capture_tables import table_of
from tests.published.published import table as published


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("selection", [False, True])
def test_a_replicate_is_the_same_to_the_last_bit_however_the_row_is_cut(size: int, *, selection: bool) -> None:
    table = published("spina")
    whole = replicates(table, seed=[3, 1], first=0, count=100, selection=selection)
    parts = [
        replicates(table, seed=[3, 1], first=at, count=min(size, 100 - at), selection=selection)
        for at in range(0, 100, size)
    ]
    assert np.array_equal(np.concatenate(parts), whole)


def test_another_seed_gives_other_replicates() -> None:
    table = published("spina")
    assert not np.array_equal(*(drawn(table, seed=seed, first=0, count=5) for seed in (1, 2)))


def test_every_drawn_table_holds_as_many_and_none_where_nobody_was() -> None:
    table = published("western")
    rows = drawn(table, seed=1, first=0, count=50)
    assert (rows.sum(axis=1) == table.n).all()
    assert (rows[:, table.counts == 0] == 0).all()


def test_the_spread_of_a_fixed_model_is_near_its_standard_error() -> None:
    table = published("spina")
    terms = parse_model("[23]")
    values = replicates(table, seed=1, first=0, count=1000, selection=False, terms=terms)
    found = fit(table, terms)
    assert values.mean() == pytest.approx(found.n, rel=0.01)
    # Those seen are held fixed, so it is somewhat less: the part √f0 of the error is left out.
    assert values.std() == pytest.approx(math.sqrt(found.se**2 - found.f0), rel=0.15)


def test_six_lists_are_chosen_stepwise() -> None:
    random = np.random.default_rng(1)
    bits = (np.arange(1, 64)[:, None] >> np.arange(6)) & 1
    table = Table(tuple("abcdef"), random.poisson(900 * np.prod(np.where(bits == 1, 0.2, 0.8), axis=1)))
    values = replicates(table, seed=1, first=0, count=4)
    assert np.array_equal(values[2:], replicates(table, seed=1, first=2, count=2))
    assert percentile(values).low > table.n


def test_a_table_without_an_estimate_has_replicates_without() -> None:
    for counts, lists in (([0] * 7, 3), ([5], 1), ([9, 0, 0], 2)):
        values = replicates(table_of(counts, lists), seed=1, first=0, count=3)
        assert np.isnan(values).all()
        assert math.isnan(percentile(values).low)
