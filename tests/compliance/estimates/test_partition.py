"""The headline by partition: known populations come out, hidden strata stay visible, and nothing is said too surely."""

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.estimates.linkage import Review
from compliance.estimates.matching import EXACT
from compliance.estimates.mismatches import expected
from compliance.estimates.partition import (
    Context,
    Headline,
    ListTraits,
    Settings,
    Stratum,
    StratumModel,
    headline,
    pooled,
    stratum_model,
    stratum_replicates,
)
from compliance.estimates.results import Interval
from compliance.estimates.stratum_models import AMONG_UNREGISTERED, NONE, WITH_REGISTER
from compliance.estimates.tables import Table
from compliance.estimates.totals import mover, wider
from compliance.estimates.two_lists import chapman

LISTS = ("register", "grid", "police", "pool", "complaints")
TRAITS = (
    ListTraits("register", register=True),
    ListTraits("grid"),
    ListTraits("police", conditional_on_unregistered=True),
    ListTraits("pool"),
    ListTraits("complaints"),
)
SURE = Settings(active_alpha=1, active_beta=0, bootstrap=0)
INSPECTED = Context(
    review=Review(1000, 0, 0, 10_000),
    inspected=dt.date(2026, 6, 1),
    last=dt.date(2026, 8, 31),
    known=dt.date(2026, 11, 28),
)


def expected_table(
    registered: int, hidden: int, chances: Sequence[tuple[float, float]], names: Sequence[str] = LISTS
) -> Table:
    """The table that independent lists give on average; `chances` of the unregistered and of the registered."""
    lists = len(names) - 1
    rows = []
    for code in range(2**lists):
        bits = [(code >> place) & 1 for place in range(lists)]
        for inside, number in ((1, registered), (0, hidden)):
            p = np.prod([c[inside] if bit else 1 - c[inside] for bit, c in zip(bits, chances, strict=True)])
            if inside or any(bits):
                rows.append(((inside, *bits), round(number * float(p))))
    return Table.of(names, rows)


CHANCES = ((0.2, 0.15), (0.1, 0.0), (0.25, 0.25), (0.15, 0.08))
SMALL = Stratum("small", expected_table(900, 2100, CHANCES))
LARGE = Stratum("large", expected_table(300, 700, [(3 * u, 3 * r) for u, r in CHANCES]))


def told(
    strata: Sequence[Stratum],
    traits: Sequence[ListTraits] = TRAITS,
    steer: Settings = SURE,
    context: Context = INSPECTED,
    replicates: int = 0,
) -> Headline:
    matching = context.matching(steer.thresholds, steer.level)
    models = [stratum_model(each, traits, steer, matching) for each in strata]
    redrawn = [
        stratum_replicates(each, traits, steer, seed=[1, place], first=0, count=replicates, matching=matching)
        for place, each in enumerate(strata)
    ]
    return headline(models, redrawn, steer, traits=traits, seed=[1, 99], context=context)


def codes(found: Headline) -> set[str]:
    return {each.code for each in found.notices}


def test_a_rate_of_30_in_100_comes_out_of_strata_that_differ_in_how_visible_they_are() -> None:
    found = told([SMALL, LARGE])
    assert found.status == "estimate"
    assert found.rate == pytest.approx(0.30, abs=0.005)
    assert found.unregistered == pytest.approx(2800, rel=0.02)
    assert found.interval is not None
    assert found.interval.low < 0.3 < found.interval.high
    assert found.sentence.startswith("30 in 100; plausible range ")
    assert found.at_most is not None
    assert found.at_most >= found.rate


def test_a_list_of_the_unregistered_alone_is_not_compared_with_the_register() -> None:
    found = told([SMALL, LARGE])
    naive = {each.method: each for each in found.comparisons}
    misread = naive["register and police, Chapman"]
    assert (misread.n, misread.rate) == (None, None)
    assert "by definition" in misread.why_none
    assert naive["register and pool, Chapman"].rate == pytest.approx(0.30, abs=0.01)
    assert "W04" in codes(found)
    source = {each.list: each for each in found.sources}
    assert source["police"].rate is None
    assert source["pool"].rate == pytest.approx(0.30, abs=0.01)


