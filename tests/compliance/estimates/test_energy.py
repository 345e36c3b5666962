"""Operations by energy: corners, the lognormal against draws, the bounds of the index, and ranges that conflict."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.estimates.energy import Range, agreement, kw_per_operation, operations, power_kw_left, share
from compliance.estimates.hash_rate import Device, break_even_j_per_th, power_bounds

positive = st.floats(0.01, 1e6)
ranges = st.tuples(positive, positive).map(lambda ends: Range(min(ends), max(ends)))


@given(power=ranges, each=ranges)
def test_the_lognormal_range_lies_within_the_corners(power: Range, each: Range) -> None:
    found = operations(power, each)
    assert found.lowest * (1 - 1e-9) <= found.low <= found.median <= found.high
    assert found.high <= found.highest * (1 + 1e-9)
    assert found.mean >= found.median * (1 - 1e-12)


def test_the_lognormal_is_that_of_draws() -> None:
    rng = np.random.default_rng(5)
    z = 1.6448536269514722
    power, each = Range(1_000, 3_000), Range(2, 5)
    drawn = [
        np.exp(rng.normal(math.log(math.sqrt(one.low * one.high)), math.log(one.high / one.low) / (2 * z), 400_000))
        for one in (power, each)
    ]
    numbers = drawn[0] / drawn[1]
    found = operations(power, each)
    assert [found.low, found.median, found.high] == pytest.approx(np.quantile(numbers, [0.05, 0.5, 0.95]), rel=0.01)
    assert [found.mean, found.sd] == pytest.approx([numbers.mean(), numbers.std()], rel=0.01)


def test_a_range_that_starts_at_nothing_has_corners_and_no_more() -> None:
    found = operations(Range(0, 100), Range(2, 4))
    assert (found.lowest, found.highest, found.median) == (0, 50, None)
    assert operations(Range(10, 100), Range(0, 4)).highest is None
    with pytest.raises(ValueError, match="draws some power"):
        operations(Range(1, 2), Range(0, 0))


def test_what_does_not_mine_is_taken_off_corner_by_corner() -> None:
    assert power_kw_left(Range(1_000, 1_500), Range(100, 200), Range(50, 60)) == Range(740, 1_350)
    assert power_kw_left(Range(10, 20), Range(15, 30)) == Range(0, 5)


def test_the_mean_power_is_weighted_by_what_each_operation_stands_for() -> None:
    found = kw_per_operation([2.0, 10.0, 100.0], [70, 25, 5])
    assert found.mean_kw == pytest.approx(8.9)
    assert found.range_kw.low < found.mean_kw < found.range_kw.high
    even = kw_per_operation([3.0, 5.0, 7.0, 9.0])
    assert even.se_kw == pytest.approx(np.std([3, 5, 7, 9], ddof=1) / 2)


@pytest.mark.parametrize(("kw", "mean"), [([], None), ([5.0], 5.0), ([0.0, 0.0], 0.0)])
def test_too_few_measured_give_no_range(kw: list[float], mean: float | None) -> None:
    found = kw_per_operation(kw)
    assert (found.mean_kw, found.se_kw, found.range_kw) == (mean, None, None)


def test_a_share_by_energy_is_a_range_when_the_whole_is_one() -> None:
    found = share(300, Range(1_000, 1_500))
    assert (found.low, found.high, found.exceeds) == (0.2, 0.3, False)


@pytest.mark.parametrize(
    ("part", "whole", "high"), [(1_200, Range(1_000, 1_500), 1.0), (2_000, Range(500, 1_000), 1.0)]
)
def test_more_registered_than_there_is_gets_said(part: float, whole: Range, high: float) -> None:
    found = share(part, whole)
    assert (found.high, found.exceeds) == (high, True)


def test_intervals_agree_where_they_overlap_and_else_conflict() -> None:
    assert (agreement((10, 20), (15, 40)).low, agreement((10, 20), (15, 40)).high) == (15, 20)
    apart = agreement((10, 20), (30, 40))
    assert (apart.conflict, apart.low, apart.gap) == (True, None, 1.5)
    assert agreement((10, 20), (20, 30)).overlap
    with pytest.raises(ValueError, match="lower end first"):
        agreement((2, 1), (0, 1))


@given(one=st.tuples(positive, positive).map(sorted), other=st.tuples(positive, positive).map(sorted))
def test_agreement_does_not_depend_on_who_is_asked_first(one: list[float], other: list[float]) -> None:
    assert agreement(tuple(one), tuple(other)) == agreement(tuple(other), tuple(one))


CATALOGUE = [Device("new", 15), Device("middle", 20), Device("old", 30), Device("museum", 100)]


def test_the_bounds_of_the_index_are_worked_by_hand() -> None:
    # 0.05 a kWh and 0.05 per TH/s and day: 0.05 × 1000 / (24 × 1.10 × 0.05) = 37.88 J/TH; the museum piece is out.
    found = power_bounds(1e6, CATALOGUE, hash_price=0.05, price_per_kwh=0.05)
    assert found.break_even_j_per_th == pytest.approx(37.8788, abs=1e-4)
    assert found.profitable == 3
    assert found.lower_kw == pytest.approx(1e6 * 15 * 1.01 / 1000)
    assert found.best_kw == pytest.approx(1e6 * 65 / 3 * 1.10 / 1000)
    assert found.upper_kw == pytest.approx(1e6 * 30 * 1.20 / 1000)


def test_no_best_figure_is_given_when_no_device_earns_its_electricity() -> None:
    found = power_bounds(1e6, CATALOGUE, hash_price=0.01, price_per_kwh=0.1)
    assert (found.profitable, found.best_kw, found.upper_kw) == (0, None, None)
    assert found.lower_kw > 0


def test_every_device_pays_when_electricity_is_free() -> None:
    assert break_even_j_per_th(0.05, 0) is None
    assert power_bounds(1, CATALOGUE, hash_price=0.05, price_per_kwh=0).upper_j_per_th == 100


@given(
    efficiencies=st.lists(st.floats(5, 200), min_size=1, max_size=20),
    hash_price=st.floats(0, 1),
    price=st.floats(0, 1),
    ths=st.floats(0, 1e9),
)
def test_the_bounds_are_in_order(efficiencies: list[float], hash_price: float, price: float, ths: float) -> None:
    catalogue = [Device(str(at), one) for at, one in enumerate(efficiencies)]
    found = power_bounds(ths, catalogue, hash_price=hash_price, price_per_kwh=price)
    if found.best_kw is not None:
        assert found.lower_kw <= found.best_kw * (1 + 1e-12)
        assert found.best_kw <= found.upper_kw * (1 + 1e-12)


@pytest.mark.parametrize("wrong", [(-1, 1), (2, 1), (0, math.inf), (math.nan, 1)])
def test_ranges_that_cannot_be_are_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="range"):
        Range(*wrong)
