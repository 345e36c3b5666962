"""Foreigners may not mine in Russia."""

from typing import Any

from tests.factories import MinerFactory

FOREIGN = "ru.eligibility.foreign"


def test_foreign_company_is_in_breach_for_as_long_as_it_mines(breaches: Any) -> None:
    assert breaches(FOREIGN, MinerFactory(foreign=True)) == [("2024-11-01", None)]
    assert breaches(FOREIGN, MinerFactory(foreign=True, stopped=True)) == [("2024-11-01", "2025-06-01")]


def test_russian_company_is_not(breaches: Any, undetermined: Any) -> None:
    miner = MinerFactory()
    assert breaches(FOREIGN, miner) == []
    assert undetermined(FOREIGN, miner) == []


def test_nothing_can_be_said_when_the_country_is_unknown(breaches: Any, undetermined: Any) -> None:
    miner = MinerFactory(country=None)
    assert breaches(FOREIGN, miner) == []
    assert undetermined(FOREIGN, miner) == ["country of incorporation"]