def test_lists_that_avoid_the_registered_disagree_on_the_rate_and_that_is_said() -> None:
    assert "W06" in codes(told([SMALL, LARGE]))


def test_the_interval_of_u_is_the_wider_of_profile_and_bootstrap() -> None:
    plain, found = told([SMALL, LARGE]), told([SMALL, LARGE], replicates=60)
    assert found.replicates == 60
    assert found.bootstrap is not None
    assert plain.unregistered_interval is not None
    assert found.unregistered_interval == wider(plain.unregistered_interval, found.bootstrap)
    assert plain.unregistered_interval.how == "profiles of the strata, added by MOVER"


def test_replicates_depend_on_the_seed_and_their_number_alone() -> None:
    whole = stratum_replicates(SMALL, TRAITS, SURE, seed=[5, 1], first=0, count=8)
    parts = [
        stratum_replicates(SMALL, TRAITS, SURE, seed=[5, 1], first=first, count=count)
        for first, count in ((0, 3), (3, 5))
    ]
    assert parts[0] + parts[1] == whole
    assert stratum_replicates(SMALL, TRAITS, SURE, seed=[6, 1], first=0, count=8) != whole


def test_the_same_seed_gives_the_same_headline_to_the_last_digit_and_it_survives_json() -> None:
    found = told([SMALL, LARGE], steer=Settings(bootstrap=0), replicates=20)
    assert told([SMALL, LARGE], steer=Settings(bootstrap=0), replicates=20) == found
    assert Headline.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
    model = stratum_model(SMALL, TRAITS, SURE)
    again = StratumModel.from_json(json.loads(json.dumps(model.to_json(), allow_nan=False)))
    assert again.to_json() == model.to_json()
    assert Settings.from_json(json.loads(json.dumps(SURE.to_json()))) == SURE


def test_an_unknown_active_share_widens_the_interval() -> None:
    sure, unsure = told([SMALL]), told([SMALL], steer=Settings(bootstrap=0))
    assert sure.interval is not None
    assert unsure.interval is not None
    assert unsure.interval.high - unsure.interval.low > sure.interval.high - sure.interval.low
    assert unsure.active == 0.95


def test_the_exact_map_turns_the_interval_of_u_around() -> None:
    found = told([SMALL])
    assert found.exact is not None
    assert found.unregistered_interval is not None
    assert found.exact.low == pytest.approx(900 / (900 + found.unregistered_interval.high))
    assert found.exact.high == pytest.approx(900 / (900 + found.unregistered_interval.low))


def test_the_probability_of_the_claim_is_that_of_the_draws() -> None:
    low = told([SMALL], steer=replace(SURE, claimed=0.01)).probability_claimed
    middle = told([SMALL], steer=replace(SURE, claimed=0.30)).probability_claimed
    high = told([SMALL], steer=replace(SURE, claimed=0.99)).probability_claimed
    assert (low, high) == (0, 1)
    assert middle is not None
    assert 0.2 < middle < 0.8


def seen_with_errors(stratum: Stratum, sensitivity: float, false_links: float = 0.0) -> Stratum:
    """The stratum as it is seen on average where matching errs."""
    counts = np.rint(expected(stratum.table, "register", sensitivity, false_links)).astype(np.int64)
    return replace(stratum, table=Table(stratum.table.lists, counts))


@pytest.mark.parametrize(("found", "false_links"), [(900, 0), (800, 20)])
def test_errors_of_matching_are_taken_out_of_the_tables_by_the_review(found: int, false_links: int) -> None:
    poor = replace(INSPECTED, review=Review(found, 1000 - found, false_links, 10_000), rates_at_thresholds=(0.25, 0.33))
    strata = [seen_with_errors(each, found / 1000, false_links / 10_000) for each in (SMALL, LARGE)]
    corrected, sure, naive = told(strata, context=poor), told([SMALL, LARGE]), told(strata)
    assert corrected.rate is not None
    assert corrected.rate == pytest.approx(sure.rate, rel=1e-2)
    assert corrected.unregistered == pytest.approx(sure.unregistered, rel=2e-2)
    assert naive.rate != pytest.approx(sure.rate, rel=5e-2)
    message = next(each.message for each in corrected.notices if each.code == "W13")
    assert "25 to 33 in 100" in message
    assert "W13" not in codes(sure)


