"""Where some are much easier to find than others, the lists tell a minimum: “at most” of the rate, “at least” of N."""

import numpy as np
import pytest
from scipy.stats import chi2

from compliance.estimates.bounds import mth_lower_bound
from compliance.estimates.loglinear import fit
from compliance.estimates.minimum import evidence, is_minimum, minimum
from compliance.estimates.partition import (
    Headline,
    ListTraits,
    Settings,
    Stratum,
    headline,
    stratum_model,
)
from compliance.estimates.selection import search
from compliance.estimates.shares import shares
from compliance.estimates.table_report import table_report
from compliance.estimates.tables import Table

LISTS = ("register", "grid", "police", "pool", "complaints")
TRAITS = (
    ListTraits("register", register=True),
    ListTraits("grid"),
    ListTraits("police", conditional_on_unregistered=True),
    ListTraits("pool"),
    ListTraits("complaints"),
)
SURE = Settings(active_alpha=1, active_beta=0, bootstrap=0, draws=500, second_opinion=False)
CHANCES = np.array([0.15, 0.08, 0.14, 0.10])


def drawn(number: int, registered: int, spread: float, seed: int) -> Table:
    """`registered` on the register alone; the others are seen with chances whose logarithm varies by `spread`."""
    chance = np.random.default_rng(seed)
    visible = np.exp(spread * chance.standard_normal(number) - spread**2 / 2)
    seen = chance.random((number, 4)) < np.minimum(0.95, CHANCES * visible[:, None])
    codes = (seen * (1 << np.arange(1, 5))).sum(axis=1)
    found = {int(code): int((codes == code).sum()) for code in np.unique(codes) if code}
    return Table.of_histories(LISTS, {**found, 1: registered})


def told(tables: list[Table]) -> Headline:
    models = [stratum_model(Stratum(str(place), table), TRAITS, SURE) for place, table in enumerate(tables)]
    return headline(models, [[] for _ in models], SURE, traits=TRAITS, seed=[1])


def test_a_hidden_spread_of_visibility_makes_the_rate_an_at_most() -> None:
    found = told([drawn(3500, 1500, 0.6, seed) for seed in (1, 2)])
    assert found.status == "at_most"
    assert (found.rate, found.operations, found.unregistered, found.published) == (None, None, None, None)
    assert found.probability_claimed is None
    assert found.interval is not None
    assert found.at_most is not None
    assert found.at_most >= found.interval.high > 0.30
    assert found.lists_rate is not None
    assert found.lists_rate < found.at_most
    assert found.unregistered_interval is not None
    assert found.unregistered_at_least <= found.unregistered_interval.low < 7000
    assert found.sentence.startswith(f"At most {100 * found.at_most:.0f} in 100; some operations are much easier")
    assert any(is_minimum(each) for each in found.notices)


@pytest.mark.parametrize("seed", range(6))
def test_a_model_that_takes_visibility_for_dependence_does_not_make_the_at_most_too_small(seed: int) -> None:
    # The averages of some of these lie above the truth; 3,000 of 10,000 are registered.
    found = told([drawn(7000, 3000, 0.7, seed)])
    assert found.status in ("at_most", "range")
    if found.status == "at_most":
        assert found.at_most is not None
        assert found.at_most > 0.3


def test_beside_a_random_inspection_a_minimum_gives_no_rate_of_the_lists() -> None:
    table = drawn(7000, 3000, 0.6, 1)
    names = (*LISTS, "inspection")
    # Of the registered, 30 were inspected, and 70 of those that no other list has seen.
    found = {code: int(count) for code, count in enumerate(table.counts, start=1)}
    found |= {1: found[1] - 30, 1 + 32: 30, 32: 70}
    traits = (*TRAITS, ListTraits("inspection", random_sample=True))
    model = stratum_model(Stratum("all", Table.of_histories(names, found)), traits, SURE)
    headed = headline([model], [[]], SURE, traits=traits, seed=[1])
    assert headed.kind == "inspection"
    assert headed.rate == pytest.approx(0.3)
    assert any(is_minimum(each) for each in headed.notices)
    assert headed.lists_rate is None
    assert (headed.lists_sentence or "").startswith("At most")


