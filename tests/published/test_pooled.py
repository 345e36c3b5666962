"""The published and recorded answers of graph averaging, pooling of regions, the energy range and the portfolio."""

import pytest

from compliance.estimates.graphs import average, gamma_poisson
from compliance.estimates.regions import james_stein
from tests.published.published import expected, rows, table


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


def test_the_batters_of_1970_are_shrunk_as_efron_and_morris_did() -> None:
    batters = rows("efron_morris_1975")
    hits = [int(row["hits_of_45"]) / 45 for row in batters]
    mean = sum(hits) / len(hits)
    found = james_stein(hits, mean * (1 - mean) / 45)
    assert (round(found.mean, 5), round(found.kept, 5)) == (0.26543, 0.21165)
    assert [round(value, 3) for value in found.values] == [float(row["james_stein"]) for row in batters]