def test_an_uncertain_review_widens_the_interval_and_its_replicates() -> None:
    seen = seen_with_errors(SMALL, 0.8)
    short, long = (replace(INSPECTED, review=Review(80 * by, 20 * by, 0, 100 * by)) for by in (1, 1000))
    wide, narrow = (told([seen], context=context, replicates=60) for context in (short, long))
    assert wide.rate == narrow.rate
    for one, other in ((wide.interval, narrow.interval), (wide.bootstrap, narrow.bootstrap)):
        assert one is not None
        assert other is not None
        assert one.high - one.low > 1.05 * (other.high - other.low)


def test_fewer_matches_than_the_table_says_make_the_interval_wider_than_that_of_the_corrected_table() -> None:
    certain = replace(INSPECTED, review=Review(8 * 10**7, 2 * 10**7, 0, 10**9))
    [model, plain] = [
        stratum_model(each, TRAITS, SURE, certain.matching() if at else EXACT)
        for at, each in ((1, seen_with_errors(SMALL, 0.8)), (0, SMALL))
    ]
    there = SMALL.table.outside("register").n
    assert model.u.interval is not None
    assert plain.u.interval is not None
    ratio = [math.log((each.high - there) / (each.low - there)) for each in (model.u.interval, plain.u.interval)]
    assert ratio[0] > 1.05 * ratio[1]


def test_where_nobody_has_reviewed_matches_a_range_stands_for_what_was_plausibly_missed() -> None:
    unsure = replace(INSPECTED, review=None, by_model=1.0)
    seen = seen_with_errors(SMALL, 0.85)
    found, linked = told([seen], context=unsure), told([seen])
    assert (found.status, found.rate, found.unregistered) == ("range", None, None)
    assert found.lists_rate == linked.rate
    assert found.published is not None
    assert linked.interval is not None
    assert linked.interval.high < 0.30 < found.published.high
    assert found.published.low == linked.interval.low
    assert found.unregistered_interval is not None
    assert linked.unregistered_interval is not None
    assert found.unregistered_interval.low < linked.unregistered_interval.low
    assert found.unregistered_interval.high == linked.unregistered_interval.high
    assert "nobody has reviewed how many matches were missed" in found.sentence
    message = next(each for each in found.notices if each.code == "W13")
    assert message.facts["least"] == 0.75
    assert message.facts["plausible"] == [found.published.low, found.published.high]


def test_matches_that_need_no_model_need_no_review() -> None:
    named = told([SMALL], context=replace(INSPECTED, review=None, by_model=0.0))
    few = told([SMALL], context=replace(INSPECTED, review=None, by_model=0.1))
    assert (named.status, few.status) == ("estimate", "estimate")
    assert "W13" not in codes(named)
    assert "W13" in codes(few)


def test_a_minimum_of_unreviewed_matches_is_at_most_what_is_plausible() -> None:
    unsure = replace(INSPECTED, review=None, by_model=1.0)
    silent = Stratum("hidden", Table.of(LISTS, [((1, 0, 0, 0, 0), 50)]))
    found, linked = told([SMALL, silent], context=unsure), told([SMALL, silent])
    assert found.status == linked.status == "at_most"
    assert found.at_most is not None
    assert linked.at_most is not None
    assert found.at_most > 1.05 * linked.at_most


def test_matching_that_tells_nothing_gives_no_estimate() -> None:
    useless = replace(INSPECTED, review=Review(10, 990, 1, 100))
    found = told([SMALL], context=useless, replicates=3)
    assert (found.rate, found.replicates) == (None, 0)
    assert "B11" in codes(found)


