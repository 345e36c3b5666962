"""Closed-population models, bounds and coverage: identities between them, statsmodels, and tables that allow none."""

import math
from itertools import permutations
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.estimates import bounds
from compliance.estimates.coverage import sample_coverage
from compliance.estimates.heterogeneity import (
    FORMS,
    chao2,
    closed_family,
    convexity,
    m0,
    mb,
    mbh,
    mh,
    mh_lower_bound,
    mt,
    mth,
    mth_lower_bound,
    normal_mixture,
)
from compliance.estimates.repeats import Repeats, chao
from compliance.estimates.results import Estimate
from compliance.estimates.tables import Table
from compliance.estimates.terms import canonical
from compliance.estimates.two_lists import lincoln_petersen
from tests.published.published import FILES, table

NAMES = "abcdefghij"


def tables(lists: int, least: int = 0, most: int = 500) -> st.SearchStrategy[Table]:
    cells = 2**lists - 1
    return st.lists(st.integers(least, most), min_size=cells, max_size=cells).map(
        lambda counts: Table(tuple(NAMES[:lists]), np.array(counts))
    )


def every(people: Table) -> list[Estimate]:
    covered = sample_coverage(people)
    return [
        *closed_family(people),
        mth_lower_bound(people),
        mh_lower_bound(people),
        chao2(people),
        normal_mixture(people),
        covered.independent,
        covered.high,
        covered.low,
    ]


def simulated(seed: int, population: int, chances: Any) -> Table:
    """A table of lists that see independently; `chances` (population or 1, lists)."""
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    seen = rng.random((population, np.shape(chances)[1])) < chances
    codes = (seen * (1 << np.arange(seen.shape[1]))).sum(axis=1)
    return Table(tuple(NAMES[: seen.shape[1]]), np.bincount(codes, minlength=2 ** seen.shape[1])[1:].astype(np.int64))


@given(people=st.integers(2, 4).flatmap(lambda lists: tables(lists, 0, 30)))
@settings(max_examples=40, deadline=None)
def test_every_model_gives_a_figure_or_says_why_not(people: Table) -> None:
    for found in every(people):
        assert found.n is not None or found.why_none
        assert found.n is None or math.isfinite(found.n)
        assert found.n is None or found.why_none or found.n >= people.n * (1 - 1e-9)


