"""Poisson regression against statsmodels, and its limits where cells are empty."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln

from compliance.estimates import loglinear
from compliance.estimates.poisson import fit, log_rising, multinomial_profile, support_of
from compliance.estimates.tables import Table, histories
from compliance.estimates.terms import design, masks, pairwise_models

THREE = np.column_stack([np.ones(7), histories(3)])


@pytest.mark.filterwarnings("ignore:Perfect separation")
@given(counts=st.lists(st.integers(1, 10**5), min_size=7, max_size=7))
@settings(max_examples=30)
def test_a_fit_is_that_of_statsmodels(counts: list[int]) -> None:
    theirs = sm.GLM(counts, THREE, sm.families.Poisson()).fit(tol=1e-12)
    ours = fit(THREE, counts)
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-6)
    assert ours.covariance == pytest.approx(theirs.cov_params(), rel=1e-5, abs=1e-9)
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-6, abs=1e-6)
    assert ours.log_likelihood == pytest.approx(theirs.llf)
    assert (ours.df, ours.parameters) == (3, 4)
    assert ours.log_f0 == pytest.approx(theirs.params[0], abs=1e-6)


@given(counts=st.lists(st.integers(0, 3), min_size=7, max_size=7).filter(any))
def test_the_margins_are_matched_whatever_is_empty(counts: list[int]) -> None:
    found = fit(THREE, counts)
    assert THREE.T @ found.fitted == pytest.approx(THREE.T @ np.array(counts), abs=1e-5)
    assert (found.fitted[~found.support] == 0).all()
    assert all(found.support[np.array(counts) > 0])


@given(counts=st.lists(st.integers(0, 6), min_size=15, max_size=15).filter(any), model=st.integers(0, 63))
@settings(max_examples=60, deadline=None)
def test_two_engines_agree_on_every_pairwise_model(counts: list[int], model: int) -> None:
    """`loglinear` drops what is empty by its own rule; wherever it has an estimate this has the same one."""
    people = Table(("a", "b", "c", "d"), np.array(counts))
    terms = pairwise_models(4)[model]
    ours = fit(design(4, masks(4, terms)), counts)
    try:
        theirs = loglinear.fit(people, terms)
    except loglinear.NoEstimate:
        return
    assert ours.log_f0 is not None
    assert people.n + math.exp(ours.log_f0) == pytest.approx(theirs.n, rel=1e-5)
    assert (ours.deviance, ours.log_f0_se) == (
        pytest.approx(theirs.deviance, abs=1e-5),
        pytest.approx(theirs.log_f0_se, rel=1e-4, abs=1e-4),
    )


def test_the_support_leaves_out_the_overlap_that_a_parameter_sets_to_zero() -> None:
    matrix = np.column_stack([THREE, THREE[:, 1] * THREE[:, 2]])
    counts = np.array([40, 30, 0, 20, 5, 4, 0])
    assert list(support_of(matrix, counts)) == [True, True, False, True, True, True, False]
    found = fit(matrix, counts)
    assert found.parameters == 5
    assert found.log_f0 is not None


def test_an_intercept_that_the_cells_do_not_determine_is_null() -> None:
    found = fit(THREE, [10, 0, 0, 0, 0, 0, 0])
    assert (found.log_f0, found.log_f0_se) == (None, None)


def test_nothing_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="Nothing was counted"):
        fit(THREE, np.zeros(7))


def test_a_profile_is_null_where_the_likelihood_stays_flat() -> None:
    assert multinomial_profile([[1, 1, 0], [1, 0, 1], [1, 1, 1]], [1000, 1000, 1])[1] is not None
    assert multinomial_profile([[1, 1], [1, 2]], [1_000_000, 1], -gammaln([2, 3]))[1] is None


@pytest.mark.parametrize(("a", "b"), [(1.0, 5.0), (19.9, 3.0), (20.0, 1000.0), (1e6, 1e3), (3.5, 1e6)])
def test_the_rising_factorial_is_that_of_scipy(a: float, b: float) -> None:
    assert log_rising(a, b) == pytest.approx(float(gammaln(a + b) - gammaln(a)), rel=1e-9, abs=1e-8)


def test_the_rising_factorial_holds_where_the_difference_of_two_logarithms_fails() -> None:
    assert log_rising(1e12, 3) == pytest.approx(math.log(1e12) + math.log(1e12 + 1) + math.log(1e12 + 2), abs=1e-9)


def test_counts_of_millions_are_fitted() -> None:
    counts = [10**9, 2 * 10**9, 10**8, 3 * 10**9, 10**8, 2 * 10**8, 10**7]
    found = fit(THREE, counts)
    assert THREE.T @ found.fitted == pytest.approx(THREE.T @ np.array(counts, dtype=float), rel=1e-9)
