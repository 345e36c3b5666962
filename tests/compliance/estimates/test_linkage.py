"""The error of matching: what a review says of it, and that correcting undoes what it did."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.estimates.linkage import (
    Review,
    Threshold,
    between_thresholds,
    corrected_overlap,
    corrected_rates,
    rate_interval,
)

REVIEW = Review(found=180, missed=20, false_links=1, different=1000)


def test_missed_matches_alone_turn_30_in_100_into_27_and_the_correction_turns_them_back() -> None:
    assert corrected_overlap(270, 1000, 0.9, 0.0) == pytest.approx(300)
    assert corrected_rates(np.array([0.27]), 0.9, 0.0) == pytest.approx([0.30])


@given(
    true=st.integers(0, 1000),
    sensitivity=st.floats(0.5, 1),
    false_links=st.floats(0, 0.2),
)
def test_the_correction_undoes_the_error(true: int, sensitivity: float, false_links: float) -> None:
    observed = sensitivity * true + false_links * (1000 - true)
    assert corrected_overlap(observed, 1000, sensitivity, false_links) == pytest.approx(true, abs=1e-6)


def test_a_match_that_says_nothing_gives_no_correction() -> None:
    assert corrected_overlap(10, 100, 0.2, 0.2) is None
    assert np.isnan(corrected_rates(np.array([0.3]), 0.1, 0.2)).all()


def test_a_review_is_shares_of_the_true_and_of_the_different_pairs() -> None:
    assert (REVIEW.sensitivity, REVIEW.false_link_rate, REVIEW.pairs) == (0.9, 0.001, 1200)
    assert Review.from_json(REVIEW.to_json()) == REVIEW
    nothing = Review(0, 0, 0, 0)
    assert (nothing.sensitivity, nothing.false_link_rate) == (None, None)
    with pytest.raises(ValueError, match="zero or more"):
        Review(-1, 0, 0, 0)
    with pytest.raises(ValueError, match="at most all"):
        Review(1, 0, 3, 2)


def test_draws_have_the_moments_of_the_posterior_and_follow_the_seed_alone() -> None:
    sensitivity, false_links = REVIEW.draws(seed=[7], count=40_000)
    assert sensitivity.mean() == pytest.approx(180.5 / 201, abs=1e-3)
    assert false_links.mean() == pytest.approx(1.5 / 1001, abs=1e-4)
    again = REVIEW.draws(seed=[7], count=40_000)
    assert (again[0] == sensitivity).all()
    assert not (REVIEW.draws(seed=[8], count=40_000)[0] == sensitivity).all()


def test_the_interval_of_a_corrected_rate_is_wider_than_without_the_error_and_holds_the_rate() -> None:
    sure = rate_interval(300, 1000, Review(10**7, 0, 0, 10**7), seed=[1])
    found = rate_interval(270, 1000, REVIEW, seed=[1])
    assert sure is not None
    assert found is not None
    assert (sure.low, sure.high) == pytest.approx((0.272, 0.329), abs=0.002)  # Jeffreys of 300 of 1000
    assert found.low < 0.3 < found.high
    assert found.high - found.low > sure.high - sure.low
    assert rate_interval(0, 0, REVIEW, seed=[1]) is None
    assert rate_interval(5, 10, Review(1, 9, 9, 10), seed=[1]) is None


def test_the_rate_runs_between_the_match_thresholds() -> None:
    loose = Threshold(0.5, overlap=290, of=1000, review=Review(98, 2, 10, 1000))
    strict = Threshold(0.99, overlap=240, of=1000)
    assert between_thresholds([loose, strict]) == pytest.approx((0.24, (0.29 - 0.01) / (0.98 - 0.01)))
    assert between_thresholds([Threshold(0.5, 0, 0)]) is None
