"""Repeats on one list: statsmodels as the oracle of truncated models, and what must hold for every set of counts."""

import json
import math
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import gammaln
from statsmodels.discrete.truncated_model import TruncatedLFPoisson

from compliance.estimates.closed_repeats import closed_lower_bound, closed_m0, closed_mh
from compliance.estimates.heterogeneity import FORMS
from compliance.estimates.one_inflation import one_inflated_geometric, one_inflated_geometric_regression
from compliance.estimates.repeats import (
    Repeats,
    RepeatsRefused,
    chao,
    one_inflation,
    rate,
    truncated_geometric,
    truncated_poisson,
    turing,
    zelterman,
)
from compliance.estimates.repeats_report import repeats_report
from compliance.estimates.truncated_regression import RegressionRefused, truncated_poisson_regression

DUTCH = Repeats({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
any_repeats = st.builds(Repeats, st.dictionaries(st.integers(1, 12), st.integers(0, 10**6), max_size=6))
later = st.dictionaries(st.integers(3, 8), st.integers(0, 10**4), max_size=3)
seen_twice = st.builds(
    lambda once, twice, more: Repeats({1: once, 2: twice, **more}), st.integers(1, 10**5), st.integers(1, 10**5), later
)
ODD: list[dict[int, int]] = [
    {},
    {1: 0},
    {1: 1},
    {1: 5},
    {2: 5},
    {5: 3},
    {1: 10**6, 2: 1},
    {1: 3, 2: 1, 900: 1},
    {1: 10, 3: 1},
    {1: 10**9, 2: 10**8},
    {1: 10**12, 3: 2, 12: 30},
    {2: 10**5, 9999: 10**12},
    {2: 1, 19: 400, 60: 10**12},
]


def every(repeats: Repeats) -> list[Any]:
    return [
        truncated_poisson(repeats),
        truncated_poisson(repeats, interval="profile"),
        chao(repeats),
        chao(repeats, corrected=True),
        zelterman(repeats),
        turing(repeats),
        truncated_geometric(repeats),
        *(closed_mh(repeats, form) for form in FORMS),
        closed_m0(repeats),
        closed_lower_bound(repeats),
        one_inflated_geometric(repeats),
    ]


@given(repeats=any_repeats)
@settings(max_examples=15)
def test_every_estimator_gives_at_least_what_was_seen_or_says_why_not(repeats: Repeats) -> None:
    for found in every(repeats):
        if found.n is None:
            assert found.why_none.endswith(".")
        else:
            assert math.isfinite(found.n)
            assert found.n >= repeats.n * (1 - 1e-9)
            if found.interval is not None:
                assert repeats.n * (1 - 1e-9) <= found.interval.low <= found.interval.high < math.inf
    assert one_inflation(repeats).fires in (True, False)


@pytest.mark.parametrize("counts", ODD, ids=str)
def test_odd_counts_never_crash(counts: dict[int, int], capfd: pytest.CaptureFixture[str]) -> None:
    for found in every(Repeats(counts)):
        assert found.n is not None or found.why_none
        if found.n is not None and found.interval is not None:
            assert found.interval.low * (1 - 1e-9) <= found.n <= found.interval.high * (1 + 1e-9)
    json.dumps(repeats_report(counts).to_json(), allow_nan=False)
    # LAPACK writes to standard output what it does not like, and there a command prints its JSON.
    assert not capfd.readouterr().out


@pytest.mark.parametrize("counts", [{0: 5}, {-1: 5}, {1: -5}, {1.5: 5}, {1: 2.5}, {True: 5}, {"1": 5}])
def test_what_no_counts_can_be_is_refused(counts: Any) -> None:
    with pytest.raises(RepeatsRefused, match="whole number"):
        Repeats(counts)


@given(repeats=seen_twice)
def test_the_rate_fits_the_mean(repeats: Repeats) -> None:
    at = rate(repeats)
    assert at is not None
    assert at / -math.expm1(-at) == pytest.approx(repeats.sightings / repeats.n, rel=1e-10)


def test_nothing_seen_twice_gives_no_rate() -> None:
    assert rate(Repeats({1: 7})) is None
    assert truncated_poisson(Repeats({1: 7})).why_none.startswith("Nothing was seen twice")


def test_the_truncated_poisson_is_that_of_statsmodels() -> None:
    times = np.repeat(list(DUTCH.counts), list(DUTCH.counts.values()))
    theirs = TruncatedLFPoisson(times, np.ones((len(times), 1))).fit(disp=0, method="newton", tol=1e-12)
    found = truncated_poisson(DUTCH)
    assert math.log(rate(DUTCH) or 0) == pytest.approx(theirs.params[0], abs=1e-7)
    assert (found.log_likelihood, found.aic) == (pytest.approx(theirs.llf), pytest.approx(theirs.aic))


def test_the_profile_interval_falls_by_the_quantile_at_its_ends() -> None:
    """Independent check: the likelihood of N and λ, maximised over λ by scipy."""
    found = truncated_poisson(DUTCH, interval="profile")
    assert found.interval is not None

    def likelihood(size: float) -> float:
        best = minimize(lambda at: size * at[0] - DUTCH.sightings * math.log(at[0]), [0.3], bounds=[(1e-6, 5)])
        return float(gammaln(size + 1) - gammaln(size - DUTCH.n + 1) - best.fun)

    top = max(likelihood(size) for size in np.linspace(7040, 7110, 36))
    for end in (found.interval.low, found.interval.high):
        assert top - likelihood(end) == pytest.approx(3.841458820694124 / 2, abs=1e-3)


@given(repeats=seen_twice)
@settings(max_examples=10)
def test_chao_is_the_lower_bound_of_rcapture(repeats: Repeats) -> None:
    classic, model = chao(repeats, corrected=False), closed_lower_bound(repeats)
    assert model.bound
    assert classic.bound
    assert model.n == pytest.approx(classic.n, rel=1e-6)
    assert model.se == pytest.approx(classic.se, rel=1e-5)


def test_chao_has_a_quarter_where_a_library_has_0_24() -> None:
    """r⁴ / 4, by the delta method on f1² / (2 f2) with Poisson counts."""
    once, twice = 1645.0, 183.0
    by_once, by_twice = once / twice, -(once**2) / (2 * twice**2)
    unseen = once**2 / (2 * twice)
    delta = by_once**2 * once + by_twice**2 * twice
    assert chao(DUTCH).se == pytest.approx(math.sqrt(delta + unseen))


def test_chao_is_bias_corrected_by_itself_only_where_nobody_was_seen_twice() -> None:
    assert chao(DUTCH).method == "Chao"
    found = chao(Repeats({1: 10, 3: 1}))
    assert (found.method, found.n) == ("Chao, bias-corrected", 11 + 45)
    assert chao(Repeats({1: 10, 3: 1}), corrected=False).n is None


def simulated(rng: np.random.Generator, times: Any) -> Repeats:
    values, counts = np.unique(times[times > 0], return_counts=True)
    return Repeats(dict(zip(values.tolist(), counts.tolist(), strict=True)))


def test_equal_rates_are_estimated_and_unequal_ones_are_bounded() -> None:
    rng = np.random.default_rng(np.random.SeedSequence(20261128))
    equal = simulated(rng, rng.poisson(0.8, 100_000))
    unequal = simulated(rng, rng.poisson(rng.gamma(1.0, 0.8, 100_000)))
    for method in (truncated_poisson, chao, zelterman):
        assert method(equal).n == pytest.approx(100_000, rel=0.02)
        assert (method(unequal).n or 0) < 95_000
    assert not one_inflation(equal).fires
    assert one_inflation(unequal).fires


def test_the_test_for_one_inflation_holds_its_level() -> None:
    """Under the Poisson the deviations have mean 0 and variance 1."""
    rng = np.random.default_rng(np.random.SeedSequence(7))
    deviations = [one_inflation(simulated(rng, rng.poisson(0.7, 3000))).deviations or 0 for _ in range(400)]
    assert np.mean(deviations) == pytest.approx(0, abs=0.2)
    assert np.std(deviations) == pytest.approx(1, abs=0.15)


def test_operations_that_move_away_once_seen_are_found_and_the_geometric_allows_for_them() -> None:
    rng = np.random.default_rng(np.random.SeedSequence(11))
    times = rng.geometric(1 / 1.9, 60_000) - 1
    times[(rng.random(60_000) < 0.15)] = 1
    repeats = simulated(rng, times)
    assert one_inflation(repeats).fires
    found = one_inflated_geometric(repeats)
    assert found.n == pytest.approx(60_000, rel=0.05)
    assert found.interval is not None
    assert found.interval.low < 60_000 < found.interval.high
    assert (chao(repeats).n or 0) > 1.1 * 60_000 * 0.9


def regression_data(seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    design = np.column_stack([np.ones(4000), rng.integers(0, 2, 4000), rng.normal(0, 1, 4000)])
    times = rng.poisson(np.exp(design @ [-0.6, 0.8, 0.3]))
    return times[times > 0], design[times > 0]


def test_the_regression_is_that_of_statsmodels() -> None:
    times, design = regression_data(3)
    theirs = TruncatedLFPoisson(times, design).fit(disp=0, method="newton", tol=1e-12)
    ours = truncated_poisson_regression(times, design)
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-6)
    assert ours.errors == pytest.approx(theirs.bse, rel=1e-4)
    assert ours.estimate.log_likelihood == pytest.approx(theirs.llf)
    assert ours.estimate.aic == pytest.approx(theirs.aic)
    assert ours.estimate.n == pytest.approx(4000, rel=0.05)


def test_the_regression_without_covariates_is_the_truncated_poisson() -> None:
    times = list(DUTCH.counts)
    ours = truncated_poisson_regression(times, np.ones((6, 1)), list(DUTCH.counts.values())).estimate
    plain = truncated_poisson(DUTCH)
    assert (ours.n, ours.se) == (pytest.approx(plain.n), pytest.approx(plain.se, rel=1e-6))
    assert (ours.log_likelihood, ours.bic) == (pytest.approx(plain.log_likelihood), pytest.approx(plain.bic))


def test_a_row_that_stands_for_several_operations_counts_as_often() -> None:
    times, design = regression_data(5)
    design = np.round(design)
    one = truncated_poisson_regression(np.repeat(times, 2), np.repeat(design, 2, axis=0)).estimate
    two = truncated_poisson_regression(times, design, np.full(len(times), 2)).estimate
    assert one.n == pytest.approx(two.n)
    assert one.se == pytest.approx(two.se)


def test_a_kind_of_operations_all_seen_once_gives_no_estimate() -> None:
    found = truncated_poisson_regression([1, 1, 2, 3], [[1, 0], [1, 0], [1, 1], [1, 1]]).estimate
    assert (found.n, found.why_none) == (
        None,
        "Some kinds of operations were all seen once, so their rate has no end.",
    )


@pytest.mark.parametrize(
    ("times", "design", "weights", "said"),
    [
        ([0, 1], [[1], [1]], None, "1 or more"),
        ([1.5, 1], [[1], [1]], None, "whole"),
        ([1, float("nan")], [[1], [1]], None, "whole"),
        ([1, 2], [[1]], None, "one row"),
        ([1, 2], [[1, 1], [1, 1]], None, "follows from the others"),
        ([1, 2], [[1], [float("inf")]], None, "finite"),
        ([1, 2], [[1], [1]], [1], "one weight"),
        ([1, 2], [[1], [1]], [-1, 1], "zero or more"),
        ([1, 2], [[1], [1]], [0, 0], "not all zero"),
        ([], np.empty((0, 1)), None, "not all zero"),
    ],
)
def test_rows_that_cannot_be_regressed_are_refused(times: Any, design: Any, weights: Any, said: str) -> None:
    with pytest.raises(RegressionRefused, match=said):
        truncated_poisson_regression(times, design, weights)
    if len(np.shape(design)) == 2 and len(times) == len(design):
        with pytest.raises(RegressionRefused, match=said):
            one_inflated_geometric_regression(times, design, design, weights)


def test_the_one_inflated_geometric_is_at_its_maximum() -> None:
    """The likelihood by its definition, maximised without derivatives, from the counts that were printed."""
    found = one_inflated_geometric(DUTCH)
    times, counts = np.array(list(DUTCH.counts)), np.array(list(DUTCH.counts.values()))

    def fall(at: Any) -> float:
        mean, share = math.exp(at[0]), 1 / (1 + math.exp(-at[1]))
        chances = (1 - share) * mean**times / (1 + mean) ** (times + 1) + share * (times == 1)
        return -float(counts @ np.log(chances / (1 - (1 - share) / (1 + mean))))

    best = minimize(fall, [-1.0, -1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000})
    mean, share = math.exp(best.x[0]), 1 / (1 + math.exp(-best.x[1]))
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-7)
    assert found.n == pytest.approx(DUTCH.n * (1 + mean) / (mean + share), rel=1e-5)


def test_m0_is_the_poisson_regression_of_statsmodels() -> None:
    k = np.arange(1, 7)
    theirs = sm.GLM(DUTCH.frequencies, sm.add_constant(k), sm.families.Poisson(), offset=-gammaln(k + 1)).fit(tol=1e-12)
    found = closed_m0(DUTCH)
    assert found.n == pytest.approx(DUTCH.n + math.exp(theirs.params[0]))
    assert (found.deviance, found.aic, found.df) == (pytest.approx(theirs.deviance), pytest.approx(theirs.aic), 4)


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_of_unequal_rates_are_the_regressions_of_statsmodels(form: str) -> None:
    k = np.arange(1.0, 7.0)
    design = np.column_stack([np.ones(6), k, FORMS[form](k)])
    theirs = sm.GLM(DUTCH.frequencies, design, sm.families.Poisson(), offset=-gammaln(k + 1)).fit(tol=1e-12)
    found = closed_mh(DUTCH, form)
    assert found.n == pytest.approx(DUTCH.n + math.exp(theirs.params[0]), rel=1e-6)
    assert (found.deviance, found.aic, found.df) == (pytest.approx(theirs.deviance), pytest.approx(theirs.aic), 3)


def test_the_forms_say_what_they_need() -> None:
    assert "three of them at least" in closed_mh(Repeats({1: 9, 2: 3}), "Darroch").why_none
    assert "more than 20 times" in closed_mh(Repeats({1: 9, 2: 3, 30: 1}), "Poisson2").why_none


@given(repeats=seen_twice)
def test_the_geometric_is_at_its_maximum_and_is_the_one_inflated_without_inflation(repeats: Repeats) -> None:
    found = truncated_geometric(repeats)
    assert found.n is not None
    assert found.log_likelihood is not None

    def likelihood(at: float) -> float:
        return (repeats.sightings - repeats.n) * math.log(at) - repeats.sightings * math.log1p(at)

    at = repeats.n / (found.n - repeats.n)
    assert found.log_likelihood == pytest.approx(likelihood(at), rel=1e-6)
    assert likelihood(at) >= max(likelihood(at * 0.99), likelihood(at * 1.01))
    # P(k | seen) = λ^(k − 1) / (1 + λ)^k, which is the inflated one with a share of 0.
    told = sum(count * ((k - 1) * math.log(at) - k * math.log1p(at)) for k, count in repeats.counts.items())
    assert found.log_likelihood == pytest.approx(told, rel=1e-6)


@pytest.mark.parametrize("estimator", [turing, truncated_geometric, truncated_poisson])
def test_the_errors_of_repeats_are_those_of_populations_drawn_anew(estimator: Any) -> None:
    random = np.random.default_rng(3)
    figures, errors = [], []
    for _ in range(800):
        seen = random.geometric(0.5, 4000) - 1 if estimator is truncated_geometric else random.poisson(0.8, 4000)
        found = estimator(Repeats({k: int((seen == k).sum()) for k in range(1, int(seen.max()) + 1)}))
        figures.append(found.n)
        errors.append(found.se)
    assert np.mean(figures) == pytest.approx(4000, rel=0.005)
    assert np.mean(errors) == pytest.approx(np.std(figures), rel=0.08)


def test_repeats_that_were_all_as_many_tell_nothing() -> None:
    found = repeats_report({5: 100})
    assert found.headline.status == "none"
    assert found.headline.sentence.startswith("Cannot be told: all 100 operations were seen exactly 5 times;")
    assert [each.code for each in found.notices] == ["B04"]


def test_counts_that_no_poisson_makes_are_said_to_fit_poorly() -> None:
    # Half are seen seldom, half often; seven numbers of sightings leave five degrees of freedom.
    found = repeats_report({1: 300, 2: 80, 3: 20, 4: 40, 5: 80, 6: 120, 7: 150})
    notice = next(each for each in found.notices if each.code == "W11")
    assert "does not describe the counts" in notice.message
    assert notice.facts["df"] == 5
    assert "W11" not in {each.code for each in repeats_report(DUTCH.counts).notices}


def test_one_operation_seen_ten_thousand_times_breaks_nothing() -> None:
    found = repeats_report({1: 3, 9999: 1})
    assert found.headline.n is None
    assert found.headline.at_least == 4


def test_without_anybody_seen_twice_no_more_is_claimed_than_was_seen() -> None:
    assert repeats_report({1: 20}).headline.at_least == 20