ODD = {
    "empty": (3, [0] * 7),
    "one list": (1, [5]),
    "all in one cell": (3, [0, 0, 0, 0, 0, 0, 50]),
    "one list empty": (3, [10, 20, 5, 0, 0, 0, 0]),
    "no overlap": (3, [10, 20, 0, 30, 0, 0, 0]),
    "one inside another": (3, [10, 0, 20, 10, 5, 0, 3]),
    "millions": (3, [10**9, 10**9, 10**7, 10**9, 10**7, 10**7, 10**5]),
    "one operation": (3, [1, 0, 0, 0, 0, 0, 0]),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_tables_never_crash(name: str) -> None:
    lists, counts = ODD[name]
    people = Table(tuple(NAMES[:lists]), np.array(counts))
    for found in every(people):
        assert found.n is not None or found.why_none
    assert convexity(people).convex in (True, False)


@pytest.mark.filterwarnings("ignore:Perfect separation")
@given(people=tables(3, 1))
@settings(max_examples=20, deadline=None)
def test_the_heterogeneous_models_are_those_of_statsmodels(people: Table) -> None:
    on = people.bits.sum(axis=1)
    for form, column in FORMS.items():
        design = np.column_stack([np.ones(7), people.bits, column(on.astype(float))])
        theirs = sm.GLM(people.counts, design, sm.families.Poisson()).fit(tol=1e-12)
        ours = mth(people, form)
        if ours.n is None or theirs.params[0] > 25:
            continue
        assert ours.n == pytest.approx(people.n + math.exp(theirs.params[0]), rel=1e-5)
        assert (ours.deviance, ours.aic) == (
            pytest.approx(theirs.deviance, rel=1e-5, abs=1e-5),
            pytest.approx(theirs.aic),
        )


def test_the_forms_fit_alike_and_differ_in_what_is_unseen() -> None:
    found = [mth(table("r_users"), form) for form in FORMS]
    assert len({round(one.deviance or 0, 6) for one in found}) == 1
    assert max(one.n or 0 for one in found) > 40 * min(one.n or 0 for one in found)


@given(people=tables(4, 1))
@settings(max_examples=20, deadline=None)
def test_the_bound_does_not_depend_on_the_order_of_the_lists(people: Table) -> None:
    first = mth_lower_bound(people).n
    for order in list(permutations(people.lists))[5::6]:
        assert mth_lower_bound(people.only(order)).n == pytest.approx(first, rel=1e-6)


@given(people=tables(4, 1))
@settings(max_examples=20, deadline=None)
def test_the_bound_ignores_who_is_on_three_lists_or_more_where_lists_are_alike(people: Table) -> None:
    """M_h's bound rests on f1 and f2 alone: it is Chao2."""
    assert mh_lower_bound(people).n == pytest.approx(chao2(people).n, rel=1e-6)


def test_an_excess_kept_nonnegative_never_fits_better() -> None:
    for name in FILES:
        free, kept = mth_lower_bound(table(name)), mth_lower_bound(table(name), nonnegative=True)
        assert (free.deviance or 0) <= (kept.deviance or 0) + 1e-6


def test_the_search_of_nonnegative_excesses_ends_where_rounding_leads_it_in_a_circle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fits = []

    def counted(*given: Any, of: Any = bounds.poisson.fit, **named: Any) -> Any:
        fits.append(given)
        return of(*given, **named)

    monkeypatch.setattr(bounds.poisson, "fit", counted)
    counts = {
        49: 10**12, 81: 10**5, 94: 10**8, 148: 10**8, 150: 10**12, 184: 10**5, 250: 10**12, 254: 10**5,
    }  # fmt: skip
    people = Table.of_histories(tuple("ABCDEFGH"), counts)
    assert mth_lower_bound(people, nonnegative=True).method == "Mth Chao (LB)"
    assert len(fits) < 20


def test_the_bound_is_near_the_truth_when_all_are_alike_and_below_it_when_not() -> None:
    chances = np.array([[0.2, 0.3, 0.15, 0.25]])
    even = simulated(1, 20_000, chances)
    easy = np.where(np.arange(20_000)[:, None] % 4 == 0, 2.5, 0.5)
    uneven = simulated(2, 20_000, chances * easy)
    for method in (mth_lower_bound, mt):
        assert method(even).n == pytest.approx(20_000, rel=0.03)
        assert (method(uneven).n or 0) < 19_000
    assert (mth_lower_bound(uneven).n or 0) > (mt(uneven).n or 0)
    assert convexity(uneven).convex
    assert not convexity(even).convex


def test_chao_without_the_factor_for_the_number_of_lists_is_no_bound() -> None:
    people = simulated(3, 20_000, np.full((1, 4), 0.2))
    f = people.frequencies
    plain = chao(Repeats({k + 1: int(count) for k, count in enumerate(f)}))
    assert (plain.n or 0) > 1.08 * 20_000
    assert chao2(people).n == pytest.approx(20_000, rel=0.03)


def test_chao2_is_bias_corrected_where_nobody_is_on_two_lists() -> None:
    found = chao2(Table(("a", "b", "c"), np.array([5, 3, 0, 2, 0, 0, 1])))
    assert (found.method, found.n) == ("Chao2, bias-corrected", pytest.approx(11 + 2 / 3 * 10 * 9 / 2))


def test_convexity_needs_more_than_chance() -> None:
    assert convexity(table("lesbian")).convex
    for name in ("congenital", "spina", "diabetes"):
        assert not convexity(table(name)).convex


def test_a_change_of_behaviour_is_estimated_where_there_is_one() -> None:
    """Chance 0.25 before the first capture, 0.6 after it, five occasions."""
    rng = np.random.default_rng(np.random.SeedSequence(4))
    seen = np.zeros((30_000, 5), dtype=np.int64)
    for at in range(5):
        seen[:, at] = rng.random(30_000) < np.where(seen.any(axis=1), 0.6, 0.25)
    codes = (seen << np.arange(5)).sum(axis=1)
    people = Table(tuple(NAMES[:5]), np.bincount(codes, minlength=32)[1:])
    for found in (mb(people), mbh(people)):
        assert found.n == pytest.approx(30_000, rel=0.05)
        assert found.se is not None
        assert found.interval is not None
        assert found.interval.low < 30_000 < found.interval.high
    assert (mt(people).n or 0) < 27_000


def test_the_error_of_mbh_is_that_of_the_delta_method() -> None:
    """Each coefficient moved by a little, numerically: the factor that Rcapture leaves out belongs there."""
    people = table("lesbian")
    right, theirs = mbh(people), mbh(people, as_rcapture=True)
    assert right.n == theirs.n
    assert right.se is not None
    assert theirs.se is not None
    bits = people.bits.astype(float)
    design = np.column_stack([np.ones(15), 1 - bits[:, 0], people.bits.argmax(axis=1), bits.sum(axis=1) - 1])
    model = sm.GLM(people.counts, design, sm.families.Poisson()).fit(tol=1e-12)

    def size(at: Any) -> float:
        gap = 1 + np.exp(at[3]) - np.exp(at[2])
        return float(np.exp(at[0]) * (1 + np.exp(at[3])) ** 3 * (1 + np.exp(at[1] + at[2]) / gap))

    steps = np.eye(4) * 1e-6
    slopes = np.array([(size(model.params + one) - size(model.params - one)) / 2e-6 for one in steps])
    assert right.n == pytest.approx(size(model.params), rel=1e-6)
    assert right.se == pytest.approx(math.sqrt(slopes @ model.cov_params() @ slopes - right.n), rel=1e-4)


def test_a_normal_spread_is_found_where_there_is_one() -> None:
    rng = np.random.default_rng(np.random.SeedSequence(5))
    logits = np.array([[-1.5, -1.0, -2.0, -1.2]]) + rng.normal(0, 0.9, (40_000, 1))
    people = simulated(6, 40_000, 1 / (1 + np.exp(-logits)))
    found = normal_mixture(people)
    assert found.interval is not None
    assert found.interval.low < 40_000 < found.interval.high
    assert (mt(people).n or 0) < 0.9 * 40_000


def test_no_spread_gives_no_estimate_instead_of_an_error() -> None:
    found = normal_mixture(table("spina"))
    assert found.n is None
    assert found.why_none


def test_interactions_go_with_heterogeneity() -> None:
    terms = canonical([(0, 1)])
    assert mth(table("lesbian"), "Darroch", terms).model == "[12]"
    assert mth_lower_bound(table("lesbian"), terms).model == "[12]"
    assert mt(table("lesbian"), terms).model == "[12]"


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="Poisson2, Darroch"):
        mh(table("lesbian"), "Weibull")


