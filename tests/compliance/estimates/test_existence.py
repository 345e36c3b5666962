"""Which models have an estimate: the linear programme against what is known without it."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.estimates import existence
from compliance.estimates.existence import dropped_masks, mle_exists, reduced, verdict
from compliance.estimates.loglinear import NoEstimate, fit
from compliance.estimates.many import CODES, Tables, fit_many
from compliance.estimates.tables import Table
from compliance.estimates.terms import design, masks, pairs, pairwise_models
from tests.compliance.estimates.capture_tables import full, some_terms, table_of, tables


@given(full(3, 5), st.data())
def test_every_model_has_an_estimate_when_no_cell_is_empty(table: Table, data: st.DataObject) -> None:
    assert verdict(table, data.draw(some_terms(table.k))) == "ok"


@given(tables(2, 2, st.integers(0, 2)))
def test_two_lists_need_an_overlap(table: Table) -> None:
    """Independence of two lists: three cells, three parameters, so that every cell must hold somebody."""
    expected = "ok" if table.counts.all() else None
    assert (verdict(table, ()) == "ok") == (expected == "ok")


def test_all_pairs_of_two_lists_are_not_identifiable() -> None:
    assert verdict(table_of([3, 4, 5], 2), (frozenset({0, 1}),)) == "not_identifiable"


@given(tables(3, 3, st.sampled_from([0, 0, 1, 5])), st.sampled_from(pairwise_models(3)))
def test_the_verdict_depends_on_where_somebody_is_seen_alone(table: Table, terms: tuple[frozenset[int], ...]) -> None:
    thousandfold = Table(table.lists, table.counts * 1000)
    assert verdict(thousandfold, terms) == verdict(table, terms)


@given(tables(3, 4, st.sampled_from([0, 0, 0, 1, 2])), st.data())
def test_an_estimate_stays_when_an_overlapping_pair_is_taken_out(table: Table, data: st.DataObject) -> None:
    """Chan, Silverman and Vincent 2021, on which a search over all models can rely."""
    terms = data.draw(some_terms(table.k))
    overlapping = [term for term in terms if table.overlaps[tuple(sorted(term))]]
    if verdict(table, terms) == "ok":
        for term in overlapping:
            assert verdict(table, tuple(one for one in terms if one != term)) == "ok"


@given(tables(3, 4, st.sampled_from([0, 0, 1, 3])), st.data())
def test_a_fit_is_refused_exactly_when_the_linear_programme_says_so(table: Table, data: st.DataObject) -> None:
    terms = data.draw(some_terms(table.k))
    try:
        fit(table, terms)
        reason = "ok"
    except NoEstimate as none:
        reason = none.reason
    assert reason == verdict(table, terms)


@pytest.mark.parametrize("most", [1, 2, 30])
def test_many_tables_at_once_have_the_verdicts_of_the_linear_programme(most: int) -> None:
    random = np.random.default_rng(most)
    for lists in (3, 4):
        counts = random.integers(0, most + 1, (60, 2**lists - 1)) * random.integers(0, 2, (60, 2**lists - 1))
        for terms in [*pairwise_models(lists)[:: 2 if lists == 3 else 9]]:
            states = fit_many(Tables.of(lists, counts), masks(lists, terms)).states
            for row, state in zip(counts, states, strict=True):
                assert state == CODES[verdict(table_of(row.tolist(), lists), terms)], (row, terms)


def test_the_programme_finds_by_hand_what_it_should() -> None:
    """Every pair of three lists: the odd and the even cells balance, so an empty cell can be filled only if another
    of its kind gives way; with one empty cell of the seven nothing can."""
    matrix = design(3, masks(3, tuple(pairs(3))))
    for empty in range(7):
        seen = np.arange(7) != empty
        assert not mle_exists(matrix, seen)
    # With independence, a single empty cell can always be filled from the others.
    independence = design(3, masks(3, ()))
    assert all(mle_exists(independence, np.arange(7) != empty) for empty in range(7))


def test_the_order_of_terms_is_no_matter() -> None:
    table = table_of([40, 30, 6, 20, 0, 0, 0], 3)
    for terms in itertools.permutations(pairs(3)[:2]):
        assert verdict(table, terms) == "no_mle"


@given(tables(4, 4, st.sampled_from([0, 0, 1])))
@settings(max_examples=15, deadline=None)
def test_what_is_known_of_other_models_gives_the_verdict_of_the_programme(table: Table) -> None:
    seen = table.counts > 0
    for terms in pairwise_models(4):
        parameters = masks(4, terms)
        dropped = dropped_masks(parameters, design(4, parameters).T @ seen.astype(float))
        rest = reduced(4, parameters, dropped)
        if seen.any() and rest.identified:
            assert (verdict(table, terms) == "ok") == mle_exists(rest.matrix, seen[rest.cells])


def test_one_programme_settles_all_models_of_a_table_where_the_largest_has_an_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def counted(*given: Any, of: Callable[..., bool] = mle_exists) -> bool:
        asked.append(given)
        return of(*given)

    monkeypatch.setattr(existence, "mle_exists", counted)
    # No other test has this table, and so nobody knows its answers yet.
    table = table_of([7, 7, 7, 0, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 7], 4)
    assert {verdict(table, terms) for terms in pairwise_models(4)} == {"ok"}
    assert len(asked) == 1
