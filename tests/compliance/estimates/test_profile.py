"""Profile intervals against scipy's own maximum of the whole likelihood, and where they have no end."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy.special import gammaln

from compliance.estimates.loglinear import NoEstimate, fit, parse_model
from compliance.estimates.profile import multinomial_interval, poisson_interval
from compliance.estimates.selection import search
from compliance.estimates.tables import Table
from compliance.estimates.terms import design, masks
from tests.compliance.estimates.capture_tables import full, rubbish, table_of
from tests.published.published import table as published


def fallen(table: Table, model: str, unseen: float) -> float:
    """−2 log of the multinomial likelihood at this many unseen, maximised by scipy without a derivative of ours."""
    matrix = np.vstack(
        [design(table.k, masks(table.k, parse_model(model))), [1.0] + [0.0] * (table.k + model.count(",") + 1)]
    )
    counts = np.append(table.counts, unseen)

    def loss(b: np.ndarray) -> float:
        return float(np.exp(matrix @ b).sum() - counts @ (matrix @ b))

    start = fit(table, parse_model(model)).coefficients
    best = optimize.minimize(loss, start, jac=lambda b: matrix.T @ (np.exp(matrix @ b) - counts), tol=1e-12)
    shares = np.exp(matrix @ best.x)
    shares /= shares.sum()
    return -2 * float(gammaln(counts.sum() + 1) - gammaln(counts + 1).sum() + counts @ np.log(shares))


def test_the_likelihood_has_fallen_by_the_same_at_both_ends() -> None:
    table = published("spina")
    interval = multinomial_interval(table, parse_model("[12,23]"))
    ends = [fallen(table, "[12,23]", bound - table.n) for bound in (interval.low, interval.high)]
    least = optimize.minimize_scalar(
        lambda unseen: fallen(table, "[12,23]", unseen), bounds=(50, 400), method="bounded"
    )
    assert ends == pytest.approx([least.fun + 3.841458820694124] * 2, abs=1e-4)


@given(full(2, 4))
def test_the_estimate_lies_inside(table: Table) -> None:
    estimate = fit(table).n
    for interval in (multinomial_interval(table, ()), poisson_interval(table, ())):
        assert table.n <= interval.low <= estimate + 1
        assert estimate - 1 <= interval.high
        assert math.isfinite(interval.high)


@settings(max_examples=20)
@given(full(3, 3), st.floats(0.5, 0.9))
def test_the_interval_widens_with_its_level(table: Table, level: float) -> None:
    narrow, wide = multinomial_interval(table, (), level=level), multinomial_interval(table, (), level=0.99)
    assert wide.low <= narrow.low <= narrow.high <= wide.high


@pytest.mark.parametrize(
    ("counts", "model"),
    [
        # Next to nobody unseen by the estimate: one or two could be all the same.
        ([192, 0, 40, 1, 0, 0, 4569390], "[]"),
        # Billions by the estimate, of the kind where the terms of a likelihood drown one another.
        ([159701, 117716, 3, 738, 1, 3, 29], "[12,13,23]"),
    ],
)
def test_the_bounds_are_found_when_the_estimate_is_extreme(counts: list[int], model: str) -> None:
    table = table_of(counts, 3)
    terms = parse_model(model)
    estimate, wald = fit(table, terms), fit(table, terms).wald()
    for interval in (multinomial_interval(table, terms), poisson_interval(table, terms)):
        assert table.n <= interval.low < estimate.n < interval.high < math.inf
        if estimate.f0 > 1:
            assert (interval.low, interval.high) == pytest.approx((wald.low, wald.high), rel=1.5)
        else:
            assert interval.high - table.n < 10


@settings(max_examples=30)
@given(rubbish())
def test_rubbish_has_an_interval_or_no_estimate_and_never_a_crash(table: Table) -> None:
    try:
        terms = search(table).best.terms
    except NoEstimate:
        return
    for interval in (multinomial_interval(table, terms), poisson_interval(table, terms)):
        assert table.n <= interval.low <= interval.high
        assert math.isfinite(interval.high) == ("no upper bound" not in interval.how)
