"""Log-linear fits: statsmodels as an oracle, and what must hold for every table."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from compliance.estimates.existence import verdict
from compliance.estimates.loglinear import Fit, NoEstimate, fit, parse_model
from compliance.estimates.tables import Table
from compliance.estimates.terms import Floats, Terms, canonical, design, hierarchical_models, masks
from tests.compliance.estimates.capture_tables import full, permuted, rubbish, some_terms, table_of, tables


@st.composite
def fitted(draw: st.DrawFn) -> tuple[Table, Terms]:
    table = draw(full(3, 5))
    return table, draw(some_terms(table.k))


def oracle(counts: Floats, matrix: Floats) -> Any:
    with warnings.catch_warnings():
        # A table of ones, or one that the model reproduces exactly, is no reason for concern.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        return sm.GLM(counts, matrix, family=sm.families.Poisson()).fit(tol=1e-12, maxiter=200)


def same(ours: Fit, theirs: Any, observed: int) -> None:
    f0 = math.exp(theirs.params[0])
    assert ours.f0 == pytest.approx(f0, rel=1e-6)
    assert ours.se == pytest.approx(math.sqrt(f0 + f0**2 * theirs.cov_params()[0, 0]), rel=1e-6)
    assert ours.coefficients == pytest.approx(theirs.params, rel=1e-6, abs=1e-6)
    assert ours.covariance == pytest.approx(theirs.cov_params(), rel=1e-6, abs=1e-6)
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-6, abs=1e-6)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-6)
    assert ours.aic == pytest.approx(theirs.aic, rel=1e-6)
    assert ours.bic == pytest.approx(-2 * theirs.llf + len(theirs.params) * math.log(observed), rel=1e-6)
    assert ours.fitted == pytest.approx(theirs.fittedvalues, rel=1e-6, abs=1e-6)
    assert ours.df == theirs.df_resid


@given(fitted())
def test_a_fit_is_that_of_statsmodels(drawn: tuple[Table, Terms]) -> None:
    table, terms = drawn
    same(fit(table, terms), oracle(table.counts.astype(float), design(table.k, masks(table.k, terms))), table.n)


@given(full(4, 4), st.sampled_from(hierarchical_models(4)))
def test_a_fit_is_that_of_statsmodels_when_interactions_are_of_three_lists(table: Table, terms: Terms) -> None:
    same(fit(table, terms), oracle(table.counts.astype(float), design(4, masks(4, terms))), table.n)


@given(full(4, 4), st.sampled_from([1.0, 0.5]))
def test_a_fit_is_that_of_statsmodels_when_it_has_further_columns(table: Table, power: float) -> None:
    held = table.bits.sum(axis=1).astype(float)
    column = np.where(held > 2, held, 0.0)[:, None] ** power
    matrix = np.hstack([design(4, masks(4, ())), column])
    same(fit(table, columns=column), oracle(table.counts.astype(float), matrix), table.n)


@given(full(4, 4))
def test_a_fit_is_that_of_statsmodels_when_main_effects_are_left_out(table: Table) -> None:
    held = table.bits.sum(axis=1).astype(float)[:, None]
    ours = fit(table, columns=held, main=False)
    same(ours, oracle(table.counts.astype(float), np.hstack([np.ones((15, 1)), held])), table.n)


@given(tables(3, 5, st.integers(0, 60)), st.data())
def test_a_fit_is_that_of_statsmodels_without_the_cells_when_nobody_has_an_interaction(
    table: Table, data: st.DataObject
) -> None:
    terms = data.draw(some_terms(table.k))
    assume(terms)
    empty = terms[0]
    both = table.bits[:, sorted(empty)].all(axis=1)
    thinned = table_of(np.where(both, 0, table.counts + 1).tolist(), table.k)
    kept = [one for one in terms if thinned.overlaps[tuple(sorted(one))]]
    matrix = design(table.k, masks(table.k, tuple(kept)))[~both]
    assume(np.linalg.matrix_rank(matrix) == matrix.shape[1])
    ours, theirs = fit(thinned, terms), oracle(thinned.counts[~both].astype(float), matrix)
    gone = len(terms) - len(kept)
    assert ours.f0 == pytest.approx(math.exp(theirs.params[0]), rel=1e-6)
    assert ours.aic == pytest.approx(theirs.aic + 2 * gone, rel=1e-6)
    assert ours.parameters == len(theirs.params) + gone
    assert ours.df == theirs.df_resid
    assert (ours.fitted[both] == 0).all()
    assert math.isnan(ours.z[empty])


@given(fitted(), st.data())
def test_the_population_stays_when_lists_change_places(drawn: tuple[Table, Terms], data: st.DataObject) -> None:
    table, terms = drawn
    order = data.draw(st.permutations(range(table.k)))
    moved = canonical([[order.index(place) for place in term] for term in terms])
    one, other = fit(table, terms), fit(permuted(table, order), moved)
    assert other.n == pytest.approx(one.n, rel=1e-9)
    assert other.bic == pytest.approx(one.bic, rel=1e-9)


@given(fitted(), st.integers(2, 1000))
def test_the_population_grows_in_proportion_when_all_counts_do(drawn: tuple[Table, Terms], times: int) -> None:
    table, terms = drawn
    more = fit(Table(table.lists, table.counts * times), terms)
    one = fit(table, terms)
    assert more.n == pytest.approx(one.n * times, rel=1e-8)
    assert more.log_f0_se == pytest.approx(one.log_f0_se / math.sqrt(times), rel=1e-6)


@given(full(3, 5))
def test_the_saturated_model_has_its_closed_form(table: Table) -> None:
    everything = canonical([[place for place in range(table.k) if place != out] for out in range(table.k)])
    odd = table.bits.sum(axis=1) % 2 == 1
    logs = np.log(table.counts)
    assert fit(table, everything).f0 == pytest.approx(math.exp(logs[odd].sum() - logs[~odd].sum()), rel=1e-7)


@given(full(2, 2))
def test_two_lists_give_lincoln_and_petersen(table: Table) -> None:
    assert fit(table).n == pytest.approx(float(table.sizes[0] * table.sizes[1] / table.overlaps[0, 1]), rel=1e-9)


@given(fitted())
def test_the_margins_of_a_fit_are_those_of_the_table(drawn: tuple[Table, Terms]) -> None:
    table, terms = drawn
    matrix = design(table.k, masks(table.k, terms))
    assert matrix.T @ fit(table, terms).fitted == pytest.approx(matrix.T @ table.counts, rel=1e-9)


@given(full(3, 4))
def test_a_list_kept_twice_over_pulls_the_estimate_down(table: Table) -> None:
    """Whoever is on a list is then on its copy too: dependence at its worst, so that fewer seem to be unseen."""
    both = Table.of([*table.lists, "copy"], [((*bits, bits[0]), count) for bits, count in pairs_of(table)])
    assert fit(both).f0 <= fit(table).f0 * (1 + 1e-9)


def pairs_of(table: Table) -> list[tuple[list[int], int]]:
    return list(zip(table.bits.tolist(), table.counts.tolist(), strict=True))


@given(rubbish(), st.data())
def test_rubbish_has_a_fit_or_no_estimate_and_never_a_crash(table: Table, data: st.DataObject) -> None:
    terms = data.draw(some_terms(table.k))
    reason = verdict(table, terms)
    if reason == "ok":
        found = fit(table, terms)
        assert found.n >= table.n
        assert found.se >= 0
        assert found.fitted.sum() == pytest.approx(table.n, rel=1e-6)
    else:
        with pytest.raises(NoEstimate) as none:
            fit(table, terms)
        assert none.value.reason == reason


@pytest.mark.parametrize(
    ("lists", "counts", "reason"),
    [
        (1, [9], "not_identifiable"),
        (2, [0, 0, 0], "no_mle"),
        (2, [5, 5, 0], "no_mle"),
        (3, [10**7, 0, 0, 0, 0, 0, 0], "not_identifiable"),
        (3, [0, 0, 0, 0, 0, 0, 10**7], "no_mle"),
    ],
)
def test_a_table_that_cannot_carry_independence_has_no_estimate(lists: int, counts: list[int], reason: str) -> None:
    with pytest.raises(NoEstimate) as none:
        fit(table_of(counts, lists))
    assert none.value.reason == reason


def test_an_interaction_that_two_lists_cannot_show_is_not_identifiable() -> None:
    with pytest.raises(NoEstimate, match=r"\[12\].*apart"):
        fit(table_of([30, 20, 10], 2), parse_model("[12]"))


def test_the_interval_stays_above_what_was_seen_when_the_estimate_is_imprecise() -> None:
    interval = fit(table_of([40, 30, 6, 20, 1, 1, 0], 3), parse_model("[13,23]")).wald()
    assert 98 < interval.low < interval.high


def test_sensitivity_scales_those_unseen_alone() -> None:
    found = fit(table_of([40, 30, 6, 20, 3, 4, 1], 3))
    assert found.sensitivity(1) == found.n
    assert found.sensitivity(0.5) == pytest.approx(found.observed + found.f0 / 2)


def test_ten_lists_of_millions_are_fitted() -> None:
    counts = np.random.default_rng(1).integers(0, 10**7, 1023)
    found = fit(Table(tuple("abcdefghij"), counts), parse_model("[12,1a]"))
    assert found.fitted.sum() == pytest.approx(counts.sum(), rel=1e-9)
