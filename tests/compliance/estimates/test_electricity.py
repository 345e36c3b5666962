"""Operations by power and by hash rate: each figure by hand, and what is not known said instead of guessed."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from compliance.estimates.electricity import electricity, kw_per_operation
from compliance.estimates.partition import ListTraits, Settings, Stratum, StratumModel, stratum_model
from compliance.estimates.tables import Table

TRAITS = (ListTraits("register", register=True), ListTraits("grid"), ListTraits("pool"))
SURE = Settings(active_alpha=1, active_beta=0, bootstrap=0)
POWER = {"registered": (400, 40_000.0, 4_000_000.0), "unregistered": (300, 3_000.0, 30_000.0)}
TABLE = Table.of(("register", "grid", "pool"), [((1, 0, 0), 400), ((0, 1, 0), 200), ((0, 0, 1), 100), ((0, 1, 1), 100)])
CATALOGUE = {
    "models": [
        {"id": 1, "name": "Old", "ths": 100.0, "watts": 3400.0},
        {"id": 2, "name": "Middle", "ths": 200.0, "watts": 4000.0},
        {"id": 3, "name": "New", "ths": 500.0, "watts": 5000.0},
    ]
}
# A TH/s that earns 0.045 a day pays at most 0.045 x 1000 / (24 x 1.1 x 0.07) = 24.35 J/TH: the old device does not.
HASHING = {"hash_rate_ths": [1e6, 3e6], "hash_price": 0.045, "price_per_kwh": 0.07, "above_threshold": 1.0}


def model(power: Any = None) -> StratumModel:
    return stratum_model(Stratum("all", TABLE, POWER if power is None else power), TRAITS, SURE)


def test_the_mean_power_is_that_of_all_operations_and_not_of_the_registered_alone() -> None:
    one = model()
    hidden = one.u.n or 0.0
    found = kw_per_operation([one], SURE)
    # Everybody registered draws 100 kW, everybody else 10 kW, so there is no error.
    assert found.mean == pytest.approx((400 * 100 + hidden * 10) / (400 + hidden))
    assert found.span is not None
    assert (found.span.low, found.span.high) == pytest.approx((found.mean, found.mean))


def test_each_bound_goes_from_hash_rate_by_efficiency_and_pue_to_power_and_to_operations() -> None:
    found = electricity([model()], SURE, HASHING, CATALOGUE)
    shown = found.document["by_hash_rate"]
    mean = kw_per_operation([model()], SURE).mean or 0.0
    by_hand = {"lower": (10.0, 1e6 * 10 * 1.01 / 1000), "best": (15.0, 2e6 * 15 * 1.10 / 1000)}
    by_hand["upper"] = (20.0, 3e6 * 20 * 1.20 / 1000)
    for name, (j_per_th, kw) in by_hand.items():
        assert shown[name]["j_per_th"] == pytest.approx(j_per_th)
        assert shown[name]["kw"] == pytest.approx(kw)
        assert shown[name]["operations"] == pytest.approx(kw / mean)
    assert (shown["models"], shown["profitable"]) == (3, 2)
    assert shown["break_even_j_per_th"] == pytest.approx(45 / (24 * 1.1 * 0.07))
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((10_100 / mean, 72_000 / mean))
    json.dumps(found.document, allow_nan=False)


def test_the_part_above_the_threshold_scales_all() -> None:
    whole = electricity([model()], SURE, HASHING, CATALOGUE)
    part = electricity([model()], SURE, {**HASHING, "above_threshold": 0.25}, CATALOGUE)
    for name in ("lower", "best", "upper"):
        kw = whole.document["by_hash_rate"][name]["kw"]
        assert part.document["by_hash_rate"][name]["kw"] == pytest.approx(kw / 4)


def test_both_ways_together_conflict_with_lists_only_where_each_does() -> None:
    power = electricity([model()], SURE, {"mining_kw": [1000, 2000]}).interval
    both = electricity([model()], SURE, {**HASHING, "mining_kw": [1000, 2000]}, CATALOGUE).interval
    hashing = electricity([model()], SURE, HASHING, CATALOGUE).interval
    assert power is not None
    assert both is not None
    assert hashing is not None
    assert (both.low, both.high) == (power.low, hashing.high)


def test_there_is_no_upper_end_where_nobody_earns_the_electricity() -> None:
    found = electricity([model()], SURE, {**HASHING, "hash_price": 0.0}, CATALOGUE)
    shown = found.document["by_hash_rate"]
    assert (shown["best"], shown["upper"]) == (None, None)
    assert "no upper bound" in shown["why_none"]
    assert found.interval is not None
    assert found.interval.high == math.inf


@pytest.mark.parametrize("power", [{}, {"registered": POWER["registered"]}])
def test_an_unknown_mean_power_gives_kilowatts_and_no_operations(power: Any) -> None:
    found = electricity([model(power)], SURE, {**HASHING, "mining_kw": [1, 2]}, CATALOGUE)
    assert found.interval is None
    assert found.document["why_none"] == "The power of too few operations is known in all."
    assert found.document["by_hash_rate"]["best"]["kw"] == pytest.approx(33_000)
    assert found.document["by_hash_rate"]["best"]["operations"] is None


def test_an_empty_catalogue_gives_no_power() -> None:
    found = electricity([model()], SURE, HASHING, {"models": []})
    assert found.interval is None
    assert "no SHA-256 device" in found.document["by_hash_rate"]["why_none"]


def test_a_stratum_without_an_estimate_weighs_with_those_that_there_are_at_least() -> None:
    one = model()
    unknown = replace(one, u=replace(one.u, n=None, interval=None))
    found = kw_per_operation([unknown], SURE)
    assert found.mean == pytest.approx((400 * 100 + one.bound * 10) / (400 + one.bound))


def test_operations_of_unknown_power_widen_the_mean_and_take_away_its_middle() -> None:
    unknown = stratum_model(Stratum("size unknown", TABLE, {}), TRAITS, SURE)
    small = model({who: (400, 400 * kw, 400 * kw**2) for who, kw in (("registered", 20.0), ("unregistered", 2.0))})
    found = kw_per_operation([model(), small, unknown], SURE)
    u = unknown.u.n or 0.0
    known = (400 * 120 + u * 12) / (3 * (400 + u))
    assert found.mean is None
    assert found.span is not None
    # From the least of the others (20 and 2 kW) to their mean (60 and 6 kW).
    assert found.span.low == pytest.approx(known + (400 * 20 + u * 2) / (3 * (400 + u)))
    assert found.span.high == pytest.approx(known + (400 * 60 + u * 6) / (3 * (400 + u)))
    assert "400 registered of “size unknown” from 20 to 60 kW" in found.note
    shown = electricity([model(), small, unknown], SURE, HASHING, CATALOGUE).document["by_hash_rate"]
    assert shown["best"]["operations"] is None
    assert shown["lower"]["operations"] < shown["upper"]["operations"]