def test_two_lists_have_three_models_and_no_bound() -> None:
    people = Table(("a", "b"), np.array([781, 254, 167]))
    assert [one.method for one in closed_family(people)] == ["M0", "Mt", "Mb"]
    assert mth_lower_bound(people).why_none == bounds.TOO_FEW_LISTS
    assert m0(people).n is not None


@given(people=tables(4, 1))
@settings(max_examples=30, deadline=None)
def test_coverage_lies_between_0_and_1_and_low_coverage_refuses_the_high_form(people: Table) -> None:
    found = sample_coverage(people)
    assert found.coverage is not None
    assert 0 < found.coverage < 1
    assert found.enough == (found.coverage > 0.55)
    assert found.enough or found.high.n is None


def test_coverage_is_right_where_lists_are_independent() -> None:
    people = simulated(8, 20_000, np.array([[0.5, 0.4, 0.6, 0.45]]))
    found = sample_coverage(people)
    for one in (found.independent, found.high, found.low):
        assert one.n == pytest.approx(20_000, rel=0.02)


def test_coverage_is_zero_where_lists_never_overlap() -> None:
    found = sample_coverage(Table(("a", "b", "c"), np.array([10, 20, 0, 30, 0, 0, 0])))
    assert (found.coverage, found.independent.n) == (0, None)
    assert "No two lists" in found.independent.why_none


@given(n1=st.integers(2, 500), n2=st.integers(2, 500), share=st.floats(0.01, 1))
def test_the_error_of_coverage_over_two_lists_is_that_of_lincoln_and_petersen(n1: int, n2: int, share: float) -> None:
    both = max(1, round(share * min(n1, n2)))
    found = sample_coverage(Table(("a", "b"), np.array([n1 - both, n2 - both, both])))
    told = lincoln_petersen(n1, n2, both)
    assert found.independent.n == pytest.approx(told.n)
    assert found.independent.se == pytest.approx(told.se, abs=1e-4)


def test_the_errors_of_coverage_are_those_of_tables_drawn_anew() -> None:
    people = table("congenital")
    found = sample_coverage(people)
    for name in ("independent", "high", "low"):
        one = getattr(found, name)
        chances = np.append(people.counts, one.n - people.n) / one.n
        drawn = np.random.default_rng(5).multinomial(round(one.n), chances, size=1500)[:, :-1]
        figures = [getattr(sample_coverage(Table(people.lists, row)), name).n for row in drawn]
        assert one.se == pytest.approx(np.std([each for each in figures if each is not None]), rel=0.08)
        assert one.interval.low < one.n < one.interval.high
