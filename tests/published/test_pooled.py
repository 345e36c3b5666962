"""The published and recorded answers of graph averaging, pooling of regions, the energy range and the portfolio."""

from decimal import Decimal

import numpy as np
import pytest

from compliance.estimates.collection import collection, quantiles
from compliance.estimates.energy import Range, operations
from compliance.estimates.graphs import average
from compliance.estimates.portfolio import Units, cornish_fisher, moments, portfolio
from compliance.estimates.priors import gamma_poisson
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


FINED = [Units(float(p), Decimal(100_000), Decimal(300_000)) for p in np.linspace(0.05, 0.40, 120)]
LEVELS = {"q05": 0.05, "q50": 0.5, "q95": 0.95, "q99": 0.99}


def test_the_example_of_penalties_has_its_recorded_moments_and_quantiles() -> None:
    (recorded,) = expected("penalty_exposure_example", "computed_here")
    figures = moments(portfolio(FINED))
    assert figures.mean == pytest.approx(recorded["mean"], rel=1e-12)
    assert figures.sd == pytest.approx(recorded["sd"], abs=0.05)
    assert figures.skewness == pytest.approx(recorded["skew"], abs=5e-7)
    for name, amount in zip(LEVELS, cornish_fisher(figures, list(LEVELS.values())), strict=True):
        assert amount == pytest.approx(recorded["cornish_fisher"][name], abs=0.05)
    found, how = quantiles(portfolio(FINED), list(LEVELS.values()))
    assert how == "FFT"
    # Recorded on a grid of 1,000.
    for name, amount in zip(LEVELS, found, strict=True):
        assert amount == pytest.approx(recorded["fft_quantiles"][name], abs=1_000)


def test_the_example_of_penalties_comes_out_in_whole_units_of_money() -> None:
    found = collection(FINED)
    assert (found.mean, found.sd) == (Decimal(5_400_000), Decimal(936_577))
    assert (found.statutory_low, found.statutory_high) == (Decimal(12_000_000), Decimal(36_000_000))


def test_the_example_of_energy_has_its_recorded_range() -> None:
    (recorded,) = expected("energy_topdown_example", "computed_here")
    found = operations(Range(1_100_000, 2_200_000), Range(2, 6))
    assert [found.median, found.low, found.high, found.mean, found.sd] == pytest.approx(
        [recorded[name] for name in ("median", "q05", "q95", "mean", "sd")], abs=0.06
    )
    assert [found.lowest, found.highest] == pytest.approx(recorded["corner_bounds"], abs=0.05)
