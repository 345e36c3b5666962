"""Counts of repeats on populations whose size is known: no figure is published whose range misses it.

Cottontail rabbits of Edwards and Eberhardt 1967, taxicabs of Edinburgh (Carothers 1973), golf tees (Borchers, Buckland
and Zucchini 2002), polyps in two arms of a trial of bowel cancer, insured cars in Belgium 1958, purchases of a product,
and a test of bowel cancer on six days. The counts are those of Böhning and others' comparisons.
"""

from collections.abc import Mapping

import pytest

from compliance.estimates.repeats import Repeats, chao, truncated_poisson
from compliance.estimates.repeats_report import repeats_report

Known = tuple[int, int, Mapping[int, int]]
"""The size, how many were seen, and how many exactly k times."""

KNOWN: dict[str, Known] = {
    "rabbits": (135, 76, {1: 43, 2: 16, 3: 8, 4: 6, 6: 2, 7: 1}),
    "taxicabs": (420, 283, {1: 142, 2: 81, 3: 49, 4: 7, 5: 3, 6: 1}),
    "golf tees": (250, 162, {1: 46, 2: 28, 3: 21, 4: 13, 5: 23, 6: 14, 7: 6, 8: 11}),
    "polyps, low fibre": (
        584, 299, {1: 145, 2: 66, 3: 39, 4: 17, 5: 8, 6: 8, 7: 7, 8: 3, 9: 1, 11: 3, 22: 1, 28: 1},
    ),
    "polyps, high fibre": (
        722, 341,
        {1: 144, 2: 61, 3: 55, 4: 37, 5: 17, 6: 5, 7: 4, 8: 6, 9: 5, 10: 1, 11: 1, 31: 1, 44: 1, 57: 1, 70: 1, 77: 1},
    ),
    "cars": (9461, 1621, {1: 1317, 2: 239, 3: 42, 4: 14, 5: 4, 6: 4, 7: 1}),
    "purchases": (
        456, 354,
        {1: 54, 2: 49, 3: 62, 4: 44, 5: 25, 6: 26, 7: 15, 8: 15, 9: 10, 10: 10, 11: 10, 12: 10, 13: 3, 14: 3, 15: 5,
         16: 5, 17: 4, 18: 1, 19: 2, 20: 1},
    ),
    "bowel cancer": (122, 100, {1: 8, 2: 12, 3: 16, 4: 21, 5: 12, 6: 31}),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_chaos_bound_and_the_poisson_lie_below_the_truth(name: str) -> None:
    size, seen, counts = KNOWN[name]
    repeats = Repeats(counts)
    assert repeats.n == seen
    for found in (chao(repeats), truncated_poisson(repeats)):
        assert found.n is not None
        assert seen < found.n < size


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "bowel cancer"])
def test_no_figure_is_published_whose_range_misses_the_truth(name: str) -> None:
    size, _, counts = KNOWN[name]
    told = repeats_report(counts).headline
    if told.status == "at_least":
        assert told.n is None
        assert told.at_least is not None
        assert told.at_least <= size
    else:
        assert told.status == "estimate"
        assert told.interval is not None
        assert told.interval.low <= size <= told.interval.high


def test_only_the_taxicabs_which_are_alike_have_a_point() -> None:
    told = {name: repeats_report(counts).headline.status for name, (_, _, counts) in KNOWN.items()}
    assert {name for name, status in told.items() if status == "estimate"} == {"taxicabs", "bowel cancer"}


def test_counts_alone_cannot_tell_that_some_are_never_seen() -> None:
    # Of those with bowel cancer, six tests miss 22 again and again. Nothing in the counts of the others says so.
    size, _, counts = KNOWN["bowel cancer"]
    told = repeats_report(counts)
    assert told.headline.interval is not None
    assert told.headline.interval.high < size
    assert not told.notices
