"""Inspected samples: Wilson by statsmodels, strata by simulation, refusals, and samples that found nobody."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta
from statsmodels.stats.proportion import proportion_confint

from compliance.estimates.audits import Beta, active_share, sensitivity, specificity
from compliance.estimates.sampling import Sample, corrected, inspection, margin, size_for

PLAIN = Sample("all", drawn=500, not_inspected=0, registered=120, unregistered=280)


def test_a_simple_sample_has_wilsons_interval() -> None:
    found = inspection([PLAIN])
    assert (found.share, found.found_share, found.effective, found.obliged) == (0.3, 0.3, 400, None)
    oracle = proportion_confint(120, 400, method="wilson")
    assert (found.interval.low, found.interval.high) == pytest.approx(oracle)


def test_four_hundred_inspections_tell_a_share_of_thirty_percent_to_four_and_a_half_points() -> None:
    assert margin(0.3, 400) == pytest.approx(0.045, abs=0.0005)
    assert size_for(0.3, 0.045) == pytest.approx(400, abs=6)


@given(share=st.floats(0, 1), wanted=st.floats(0.005, 0.4), population=st.none() | st.integers(1, 10**6))
def test_the_size_is_the_fewest_that_keep_the_margin(share: float, wanted: float, population: int | None) -> None:
    size = size_for(share, wanted, population)
    assert margin(share, size, population) <= wanted
    assert size == 1 or margin(share, size - 1, population) > wanted


def test_an_inspected_nation_has_no_margin_left() -> None:
    found = inspection([replace(PLAIN, population=500)])
    assert found.interval.low == found.interval.high == 0.3
    assert (found.obliged, found.unregistered) == (400, 280)
    part = inspection([replace(PLAIN, population=1_000)]).interval
    whole = inspection([PLAIN]).interval
    assert whole.low < part.low < 0.3 < part.high < whole.high


def test_offenders_that_inspectors_do_not_recognise_lower_the_share() -> None:
    found = inspection([replace(PLAIN, population=10_000)], multiplier=2)
    assert found.share == pytest.approx(120 / (120 + 560))
    assert found.unregistered == pytest.approx(2 * 280 * 20)
    assert found.interval.low < found.share < found.interval.high
    with pytest.raises(ValueError, match="multiplier"):
        inspection([PLAIN], multiplier=0.9)


def test_refusals_are_shown_as_what_they_could_hide() -> None:
    found = inspection([replace(PLAIN, drawn=600, not_inspected=100)])
    assert (found.share, found.worst, found.best) == (0.3, 120 / 500, 220 / 500)


def test_strata_weigh_by_their_populations() -> None:
    few = Sample("large", 100, 0, 60, 40, population=100)
    many = Sample("small", 100, 0, 10, 90, population=9_900)
    found = inspection([few, many])
    assert found.share == pytest.approx((60 + 990) / 10_000)
    # Nearly all of the doubt is that of the hundred small ones.
    assert found.effective == pytest.approx(100, rel=0.1)


def test_the_interval_of_strata_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    sizes, obliged, shares, drawn = (3_000, 400), (0.4, 0.9), (0.2, 0.7), (150, 80)
    truth = sum(n * o * r for n, o, r in zip(sizes, obliged, shares, strict=True)) / sum(
        n * o for n, o in zip(sizes, obliged, strict=True)
    )
    held = 0
    for _ in range(400):
        samples = []
        for name, n, o, r, d in zip("ab", sizes, obliged, shares, drawn, strict=True):
            good, bad, _ = rng.multivariate_hypergeometric(
                [round(n * o * r), round(n * o * (1 - r)), n - round(n * o * r) - round(n * o * (1 - r))], d
            )
            samples.append(Sample(name, d, 0, int(good), int(bad), n))
        interval = inspection(samples).interval
        held += interval.low <= truth <= interval.high
    assert held / 400 == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(
    "samples", [[], [Sample("a", 0, 0, 0, 0)], [Sample("a", 10, 10, 0, 0)], [Sample("a", 10, 2, 0, 0, 50)]]
)
def test_no_share_is_given_when_nobody_obliged_was_found(samples: list[Sample]) -> None:
    found = inspection(samples)
    assert (found.share, found.interval, found.worst) == (None, None, None)
    assert "No obliged operation" in found.why_none


def test_a_stratum_that_nobody_could_inspect_leaves_the_population_unscaled() -> None:
    found = inspection([replace(PLAIN, population=900), Sample("shut", 20, 20, 0, 0, 300)])
    assert (found.share, found.obliged) == (0.3, None)
    assert found.worst < 0.3 < found.best


@pytest.mark.parametrize(("registered", "share"), [(0, 0.0), (50, 1.0)])
def test_all_or_none_registered_keeps_an_interval(registered: int, share: float) -> None:
    strata = [
        Sample("a", 50, 0, registered, 50 - registered, 1_000),
        Sample("b", 50, 0, registered, 50 - registered, 9_000),
    ]
    found = inspection(strata)
    assert found.share == share
    assert 0.02 < found.interval.high - found.interval.low < 0.2


stratum = st.builds(
    lambda out, good, bad, other, more: Sample(
        "s", out + good + bad + other, out, good, bad, out + good + bad + other + more
    ),
    *[st.integers(0, 40)] * 4,
    st.integers(0, 10**6),
)


@given(samples=st.lists(stratum, max_size=5), multiplier=st.floats(1, 5))
def test_the_figures_are_in_order(samples: list[Sample], multiplier: float) -> None:
    found = inspection(samples, multiplier=multiplier)
    if found.share is None:
        return
    assert 0 <= found.interval.low <= found.share + 1e-12
    assert found.share <= found.interval.high + 1e-12 <= 1 + 1e-9
    assert found.worst <= found.best
    assert found.share <= found.found_share + 1e-12


def test_strata_without_populations_and_impossible_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="population"):
        inspection([PLAIN, PLAIN])
    for wrong in ({"registered": -1}, {"drawn": 399}, {"population": 499}):
        with pytest.raises(ValueError, match="all:"):
            replace(PLAIN, **wrong)


def test_the_multiplier_of_one_changes_nothing() -> None:
    assert corrected(0.3, 1) == pytest.approx(0.3)
    assert (corrected(0.0, 3), corrected(1.0, 3)) == (0, 1)


def test_the_active_share_starts_at_ninety_five_in_a_hundred_and_learns() -> None:
    assert active_share() == Beta(9.5, 0.5)
    assert active_share().mean == 0.95
    audited = active_share(70, 30)
    assert audited.mean == pytest.approx(79.5 / 110)
    narrow, wide = audited.interval(), active_share().interval()
    assert narrow.high - narrow.low < wide.high - wide.low


def test_the_error_of_matching_is_learnt_from_a_review() -> None:
    found = sensitivity(190, 10)
    assert (found.a, found.b) == (190.5, 10.5)
    assert found.interval().low == pytest.approx(beta.ppf(0.025, 190.5, 10.5))
    assert specificity(999, 1).mean == pytest.approx(999.5 / 1_001)
    draws = found.draws(seed=[1, 2], count=20_000)
    assert (draws == found.draws(seed=[1, 2], count=20_000)).all()
    assert draws.mean() == pytest.approx(found.mean, abs=1e-3)


def test_beliefs_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Beta(0, 1)
    with pytest.raises(ValueError, match="not negative"):
        active_share(-1)
    with pytest.raises(ValueError, match="margin"):
        size_for(0.3, math.nan)
