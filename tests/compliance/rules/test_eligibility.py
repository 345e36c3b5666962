"""Foreigners may not mine in Russia; elsewhere neither may what they own, nor whoever has something on file."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Norm
from compliance.rules import Scope
from compliance.rules.eligibility import Eligibility
from registry.models import Miner, Territory
from tests.factories import ImpedimentFactory, MinerFactory, OwnershipFactory

FOREIGN = "ru.eligibility.foreign"
AS_OF = dt.date(2026, 11, 22)


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


# Variants of the norm, as other countries have them; the norm on file stays as it is.


def barring(**parameters: Any) -> Eligibility:
    """Russia's norm with other parameters, in memory only."""
    norm = Norm.objects.get(code=FOREIGN)
    norm.parameters = parameters
    return Eligibility(norm)


def days_barred(rule: Eligibility, miner: Miner) -> list[tuple[str, str | None]]:
    spans = [row[4] for row in rule.spans(Scope(miner_ids=(miner.pk,)), AS_OF)]
    return [(str(span.lower), str(span.upper) if span.upper else None) for span in sorted(spans)]


def unknown_of(rule: Eligibility, miner: Miner) -> list[str]:
    return [row.missing_fact for row in rule.undetermined(AS_OF, Scope(miner_ids=(miner.pk,)))]


BY_HALF = {"share_percent_from": "50"}


def test_subsidiary_of_a_foreigner_is_barred_for_as_long_as_it_is_owned(ru_law: Any) -> None:
    rule = barring(country="RU", owners=BY_HALF)
    bought = OwnershipFactory(named=True, period=DateRange(dt.date(2025, 2, 1), dt.date(2025, 9, 1)))
    assert days_barred(rule, bought.miner) == [("2025-02-01", "2025-09-01")]


def test_owner_below_the_share_bars_nobody(ru_law: Any) -> None:
    rule = barring(country="RU", owners=BY_HALF)
    assert days_barred(rule, OwnershipFactory(named=True, share_percent=Decimal("49.999")).miner) == []
    assert days_barred(rule, OwnershipFactory(named=True, share_percent=Decimal("50")).miner) == [("2024-11-01", None)]


def test_foreign_owner_of_a_russian_owner_bars_on_the_days_on_which_both_own(ru_law: Any) -> None:
    rule = barring(country="RU", owners=BY_HALF)
    upper = OwnershipFactory(named=True, period=DateRange(dt.date(2025, 1, 1), dt.date(2025, 6, 1)))
    lower = OwnershipFactory(owner=upper.miner, period=DateRange(dt.date(2025, 3, 1), dt.date(2025, 8, 1)))
    assert days_barred(rule, lower.miner) == [("2025-03-01", "2025-06-01")]


def test_companies_that_own_each_other_come_to_an_end(ru_law: Any) -> None:
    rule = barring(country="RU", owners=BY_HALF)
    one = OwnershipFactory()
    OwnershipFactory(miner=one.owner, owner=one.miner)
    assert days_barred(rule, one.miner) == []
    OwnershipFactory(named=True, miner=one.owner, share_percent=Decimal("60"))
    assert days_barred(rule, one.miner) == [("2024-11-01", None)]


def test_nothing_can_be_said_when_the_share_of_a_foreigner_is_unknown(ru_law: Any) -> None:
    rule = barring(country="RU", owners=BY_HALF)
    miner = OwnershipFactory(named=True, share_unknown=True).miner
    assert days_barred(rule, miner) == []
    assert unknown_of(rule, miner) == ["share of an owner"]


def test_chain_is_as_unknown_as_its_least_known_step(ru_law: Any) -> None:
    upper = OwnershipFactory(named=True)
    miner = OwnershipFactory(owner=upper.miner, share_unknown=True).miner
    rule = barring(country="RU", owners=BY_HALF)
    assert days_barred(rule, miner) == []
    assert unknown_of(rule, miner) == ["share of an owner"]


def test_unknown_share_of_a_russian_owner_changes_nothing(ru_law: Any) -> None:
    assert unknown_of(barring(country="RU", owners=BY_HALF), OwnershipFactory(share_unknown=True).miner) == []


def test_nothing_can_be_said_when_the_country_of_an_owner_is_unknown(ru_law: Any) -> None:
    miner = OwnershipFactory(named=True, owner_country=None).miner
    assert unknown_of(barring(country="RU", owners=BY_HALF), miner) == ["country of an owner"]


def test_owners_are_not_asked_where_the_norm_does_not_ask_for_them(ru_law: Any) -> None:
    miner = OwnershipFactory(named=True).miner
    assert days_barred(barring(country="RU"), miner) == []
    assert unknown_of(barring(country="RU"), OwnershipFactory(named=True, owner_country=None).miner) == []


def test_only_the_barred_countries_are_barred(ru_law: Any) -> None:
    rule = barring(barred_countries=["CN"])
    assert days_barred(rule, MinerFactory(foreign=True)) == [("2024-11-01", None)]
    assert days_barred(rule, MinerFactory(country=Territory.objects.get(code="KZ"))) == []
    assert unknown_of(rule, MinerFactory(country=None)) == ["country of incorporation"]


def test_several_countries_may_mine(ru_law: Any) -> None:
    rule = barring(countries=["RU", "KZ"])
    assert days_barred(rule, MinerFactory(country=Territory.objects.get(code="KZ"))) == []
    assert days_barred(rule, MinerFactory(foreign=True)) == [("2024-11-01", None)]


def test_convict_is_barred_until_the_conviction_is_expunged(ru_law: Any) -> None:
    rule = barring(impediments=["conviction"])
    assert days_barred(rule, ImpedimentFactory(conviction=True, lifted=True).miner) == [("2024-11-01", "2025-06-01")]
    assert days_barred(rule, ImpedimentFactory().miner) == [], "a place on a list is another impediment"
    assert unknown_of(rule, MinerFactory(country=None)) == [], "where nothing is on file, nothing is against it"


def test_company_of_a_convict_is_barred_with_its_owner(ru_law: Any) -> None:
    convict = ImpedimentFactory(conviction=True, lifted=True).miner
    company = OwnershipFactory(owner=convict).miner
    rule = barring(impediments=["conviction"], owners=BY_HALF)
    assert days_barred(rule, company) == [("2024-11-01", "2025-06-01")]
    assert days_barred(barring(impediments=["conviction"]), company) == []


def test_who_mined_before_the_law_has_time_to_divest_and_who_came_later_has_none(ru_law: Any) -> None:
    rule = barring(country="RU", divest_days=365)
    before = MinerFactory(foreign=True, operating=DateRange(dt.date(2024, 10, 31), None))
    assert days_barred(rule, before) == [("2025-11-01", None)]
    assert days_barred(rule, MinerFactory(foreign=True)) == [("2024-11-01", None)]


def test_finding_names_the_countries_of_the_owners_and_the_impediments(ru_law: Any) -> None:
    rule = barring(country="RU", impediments=["listed"], owners=BY_HALF)
    miner = OwnershipFactory(named=True, owner_country=Territory.objects.get(code="KZ")).miner
    ImpedimentFactory(miner=miner)
    [row] = rule.spans(Scope(miner_ids=(miner.pk,)), AS_OF)
    assert row[5] == {"country": "RU", "owners_from": ["KZ"], "impediments": ["listed"]}
