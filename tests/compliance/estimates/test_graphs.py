"""Averaging over decomposable graphs: the graphs counted, the likelihood against a slow one, and tables that hurt."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.estimates import decomposable, graphs
from compliance.estimates.graphs import NoPosterior, average
from compliance.estimates.priors import FLAT, LOG_UNIFORM, gamma_poisson
from compliance.estimates.tables import Table

SPINA = Table(("birth", "death", "rehab"), np.array([247, 49, 142, 60, 112, 4, 12]))


@pytest.mark.parametrize(("lists", "many"), [(3, 8), (4, 61), (5, 822)])
def test_every_decomposable_graph_is_found_once(lists: int, many: int) -> None:
    found = decomposable.graphs(lists)
    assert len(found) == len({graph.name for graph in found}) == many
    assert all(len(graph.cliques) == len(graph.separators) + 1 for graph in found)
    # The lists are counted once: in the cliques, less what two of them share.
    sizes = [sum(map(len, graph.cliques)) - sum(map(len, graph.separators)) for graph in found]
    assert sizes == [lists] * many


def test_the_cycle_of_four_is_not_among_them() -> None:
    assert "[12,14,23,34]" not in {graph.name for graph in decomposable.graphs(4)}


def slow_log_posterior(table: Table, graph: decomposable.Graph, missing: int, delta: float) -> float:
    """The hyper-Dirichlet marginal likelihood by adding up cells one by one, with the prior uniform on log N."""
    cells = {tuple(row): int(count) for row, count in zip(table.bits.tolist(), table.counts, strict=True)}
    cells[(0,) * table.k] = missing
    n = sum(cells.values())

    def dirichlet(lists: frozenset[int]) -> float:
        alpha = delta * 2 ** (table.k - len(lists))
        found = math.lgamma(delta * 2**table.k) - math.lgamma(delta * 2**table.k + n)
        for values in itertools.product((0, 1), repeat=len(lists)):
            on = dict(zip(sorted(lists), values, strict=True))
            count = sum(cells[cell] for cell in cells if all(cell[at] == bit for at, bit in on.items()))
            found += math.lgamma(alpha + count) - math.lgamma(alpha)
        return found

    ways = math.lgamma(n + 1) - sum(math.lgamma(count + 1) for count in cells.values())
    return sum(map(dirichlet, graph.cliques)) - sum(map(dirichlet, graph.separators)) + ways - math.log(n)


@pytest.mark.parametrize("delta", [1.0, 0.25])
def test_the_average_is_that_of_the_likelihood_added_up_cell_by_cell(delta: float) -> None:
    table = Table(("a", "b", "c"), np.array([7, 3, 1, 4, 0, 2, 1]))
    every = decomposable.graphs(3)
    logs = np.array([[slow_log_posterior(table, graph, missing, delta) for missing in range(61)] for graph in every])
    chance = np.exp(logs - logs.max())
    chance /= chance.sum()
    found = average(table, delta=delta, missing=(0, 60))
    weights = dict(zip((graph.name for graph in every), chance.sum(axis=1), strict=True))
    assert {one.name: one.probability for one in found.graphs} == pytest.approx(
        {name: weight for name, weight in weights.items() if weight > 1e-3}
    )
    mass = chance.sum(axis=0)
    n = table.n + np.arange(61)
    assert found.summary.mean == pytest.approx(mass @ n)
    assert found.summary.mode == n[mass.argmax()]
    assert found.saturated == pytest.approx(weights["[123]"])


def test_a_grid_with_gaps_gives_the_figures_of_every_number(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(SPINA.lists, SPINA.counts * 20)
    coarse = average(table, missing=(0, 40_000))
    monkeypatch.setattr(graphs, "EVERY_NUMBER", 40_000)
    exact = average(table, missing=(0, 40_000))
    assert (coarse.points < 1_500, exact.points) == (True, 40_001)
    assert coarse.summary.mean == pytest.approx(exact.summary.mean, rel=1e-6)
    assert coarse.summary.sd == pytest.approx(exact.summary.sd, rel=1e-4)
    assert coarse.summary.interval.low == pytest.approx(exact.summary.interval.low, abs=2)
    assert coarse.summary.interval.high == pytest.approx(exact.summary.interval.high, abs=2)
    assert coarse.graphs[0].probability == pytest.approx(exact.graphs[0].probability, rel=1e-5)
    assert coarse.mass_at_end == pytest.approx(exact.mass_at_end, rel=0.2)


def test_counts_of_millions_keep_the_grid_small_and_the_peak_in_it() -> None:
    independent = np.outer([0.7, 0.3], np.outer([0.6, 0.4], [0.5, 0.5]).ravel()).ravel() * 10**9
    counts = np.rint(independent[1:]).astype(np.int64)
    found = average(Table(("a", "b", "c"), counts))
    assert found.points <= 6_000
    assert found.summary.interval.low < 10**9 < found.summary.interval.high
    assert found.summary.mean == pytest.approx(10**9, rel=1e-3)
    assert found.graphs[0].name == "[1,2,3]"


counts_of_three = st.lists(st.integers(0, 60), min_size=7, max_size=7).filter(any)


@settings(deadline=None, max_examples=30)
@given(counts=counts_of_three, order=st.permutations([0, 1, 2]))
def test_the_order_of_the_lists_does_not_matter(counts: list[int], order: list[int]) -> None:
    table = Table(("a", "b", "c"), np.array(counts))
    turned = table.only([table.lists[at] for at in order])
    one, other = average(table), average(turned)
    assert one.summary.mean == pytest.approx(other.summary.mean, rel=1e-8)
    assert sorted(graph.probability for graph in one.graphs) == pytest.approx(
        sorted(graph.probability for graph in other.graphs), rel=1e-6
    )


@settings(deadline=None, max_examples=30)
@given(counts=counts_of_three, delta=st.floats(0.01, 2))
def test_the_figures_are_in_order_and_never_below_the_observed(counts: list[int], delta: float) -> None:
    found = average(Table(("a", "b", "c"), np.array(counts)), delta=delta)
    summary = found.summary
    assert found.observed <= summary.interval.low <= summary.median <= summary.interval.high
    assert found.observed <= summary.least_loss <= summary.mean + 1e-6
    assert found.observed <= summary.mode <= found.observed + found.most_missing
    assert 0 <= found.mass_at_end <= 1
    assert sum(graph.probability for graph in found.graphs) <= 1 + 1e-9


def test_a_prior_that_knows_the_number_moves_the_posterior_towards_it() -> None:
    free, near = average(SPINA, prior=FLAT), average(SPINA, prior=gamma_poisson(2_000, 0.34))
    assert free.summary.mean > near.summary.mean
    assert near.prior == "Gamma-Poisson, a = 2000, b = 0.34"
    assert average(SPINA).prior == LOG_UNIFORM.name


def test_the_mass_at_the_end_is_shown_when_the_grid_is_cut_too_short() -> None:
    assert average(SPINA, missing=(0, 90)).mass_at_end > 0.1
    assert average(SPINA).mass_at_end < 1e-4


def test_no_number_is_given_when_only_the_graph_of_all_lists_is_left() -> None:
    found = average(Table(("a", "b", "c"), np.array([9_000, 9_000, 40, 9_000, 40, 40, 9_000])))
    assert found.saturated > 0.5
    assert found.estimate().n is None
    assert "say nothing" in found.estimate().why_none


@pytest.mark.parametrize(
    ("lists", "counts", "said"),
    [
        ("ab", [1, 2, 3], "three to five lists"),
        ("abcdef", [1] * 63, "three to five lists"),
        ("abc", [0] * 7, "Nobody"),
    ],
)
def test_a_table_that_cannot_be_averaged_says_why(lists: str, counts: list[int], said: str) -> None:
    with pytest.raises(NoPosterior, match=said):
        average(Table(tuple(lists), np.array(counts)))


@pytest.mark.parametrize("counts", [[5, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 9], [4, 4, 0, 4, 0, 0, 0]])
def test_empty_overlaps_and_one_full_cell_give_a_wide_answer_and_no_crash(counts: list[int]) -> None:
    found = average(Table(("a", "b", "c"), np.array(counts)))
    assert math.isfinite(found.summary.mean)
