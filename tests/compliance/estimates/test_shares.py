"""Three shares beside each other: a few large sites move power and hash rate, not the count."""

import json
from dataclasses import replace

import numpy as np
import pytest

from compliance.estimates.fleets import Fleet, Sums, fleets, quantile
from compliance.estimates.mean_power import mean_powers
from compliance.estimates.partition import (
    Context,
    Headline,
    ListTraits,
    Review,
    Settings,
    Stratum,
    StratumModel,
    headline,
    stratum_model,
)
from compliance.estimates.shares import Share, shares
from compliance.estimates.tables import Table

TRAITS = (ListTraits("register", register=True), ListTraits("grid"), ListTraits("pool"))
SURE = Settings(active_alpha=1, active_beta=0, bootstrap=0)
TRAITS_NAMES = tuple(each.name for each in TRAITS)
INSIDE = {"registered": (400, 4_000.0, 40_400.0), "unregistered": (300, 3_000.0, 30_300.0)}


def table(registered: int) -> Table:
    return Table.of(TRAITS_NAMES, [((1, 0, 0), registered), ((0, 1, 0), 200), ((0, 0, 1), 100), ((0, 1, 1), 100)])


SMALL = Stratum("small", table(400), INSIDE)
# Ten times as large, and mostly registered.
LARGE = Stratum(
    "large", table(1600), {"registered": (1600, 160_000.0, 16_160_000.0), "unregistered": (300, 30_000.0, 3_030_000.0)}
)


def found(strata: list[Stratum]) -> tuple[Headline, list[StratumModel]]:
    models = [stratum_model(each, TRAITS, SURE) for each in strata]
    context = Context(review=Review(1000, 0, 0, 10_000))
    return headline(models, [[] for _ in models], SURE, traits=TRAITS, seed=[1], context=context), models


def even(ths_per_kw: float) -> Fleet:
    """A fleet of which all is known: everybody mines with it."""
    return Fleet(ths_per_kw, 0.0, ths_per_kw, ths_per_kw, 400, 4_000)


def test_operations_of_one_size_have_one_share() -> None:
    told, models = found([SMALL])
    by_count, by_power, by_hash = shares(told, models, SURE, seed=[1], hash_per_kw={"small": even(40.0)})
    assert by_count.share == told.rate
    assert by_power.share == pytest.approx(by_count.share)
    assert by_hash.share == pytest.approx(by_count.share)
    assert by_power.registered == pytest.approx(4_000)
    assert by_hash.registered == pytest.approx(160_000)
    assert by_power.interval is not None
    assert by_power.interval.low < (by_power.share or 0) < by_power.interval.high


def test_large_sites_weigh_more_in_power_and_better_devices_in_hash_rate() -> None:
    told, models = found([SMALL, LARGE])
    efficient = {"small": even(40.0), "large": even(60.0)}
    by_count, by_power, by_hash = shares(told, models, SURE, seed=[1], hash_per_kw=efficient)
    assert (by_count.share or 1) < (by_power.share or 0) < (by_hash.share or 0)


def test_what_is_not_known_leaves_its_own_share_unknown_and_not_the_others() -> None:
    told, models = found([SMALL])
    by_count, by_power, by_hash = shares(told, models, SURE, seed=[1])
    assert by_count.share is not None
    assert by_power.share is not None
    assert (by_hash.share, by_hash.why_none) == (None, "The hash rate per kW is unknown in small.")
    few = [replace(models[0], stratum=replace(SMALL, power_kw={"registered": (400, 4e3, 4.04e4)}))]
    _, by_power, _ = shares(told, few, SURE, seed=[1])
    assert (by_power.share, by_power.why_none) == (None, "The power of too few operations is known in small.")


def test_shares_follow_the_seed_and_survive_json() -> None:
    told, models = found([SMALL, LARGE])
    once, again = (shares(told, models, SURE, seed=[4]) for _ in range(2))
    assert once == again
    for share in once:
        kept = Share.from_json(json.loads(json.dumps(share.to_json(), allow_nan=False)))
        assert kept.to_json() == share.to_json()


def test_without_a_point_in_the_headline_there_is_none_here() -> None:
    told, models = found([SMALL])
    unsure = replace(told, rate=None, unregistered=None)
    for share in shares(unsure, models, SURE, seed=[1], hash_per_kw={"small": even(1.0)}):
        assert share.share is None
        assert share.why_none


def test_matches_that_nobody_reviewed_leave_a_range_by_power_too() -> None:
    context = Context(by_model=1.0)
    models = [stratum_model(SMALL, TRAITS, SURE, context.matching())]
    told = headline(models, [[]], SURE, traits=TRAITS, seed=[1], context=context)
    by_count, by_power, _ = shares(told, models, SURE, seed=[1], why_no_hash="There are none.")
    _, linked, _ = shares(*found([SMALL]), SURE, seed=[1], why_no_hash="There are none.")
    assert (by_count.share, by_power.share) == (None, None)
    assert by_count.interval == told.published
    assert by_power.interval is not None
    assert linked.interval is not None
    assert by_power.interval.high > linked.interval.high + 0.02
    assert by_power.interval.low == pytest.approx(linked.interval.low, abs=0.02)