def test_a_stratum_that_cannot_be_estimated_makes_the_rate_an_at_most() -> None:
    silent = Stratum("hidden", Table.of(LISTS, [((1, 0, 0, 0, 0), 50)]))
    found = told([SMALL, silent])
    assert (found.status, found.rate, found.operations) == ("at_most", None, None)
    assert "B11" in codes(found)
    assert found.sentence.startswith("At most ")
    assert "“hidden”" in found.sentence
    assert found.registered == 950


def test_one_list_beside_the_register_gives_its_share_found() -> None:
    table = Table.of(("register", "pool"), [((1, 0), 210), ((0, 1), 70), ((1, 1), 30)])
    traits = (ListTraits("register", register=True), ListTraits("pool"))
    for active in (1.0, 0.5):
        steer = Settings(active_alpha=active * 1e9, active_beta=(1 - active) * 1e9, bootstrap=0)
        model = stratum_model(Stratum("all", table), traits, steer)
        assert model.method == WITH_REGISTER
        assert model.u.n == pytest.approx((chapman(240, 100, 30).n or 0) - 240)
        found = told([Stratum("all", table)], traits, steer)
        # 30 of 100 on the other list are registered, whatever share of the register is active.
        assert found.rate == pytest.approx(0.30, abs=0.01)


def test_lists_of_the_unregistered_alone_are_never_held_against_the_register() -> None:
    table = Table.of(("register", "police"), [((1, 0), 240), ((0, 1), 70)])
    traits = (ListTraits("register", register=True), ListTraits("police", conditional_on_unregistered=True))
    found = told([Stratum("all", table)], traits)
    assert found.status == "at_most"
    assert found.rate is None
    assert found.at_most == pytest.approx(240 / 310)
    assert "W04" in codes(found)


def test_two_lists_of_the_unregistered_are_chapman_among_them() -> None:
    table = Table.of(
        ("register", "police", "grid"), [((1, 0, 0), 100), ((0, 1, 0), 60), ((0, 0, 1), 80), ((0, 1, 1), 20)]
    )
    traits = (
        ListTraits("register", register=True),
        ListTraits("police", conditional_on_unregistered=True),
        ListTraits("grid"),
    )
    model = stratum_model(Stratum("all", table), traits, SURE)
    assert model.method == AMONG_UNREGISTERED
    assert model.u.n == pytest.approx(chapman(80, 100, 20).n or 0)


def test_no_list_beside_the_register_gives_no_estimate_and_says_what_is_missing() -> None:
    found = told([Stratum("all", Table.of(("register",), [((1,), 240)]))], (ListTraits("register", register=True),))
    assert (found.kind, found.status, found.rate) == ("none", "none", None)
    assert found.sentence.startswith("Cannot be told: ")
    assert "no list beside the register" in found.sentence


def test_a_list_that_was_not_kept_here_is_left_out_and_named() -> None:
    traits = tuple(replace(each, covers=each.name != "pool") for each in TRAITS)
    found = told([SMALL], traits)
    assert "B09" in codes(found)
    assert stratum_model(SMALL, traits, SURE).lists == ("grid", "police", "complaints")
    assert next(each for each in found.sources if each.list == "pool").rate is None


def test_a_random_inspection_leads_and_the_lists_stand_second() -> None:
    traits = (*TRAITS[:4], ListTraits("complaints", random_sample=True))
    found = told([SMALL], traits)
    assert found.kind == "inspection"
    sample = next(each for each in found.sources if each.list == "complaints")
    assert found.rate == sample.rate
    assert found.lists_rate == pytest.approx(0.30, abs=0.01)
    assert f"by random inspection of {sample.of:,} operations" in found.sentence
    assert (found.lists_sentence or "").startswith("30 in 100; plausible range")
    assert Headline.from_json(found.to_json()) == found
    assert "complaints" not in stratum_model(SMALL, traits, SURE).lists


def test_large_numbers_are_written_with_separators() -> None:
    table = expected_table(
        3000, 7000, [(0.4, 0.4), (0.2, 0.2), (0.2, 0.2)], names=("register", "grid", "pool", "audit")
    )
    traits = (TRAITS[0], ListTraits("grid"), ListTraits("pool"), ListTraits("audit", random_sample=True))
    assert "by random inspection of 2,0" in told([Stratum("all", table)], traits).sentence


