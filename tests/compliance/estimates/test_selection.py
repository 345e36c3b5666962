"""The search over all pairwise models: weights, averages, sets of models, and many tables at once."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.estimates.loglinear import NoEstimate, fit
from compliance.estimates.many import BLOCK, Tables, fit_many
from compliance.estimates.selection import search, search_many
from compliance.estimates.tables import Table
from compliance.estimates.terms import masks, pairwise_models, parse_model
from tests.compliance.estimates.capture_tables import permuted, rubbish, table_of, tables
from tests.published.published import table as published


@given(tables(2, 4, st.integers(0, 40)))
def test_weights_are_those_of_the_information_and_make_one(table: Table) -> None:
    try:
        found = search(table)
    except NoEstimate:
        return
    assert sum(one.weight for one in found.models) == pytest.approx(1)
    assert [one.bic for one in found.models] == pytest.approx(sorted(one.bic for one in found.models))
    for one in found.models:
        assert one.weight / found.models[0].weight == pytest.approx(math.exp((found.models[0].bic - one.bic) / 2))
    assert found.average.n == pytest.approx(sum(one.weight * one.n for one in found.models))
    assert found.low <= found.best.n <= found.high
    assert len(found.models) + len(found.refused) == len(pairwise_models(table.k))


@given(tables(3, 4, st.integers(0, 40)))
def test_the_model_set_is_the_smallest_that_holds_95_percent(table: Table) -> None:
    try:
        found = search(table)
    except NoEstimate:
        return
    weights = [one.weight for one in found.model_set]
    assert sum(weights) >= 0.95 - 1e-12
    assert sum(weights[:-1]) < 0.95


@settings(max_examples=15)
@given(tables(3, 4, st.integers(1, 40)), st.data())
def test_the_average_stays_when_lists_change_places(table: Table, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(table.k)))
    one, other = search(table), search(permuted(table, order))
    assert other.average.n == pytest.approx(one.average.n, rel=1e-7)
    assert other.average.se == pytest.approx(one.average.se, rel=1e-6)


@given(rubbish())
def test_rubbish_has_a_search_or_no_estimate_and_never_a_crash(table: Table) -> None:
    many = search_many(table.counts[None])
    try:
        found = search(table)
    except NoEstimate:
        assert math.isnan(many.average[0])
        assert many.models[0] == 0
    else:
        assert many.average[0] == pytest.approx(found.average.n, rel=1e-6)
        assert many.models[0] == len(found.models)


def test_five_lists_are_all_that_are_searched() -> None:
    with pytest.raises(ValueError, match="stepwise"):
        search(table_of([1] * 63, 6))
    with pytest.raises(ValueError, match="stepwise"):
        search_many(np.ones((2, 63), dtype=np.int64))


def tables_like(name: str, count: int) -> tuple[Table, np.ndarray]:
    table = published(name)
    return table, np.random.default_rng(5).multinomial(table.n, table.counts / table.n, size=count)


@pytest.mark.parametrize("name", ["artificial", "kosovo", "western"])
def test_many_tables_give_what_each_gives_alone(name: str) -> None:
    table, counts = tables_like(name, 2 if name == "western" else 6)
    many = search_many(counts)
    for place, row in enumerate(counts):
        alone = search(Table(table.lists, row))
        assert many.average[place] == pytest.approx(alone.average.n, rel=1e-7)
        assert many.best[place] == pytest.approx(alone.best.n, rel=1e-7)
        assert many.models[place] == len(alone.models)


CHUNKS = [(1, 9), (7, 42), (99, 100)]
"""Tables in a chunk, and how many are compared."""


@pytest.mark.parametrize(("size", "compared"), CHUNKS)
def test_the_last_bit_stays_when_tables_are_cut_into_chunks(size: int, compared: int) -> None:
    _, counts = tables_like("kosovo", 100)
    whole = search_many(counts)
    parts = [search_many(counts[at : min(at + size, compared)]) for at in range(0, compared, size)]
    assert np.array_equal(np.concatenate([part.average for part in parts]), whole.average[:compared])
    assert np.array_equal(np.concatenate([part.best for part in parts]), whole.best[:compared])


@pytest.mark.parametrize(("size", "compared"), CHUNKS)
def test_the_last_bit_of_a_fit_stays_when_tables_are_sparse_and_cut_into_chunks(size: int, compared: int) -> None:
    table, counts = tables_like("western", BLOCK)
    for name in ("[]", "[15]", "[12,15,24]", "[12,13,14,15,23,24,25,34,35,45]"):
        parameters = masks(table.k, parse_model(name))
        whole = fit_many(Tables.of(5, counts), parameters)
        parts = [
            fit_many(Tables.of(5, counts[at : min(at + size, compared)]), parameters).coefficients
            for at in range(0, compared, size)
        ]
        assert np.array_equal(np.concatenate(parts, axis=1), whole.coefficients[:, :compared])


@given(tables(3, 4, st.integers(0, 30)), st.data())
def test_a_fit_of_many_is_the_fit_of_one_wherever_it_begins(table: Table, data: st.DataObject) -> None:
    terms = data.draw(st.sampled_from(pairwise_models(table.k)))
    try:
        alone = fit(table, terms)
    except NoEstimate:
        return
    start = data.draw(st.sampled_from([None, 0.0, 3.0, 9.0]))
    beginning = None if start is None else np.where(np.arange(len(alone.coefficients)) == 0, start, 0.0)
    found = fit_many(Tables.of(table.k, table.counts[None]), masks(table.k, terms), beginning)
    assert table.n + found.f0[0] == pytest.approx(alone.n, rel=1e-7)
    assert found.log_likelihood[0] - float(_log_factorials(table)) == pytest.approx(alone.log_likelihood, rel=1e-9)


def _log_factorials(table: Table) -> float:
    return sum(math.lgamma(count + 1) for count in table.counts.tolist())
