"""Errors of matching: what they do to a table, checked operation by operation, and that undoing them undoes it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc

from compliance.estimates.linkage import Review, corrected_overlap
from compliance.estimates.matching import EXACT, matching_of
from compliance.estimates.mismatches import expected, undone
from compliance.estimates.tables import Table

LISTS = ("register", "a", "b", "c")


def seen_one_by_one(table: Table, sensitivity: float, chance: np.random.Generator) -> Table:
    """Every operation goes its own way: one of its sightings stands for it, each other is found or not."""
    counts = [0] * len(table.counts)
    for code, count in enumerate(table.counts.tolist(), start=1):
        bits = [bit for bit in (2, 4, 8) if code & bit]
        for _ in range(count):
            own = code & 1
            stands = 1 if own else chance.choice(bits)
            for bit in bits:
                if bit == stands or chance.random() < sensitivity:
                    own |= int(bit)
                else:
                    counts[bit - 1] += 1
            counts[own - 1] += 1
    return Table(table.lists, np.array(counts))


def test_what_is_seen_on_average_is_what_single_operations_come_to() -> None:
    table = Table(LISTS, np.full(15, 400))
    chance = np.random.default_rng(3)
    runs = np.array([seen_one_by_one(table, 0.7, chance).counts for _ in range(20)])
    error = runs.std(axis=0, ddof=1) / np.sqrt(20)
    assert (np.abs(runs.mean(axis=0) - expected(table, "register", 0.7)) < 5 * error + 1e-9).all()


@given(
    counts=st.lists(st.integers(0, 5000), min_size=15, max_size=15),
    sensitivity=st.floats(0.3, 1),
    false_links=st.floats(0, 0.01),
)
def test_no_sighting_is_lost_and_the_register_stays(counts: list[int], sensitivity: float, false_links: float) -> None:
    table = Table(LISTS, np.array(counts))
    seen = expected(table, "register", sensitivity, false_links)
    assert seen @ table.bits == pytest.approx(table.sizes, abs=1e-6)
    assert seen.min() >= -false_links * table.n


@pytest.mark.parametrize(("sensitivity", "false_links"), [(0.9, 0.0), (0.6, 0.0), (0.8, 0.004), (1.0, 0.01)])
def test_undoing_gives_back_what_there_was(sensitivity: float, false_links: float) -> None:
    table = Table(LISTS, np.random.default_rng(8).integers(500, 4000, 15))
    seen = Table(LISTS, np.rint(expected(table, "register", sensitivity, false_links)).astype(np.int64))
    found = undone(seen, "register", sensitivity, false_links)
    # False links lead to what is there, which is first taken as what is seen.
    assert np.abs(found.counts - table.counts).max() <= 3 + 0.2 * false_links * table.n
    assert np.abs(seen.counts - table.counts).max() > 10 * np.abs(found.counts - table.counts).max()


def test_for_the_register_and_one_list_it_is_the_correction_of_ding_and_fienberg() -> None:
    seen = Table.of(("register", "a"), [((1, 0), 30_000), ((0, 1), 7_000), ((1, 1), 2_700)])
    found = undone(seen, "register", 0.9, 0.002)
    m = corrected_overlap(2_700, 9_700, 0.9, 0.002)
    assert m is not None
    assert found.overlaps[0, 1] == pytest.approx(m, abs=1)
    assert found.sizes[1] == 9_700


def test_certain_matches_leave_the_table_and_useless_ones_are_refused() -> None:
    table = Table(LISTS, np.arange(15))
    assert undone(table, "register", 1.0) is table
    with pytest.raises(ValueError, match="says nothing"):
        undone(table, "register", 0.1, 0.1)


def test_small_overlaps_are_not_all_rounded_the_same_way() -> None:
    thin = Table.of(LISTS, [((0, 1, 1, 0), 1), ((0, 1, 0, 1), 1), ((0, 0, 1, 1), 1), ((0, 1, 0, 0), 90)])
    found = undone(thin, "register", 0.75)
    assert int(found.counts[found.bits[:, 1:].sum(axis=1) == 2].sum()) == 4


def test_a_review_gives_the_error_and_how_uncertain_it_is() -> None:
    found = matching_of(Review(160, 40, 1, 200), None)
    assert (found.sensitivity, found.false_links) == (0.8, 0.005)
    assert betainc(160.5, 40.5, found.least) == pytest.approx(0.025)
    assert betainc(160.5, 40.5, found.most) == pytest.approx(0.975)
    drawn = np.array([found.at(place) for place in range(2000)])
    assert drawn.mean(axis=0) == pytest.approx([160.5 / 201, 1.5 / 201], rel=0.01)
    assert np.quantile(drawn[:, 0], [0.025, 0.975]) == pytest.approx([found.least, found.most], abs=0.002)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.05


def test_without_a_review_the_floor_holds_for_the_sightings_that_need_the_model() -> None:
    assert matching_of(None, None) == matching_of(None, 0.0) == EXACT
    assert matching_of(None, 1.0).least == 0.75
    assert matching_of(None, 0.2).least == pytest.approx(0.95)
    assert matching_of(None, 0.2).sensitivity == 1
    assert matching_of(Review(0, 0, 0, 5), 1.0).review is None