def test_equal_chances_make_a_point() -> None:
    found = told([drawn(3500, 1500, 0.0, seed) for seed in (1, 2)])
    assert found.status == "estimate"
    assert not any(is_minimum(each) for each in found.notices)


def test_shares_of_an_at_most_have_no_lower_end() -> None:
    tables = [drawn(7000, 3000, 0.6, 1)]
    power = {"registered": (50, 500.0, 6000.0), "unregistered": (50, 500.0, 6000.0)}
    models = [stratum_model(Stratum("all", tables[0], power), TRAITS, SURE)]
    found = headline(models, [[]], SURE, traits=TRAITS, seed=[1])
    assert found.status == "at_most"
    operations, power_kw, _ = shares(found, models, SURE, seed=[1])
    for each in (operations, power_kw):
        assert each.share is None
        assert each.interval is not None
        assert each.interval.low == 0
        assert each.interval.high > 0.3


@pytest.mark.parametrize("size", [600, 3000])
def test_chance_alone_seldom_makes_a_minimum(size: int) -> None:
    # Each sign has half a per cent by chance: of 200 tables 2 on average.
    fired = sum(evidence([(drawn(size, 0, 0.0, seed).outside("register"), None)]).fires() for seed in range(200))
    assert fired <= chi2.ppf(0.999, 2 * 8) / 2


def test_the_sums_tell_what_no_stratum_tells_alone() -> None:
    tables = [drawn(900, 0, 0.7, seed).outside("register") for seed in range(8)]
    alone = [evidence([(table, None)]).fires() for table in tables]
    assert sum(alone) < len(tables)
    assert minimum(evidence([(table, None) for table in tables])) is not None


def test_the_evidence_is_that_of_bound_and_equal_chances() -> None:
    table = drawn(3000, 0, 0.8, 5).outside("register")
    found, bound, main = evidence([(table, None)]), mth_lower_bound(table), fit(table)
    assert bound.n is not None
    assert (found.bound, found.main) == (pytest.approx(bound.n), pytest.approx(main.n))
    assert found.excess == pytest.approx(bound.n / main.n - 1)


def test_lists_that_attract_each_other_are_no_unequal_chances() -> None:
    # Cormack, Chang and Smith 2000, table 3b.
    rows = [((1, 1, 1), 72), ((1, 1, 0), 5), ((1, 0, 1), 29), ((1, 0, 0), 54), ((0, 1, 1), 24), ((0, 1, 0), 3)]
    table = Table.of(("death", "ntof", "wcc"), [*rows, ((0, 0, 1), 14)])
    best = search(table).best
    assert evidence([(table, None)]).fires()
    assert not evidence([(table, best.bic)]).fires()
    assert table_report(table).headline.status == "estimate"


def test_tables_that_tell_nothing_are_no_evidence() -> None:
    two = Table.of(("a", "b"), [((1, 0), 5), ((1, 1), 5)])
    empty = Table.of(("a", "b", "c"), [])
    found = evidence([(two, None), (empty, None)])
    assert (found.z, found.curvature_z, found.fires()) == (None, None, False)


def test_a_population_that_is_a_minimum_is_said_to_be_at_least_so_many() -> None:
    report = table_report(drawn(7000, 0, 0.6, 3).outside("register"))
    assert "W09" in {each.code for each in report.notices}
    assert report.headline.status == "at_least"
    assert report.headline.n is None
    assert report.headline.interval is not None
    assert report.headline.at_least is not None
    assert report.headline.at_least <= report.headline.interval.low < 7000
    assert report.headline.sentence.startswith("At least ")
