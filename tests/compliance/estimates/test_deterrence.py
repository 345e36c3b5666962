"""The break-even of a site: an example worked by hand, and what must hold for every site."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.estimates.deterrence import Site, break_even_fine, deterrence

HOME = Site(
    currency="RUB",
    hashrate_ths=Decimal(200),
    power_kw=Decimal("3.5"),
    hashprice=Decimal("4"),
    tariff=Decimal("5"),
    hazard=Decimal("0.02"),
    pue=Decimal("1"),
    tax_percent=Decimal(13),
    registration_cost=Decimal(400),
    confiscation=Decimal(50_000),
    shut_down=Decimal(20_000),
    fine=Decimal(100_000),
)


def test_the_example_of_the_page_is_worked_by_hand() -> None:
    # 720 h × 3.5 kW = 2,520 kWh; revenue 30 × 200 × 4 = 24,000; power 2,520 × 5 = 12,600; profit 11,400.
    # Registered: 11,400 − 400 = 11,000, less 13 % (1,430) = 9,570. Gain 1,830. 1,830 / 0.02 − 70,000 = 21,500.
    found = deterrence(HOME)
    assert (found.profit, found.registered_profit, found.gain) == (11_400, 9_570, 1_830)
    assert found.break_even_fine == 21_500
    assert found.break_even_hazard == Decimal(1_830) / 170_000
    assert found.evasion_pays is False
    assert found.fine_elasticity == Decimal(10) / 17
    assert float(found.caught_within_a_year) == pytest.approx(1 - math.exp(-0.24))
    assert [step.value for step in found.steps][:3] == [2_520, 24_000, 11_400]
    assert "Confiscation and shut-down weigh more than the break-even fine: raising the fine is weak." in (
        found.statements
    )


def test_evading_pays_below_the_break_even_fine_and_not_above_it() -> None:
    free = replace(HOME, confiscation=Decimal(0), shut_down=Decimal(0))
    edge = deterrence(free).break_even_fine
    assert deterrence(replace(free, fine=edge - 1)).evasion_pays is True
    assert deterrence(replace(free, fine=edge)).evasion_pays is False


def test_the_gain_is_all_of_the_profit_when_registering_means_a_loss() -> None:
    found = deterrence(replace(HOME, registration_cost=Decimal(12_000)))
    assert found.registered_profit == -600
    assert found.gain == found.profit == 11_400
    assert any("Above the profit itself no fine matters" in said for said in found.statements)


def test_no_fine_matters_when_the_site_loses_money_anyway() -> None:
    found = deterrence(replace(HOME, hashprice=Decimal(1)))
    assert (found.gain, found.break_even_fine) == (0, 0)
    assert "no fine matters" in found.statements[0]


def test_a_fine_above_what_can_be_seized_is_said_not_to_deter() -> None:
    free = replace(HOME, confiscation=Decimal(0), shut_down=Decimal(0), seizable=Decimal(80_000))
    assert deterrence(free).break_even_fine == 91_500
    assert any("What can be seized" in said for said in deterrence(free).statements)
    assert not any(
        "What can be seized" in said for said in deterrence(replace(free, seizable=Decimal(91_500))).statements
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hazard", 0),
        ("pue", "0.9"),
        ("tax_percent", 101),
        ("tariff", -1),
        ("hashprice", "NaN"),
        ("shut_down", "Infinity"),
    ],
)
def test_what_no_site_can_be_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        replace(HOME, **{field: Decimal(value)})


def amounts(most: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, most, places=2)


sites = st.builds(
    Site,
    currency=st.just("RUB"),
    hashrate_ths=amounts(5_000),
    power_kw=amounts(500),
    hashprice=amounts(20),
    tariff=amounts(20),
    hazard=st.decimals("0.0001", 2, places=4),
    pue=st.decimals(1, 2, places=2),
    tax_percent=amounts(100),
    registration_cost=amounts(10_000),
    delay_cost=amounts(10_000),
    confiscation=amounts(10**6),
    shut_down=amounts(10**6),
    fine=amounts(10**7),
)
# Sites to which staying unregistered pays until some fine.
gaining = st.builds(
    replace,
    sites,
    hashrate_ths=st.decimals(1_000, 5_000, places=2),
    power_kw=st.decimals(1, 50, places=2),
    hashprice=st.decimals(10, 20, places=2),
    tariff=st.decimals(0, 1, places=2),
    tax_percent=st.decimals(10, 100, places=2),
    hazard=st.decimals("0.02", "0.2", places=4),
    confiscation=amounts(100),
    shut_down=amounts(100),
)


@given(site=sites, factor=st.decimals("1.01", 10, places=2))
def test_the_break_even_fine_never_rises_with_detection(site: Site, factor: Decimal) -> None:
    now, later = deterrence(site), deterrence(replace(site, hazard=site.hazard * factor))
    assert later.break_even_fine <= now.break_even_fine
    assert later.break_even_fine < now.break_even_fine or now.break_even_fine == 0


@given(site=sites, more=amounts(10**6))
def test_what_is_lost_besides_takes_its_own_amount_off_the_break_even_fine(site: Site, more: Decimal) -> None:
    now = deterrence(site).break_even_fine
    then = deterrence(replace(site, confiscation=site.confiscation + more)).break_even_fine
    assert then == deterrence(replace(site, shut_down=site.shut_down + more)).break_even_fine
    assert abs(then - max(Decimal(0), now - more)) < Decimal("1e-9") or now == 0


@given(site=sites)
def test_the_gain_lies_between_nothing_and_the_profit(site: Site) -> None:
    found = deterrence(site)
    assert 0 <= found.gain <= max(Decimal(0), found.profit)


@given(site=gaining)
def test_at_the_break_even_the_expected_loss_equals_the_gain(site: Site) -> None:
    found = deterrence(site)
    assert found.break_even_fine > 0
    at_edge = site.hazard * (found.break_even_fine + site.confiscation + site.shut_down)
    assert float(at_edge) == pytest.approx(float(found.gain), rel=1e-12)
    hazard = deterrence(replace(site, fine=found.break_even_fine)).break_even_hazard
    assert hazard is not None
    assert float(hazard) == pytest.approx(float(site.hazard), rel=1e-12)


@given(site=gaining)
def test_the_slope_is_that_of_the_curve(site: Site) -> None:
    found = deterrence(site)
    step = site.hazard / 10**6
    ahead, behind = (
        break_even_fine(found.gain, site.hazard + way * step, site.confiscation, site.shut_down) for way in (1, -1)
    )
    assert ahead > 0
    assert float((ahead - behind) / (2 * step)) == pytest.approx(float(found.fine_slope), rel=1e-6)
