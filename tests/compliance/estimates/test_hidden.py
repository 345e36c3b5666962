"""Exposure of the unseen: end by end, and what is unknown stays unknown."""

from decimal import Decimal

import pytest

from compliance.estimates.hidden import HiddenClass, exposure, total

SMALL = HiddenClass("small", 100, 150, 220, Decimal(1_000), Decimal(3_000), Decimal(500), 0.1)
LARGE = HiddenClass("large", 2, 4, 10, Decimal(10_000), Decimal(50_000), probability=0.5)


def test_each_end_is_the_number_times_the_fine_of_that_end() -> None:
    found = exposure(SMALL)
    assert (found.low, found.high) == (150_000, 770_000)
    assert (found.best_low, found.best_high) == (225_000, 525_000)
    assert (found.expected_low, found.expected, found.expected_high) == (25_000, 37_500, 55_000)


def test_classes_add_up_end_by_end() -> None:
    found = total([exposure(SMALL), exposure(LARGE)])
    assert (found.low, found.high) == (170_000, 1_270_000)
    assert found.expected == 37_500 + 60_000


def test_a_class_without_a_point_leaves_the_sum_without_one() -> None:
    ranged = HiddenClass("middle", 10, None, 90, Decimal(100), Decimal(200))
    found = total([exposure(SMALL), exposure(ranged)])
    assert (found.best_low, found.best_high, found.expected, found.expected_low) == (None, None, None, None)
    assert found.high == 770_000 + 18_000


def test_no_class_is_no_exposure() -> None:
    assert (total([]).low, total([]).high, total([]).expected) == (0, 0, 0)


@pytest.mark.parametrize(
    "numbers", [(5, 4, 9), (5, 10, 9), (-1, 2, 3), (1, 2, float("inf")), (1, 2, float("nan")), (7, None, 6)]
)
def test_numbers_out_of_order_are_refused(numbers: tuple) -> None:
    with pytest.raises(ValueError, match="small: the unseen"):
        HiddenClass("small", *numbers, Decimal(1), Decimal(2))
