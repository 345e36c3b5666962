"""The published and recorded answers of graph averaging, pooling of regions, the energy range and the portfolio."""

import pytest

from compliance.estimates.graphs import average, gamma_poisson
from tests.published.published import expected, table


def test_spina_bifida_is_averaged_over_graphs_as_published() -> None:
    published = {row["what"]: row for row in expected("spina", "published_read")}
    found = average(table("spina"), prior=gamma_poisson(13.14, 55.17), delta=1, missing=(1, 300))
    best = found.graphs[0]
    top = published["top graphical model posterior prob"]
    assert best.name == top["model"] == "[1,23]"
    assert round(best.probability, 2) == top["value"]
    assert round(best.summary.least_loss) == published["top model: E[1/N]/E[1/N^2]"]["value"]
    assert best.summary.mode == published["top model mode"]["value"]
    assert round(found.summary.least_loss) == published["model-averaged E[1/N]/E[1/N^2]"]["value"]
    assert found.summary.mode == published["model-averaged mode"]["value"]


def test_spina_bifida_has_the_recorded_interval_and_mean() -> None:
    (recorded,) = expected("spina", "computed_here")
    found = average(table("spina"), prior=gamma_poisson(13.14, 55.17), delta=1, missing=(1, 300)).summary
    assert [found.interval.low, found.interval.high] == recorded["ci"]
    assert found.mean == pytest.approx(recorded["mean"], abs=5e-4)
