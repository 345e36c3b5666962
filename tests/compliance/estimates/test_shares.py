"""Three shares beside each other: a few large sites move power and hash rate, not the count."""

import json
from dataclasses import replace

import pytest

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


def test_operations_of_one_size_have_one_share() -> None:
    told, models = found([SMALL])
    by_count, by_power, by_hash = shares(told, models, SURE, seed=[1], hash_per_kw={"small": (40.0, 40.0)})
    assert by_count.share == told.rate
    assert by_power.share == pytest.approx(by_count.share)
    assert by_hash.share == pytest.approx(by_count.share)
    assert by_power.registered == pytest.approx(4_000)
    assert by_hash.registered == pytest.approx(160_000)
    assert by_power.interval is not None
    assert by_power.interval.low < (by_power.share or 0) < by_power.interval.high


def test_large_sites_weigh_more_in_power_and_better_devices_in_hash_rate() -> None:
    told, models = found([SMALL, LARGE])
    efficient = {"small": (40.0, 40.0), "large": (60.0, 30.0)}
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
    for share in shares(unsure, models, SURE, seed=[1], hash_per_kw={"small": (1.0, 1.0)}):
        assert share.share is None
        assert share.why_none