def test_the_interval_by_hash_rate_holds_both_ends_of_what_the_unregistered_may_mine_with() -> None:
    told, models = found([SMALL])
    wide = Fleet(40.0, 0.0, 20.0, 100.0, 400, 4_000)
    [known], [unsure] = (
        [each for each in shares(told, models, SURE, seed=[1], hash_per_kw={"small": fleet}) if each.unit == "TH/s"]
        for fleet in (even(40.0), wide)
    )
    assert unsure.share == known.share
    assert unsure.interval is not None
    registered, hidden = known.registered or 0, known.unregistered or 0
    # On the best devices the unregistered hash 100 / 40 as much, on the worst half as much.
    assert unsure.interval.low < registered / (registered + 2.5 * hidden)
    assert unsure.interval.high > registered / (registered + 0.5 * hidden)
    assert "Illustrative" in unsure.note
    assert "10.0 to 50.0 J/TH" in unsure.note


def test_a_run_without_devices_on_file_says_why_there_is_no_share_by_hash_rate() -> None:
    told, models = found([SMALL])
    none, why = fleets(["small"], {"strata": {}, "least": None}, 100.0)
    assert none == {}
    share = shares(told, models, SURE, seed=[1], hash_per_kw=none, why_no_hash=why)[2]
    assert (share.share, share.interval) == (None, None)
    assert share.why_none == "Hash rate per kW is unknown: the devices of no registered operation are on file."


def sums(operations: list[tuple[float, float]]) -> list[float]:
    """The seven figures of operations given as TH/s and kW."""
    ths, kw = np.array(operations).T
    return [len(operations), 10, ths.sum(), kw.sum(), (ths * ths).sum(), (kw * kw).sum(), (ths * kw).sum()]


def test_hash_rate_per_kw_is_a_ratio_of_sums_whose_error_the_jackknife_confirms() -> None:
    draw = np.random.default_rng(3)
    kw = draw.uniform(50, 500, 60)
    ths = kw * draw.uniform(40, 60, 60)
    mean, se = Sums(*sums(list(zip(ths, kw, strict=True)))).ratio
    assert mean == pytest.approx(ths.sum() / kw.sum())
    without = np.array([(ths.sum() - t) / (kw.sum() - k) for t, k in zip(ths, kw, strict=True)])
    jackknife = np.sqrt(59 / 60 * ((without - without.mean()) ** 2).sum())
    assert se == pytest.approx(jackknife, rel=0.05)


def test_a_stratum_with_few_devices_on_file_takes_those_of_all_and_a_pooled_one_those_of_its_parts() -> None:
    devices = {"strata": {"a": sums([(50, 1)] * 6), "b": sums([(20, 1)] * 2), "c": sums([(20, 1)] * 6)}, "least": 20.0}
    known, why = fleets(["a", "b", "b + c", "d"], devices, 60.0)
    assert why == ""
    assert [known[name].mean for name in ("a", "b", "b + c", "d")] == pytest.approx([50, 460 / 14, 20, 460 / 14])
    assert [known[name].overall for name in ("a", "b", "b + c", "d")] == [False, True, False, True]
    assert all(each.least <= each.mean <= each.most == 60 for each in known.values())


@pytest.mark.parametrize(
    ("counts", "least"), [([(10.0, 4), (20.0, 96)], 20.0), ([(20.0, 95), (10.0, 5)], 10.0), ([], None)]
)
def test_the_least_efficient_is_the_quantile_of_the_devices(
    counts: list[tuple[float, int]], least: float | None
) -> None:
    assert quantile(counts) == least
    if counts:
        each = np.repeat([value for value, _ in counts], [count for _, count in counts])
        assert least == np.quantile(each, 0.05, method="inverted_cdf")


def test_operations_of_unknown_power_leave_a_range_that_holds_whatever_they_draw() -> None:
    unknown = replace(SMALL, name="size unknown", power_kw={})
    told, models = found([SMALL, LARGE, unknown])
    _, power, hashing = shares(
        told, models, SURE, seed=[1], hash_per_kw={each.stratum.name: even(40.0) for each in models}
    )
    assert power.share is None
    assert "of “size unknown” from 10 to" in power.why_none
    assert power.interval is not None
    assert hashing.interval is not None
    assert hashing.interval.low == pytest.approx(power.interval.low)
    means = mean_powers(models, SURE).of
    for unregistered_kw in (means[2]["unregistered"].low, means[2]["unregistered"].high):
        kw = {"registered": means[2]["registered"].high, "unregistered": unregistered_kw}
        known = replace(unknown, power_kw={who: (300, 300 * mean, 300 * mean**2) for who, mean in kw.items()})
        told, models = found([SMALL, LARGE, known])
        one = shares(told, models, SURE, seed=[1])[1]
        assert one.share is not None
        assert one.interval is not None
        assert power.interval.low <= one.interval.low + 0.005
        assert one.interval.high <= power.interval.high + 0.005