def test_electricity_that_contradicts_the_lists_leaves_no_headline() -> None:
    found = told([SMALL], context=replace(INSPECTED, energy=Interval(20_000, 30_000, "energy")))
    assert (found.status, found.rate, found.published) == ("conflict", None, None)
    assert "W14" in codes(found)
    agreed = told([SMALL], context=replace(INSPECTED, energy=Interval(2_000, 30_000, "energy")))
    assert agreed.status == "estimate"
    assert agreed.rate == told([SMALL]).rate  # never averaged


def test_what_is_provisional_and_what_no_inspection_validated_is_said() -> None:
    context = replace(INSPECTED, inspected=None, last=dt.date(2026, 10, 31))
    assert {"W16", "W18"} <= codes(told([SMALL], context=context))
    assert not {"W13", "W16", "W18"} & codes(told([SMALL]))


def test_too_few_records_give_no_point() -> None:
    table = expected_table(90, 40, CHANCES)
    found = told([Stratum("all", table)])
    assert found.rate is None
    assert "W01" in codes(found)


def test_small_strata_are_pooled_with_a_neighbour_and_empty_ones_dropped() -> None:
    tiny = Stratum("tiny", expected_table(20, 40, CHANCES), {"registered": (2, 3.0, 5.0)})
    empty = Stratum("empty", Table.of(LISTS, []))
    found = pooled([tiny, SMALL, empty, LARGE], TRAITS, SURE)
    assert [each.name for each in found] == ["tiny + small", "large"]
    assert found[0].table.n == tiny.table.n + SMALL.table.n
    assert found[0].power_kw == {"registered": (2, 3.0, 5.0)}
    assert [each.name for each in pooled([tiny, SMALL, empty], TRAITS, replace(SURE, pool=False))] == ["tiny", "small"]
    assert Stratum.from_json(json.loads(json.dumps(tiny.to_json()))).to_json() == tiny.to_json()


def test_intervals_of_a_sum_by_mover_are_those_of_independent_parts() -> None:
    one = Interval(90, 120, "profile")
    found = mover([(100, one), (200, Interval(180, 230, "profile"))])
    assert found is not None
    assert (found.low, found.high) == pytest.approx((300 - np.hypot(10, 20), 300 + np.hypot(20, 30)))
    assert mover([(100, one)]) == one
    assert mover([(100, None)]) is None
    assert wider(one, None) is one
    assert wider(one, Interval(0, 200, "bootstrap")) == Interval(0, 200, "bootstrap")


def test_settings_and_traits_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="no setting colour"):
        Settings.from_json({"colour": 1})
    with pytest.raises(ValueError, match="active share"):
        Settings(active_alpha=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        Settings(claimed=1)
    with pytest.raises(ValueError, match="at least 100 draws"):
        Settings(draws=1)
    with pytest.raises(ValueError, match="Exactly one list"):
        told([SMALL], TRAITS[1:])
    with pytest.raises(ValueError, match="at least one stratum"):
        told([])


@given(
    counts=st.lists(
        st.lists(st.sampled_from([0, 0, 1, 3, 20, 400, 10**6]), min_size=15, max_size=15), min_size=1, max_size=3
    )
)
@settings(max_examples=25)
def test_any_strata_give_figures_or_a_reason(counts: list[list[int]]) -> None:
    traits = TRAITS[:4]
    strata = [
        Stratum(str(place), Table(LISTS[:4], np.array(each, dtype=np.int64))) for place, each in enumerate(counts)
    ]
    found = told(strata, traits, replicates=3)
    json.dumps(found.to_json(), allow_nan=False)
    assert found.sentence
    assert found.registered == sum(int(each.table.sizes[0]) for each in strata)
    assert (found.rate is not None) == (found.status == "estimate")
    if found.rate is not None:
        assert 0 <= found.rate <= 1
        assert found.published is not None
    if any(stratum_model(each, traits, SURE).method == NONE for each in strata):
        assert found.status != "estimate"
