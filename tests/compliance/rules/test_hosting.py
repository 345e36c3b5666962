"""An operator answers for whom it serves: unregistered miners, and clients of whom it tells nobody."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import LawPack, Norm
from compliance.models.fields import Days
from compliance.rules import Scope
from compliance.rules.energy_limit import EnergyLimit
from compliance.rules.hosting import Hosting
from registry.models import Miner, Site
from tests.factories import MinerFactory, ReadingFactory, RegistrationFactory, SiteFactory

AS_OF = dt.date(2026, 11, 22)
DAY = dt.date(2025, 5, 5)

Facts = tuple[str, str | None, int, int]


def serving(*, since: dt.date = dt.date(2024, 11, 1), **parameters: Any) -> Hosting:
    """The norm of the bill as if it were law from the day; nothing of it is on file."""
    norm = Norm.objects.get(code="ru.hosting.unregistered")
    norm.parameters, norm.in_force = parameters, Days([DateRange(since, None)])
    return Hosting(norm)


@pytest.fixture
def unregistered(ru_law: LawPack) -> Hosting:
    return serving(clients_register="ru.miners")


@pytest.fixture
def host(ru_law: LawPack) -> Miner:
    miner: Miner = MinerFactory(operator=True)
    return miner


def found(rule: Hosting, host: Miner, as_of: dt.date = AS_OF) -> list[Facts]:
    """First day, first day after, clients that were not registered, and sites that were not disclosed."""
    rows = sorted(rule.spans(Scope(miner_ids=(host.pk,)), as_of), key=lambda row: row[4])
    assert all(row[5]["violations"] == row[5]["unregistered_clients"] + row[5]["undisclosed_sites"] for row in rows)
    return [
        (
            str(row[4].lower),
            str(row[4].upper) if row[4].upper else None,
            row[5]["unregistered_clients"],
            row[5]["undisclosed_sites"],
        )
        for row in rows
    ]


def unknown_of(rule: Hosting, host: Miner) -> list[str]:
    return [row.missing_fact for row in rule.undetermined(DAY, Scope(miner_ids=(host.pk,)))]


def test_host_of_a_company_outside_the_register_is_in_breach_until_it_is_entered(
    unregistered: Hosting, host: Miner
) -> None:
    site = SiteFactory(host=host)
    RegistrationFactory(miner=site.miner, period=DateRange(DAY, None))
    assert found(unregistered, host) == [("2024-11-01", "2025-05-05", 1, 0)]


def test_host_of_a_registered_company_is_not(unregistered: Hosting, host: Miner) -> None:
    site = SiteFactory(host=host)
    RegistrationFactory(miner=site.miner)
    assert found(unregistered, host) == []
    assert unknown_of(unregistered, host) == []


def test_breach_lasts_only_while_the_site_is_hosted_and_the_host_operates(unregistered: Hosting, host: Miner) -> None:
    SiteFactory(host=host, period=DateRange(dt.date(2025, 2, 1), dt.date(2025, 9, 1)))
    assert found(unregistered, host) == [("2025-02-01", "2025-09-01", 1, 0)]
    Miner.objects.filter(pk=host.pk).update(operating=DateRange(dt.date(2025, 1, 1), dt.date(2025, 4, 1)))
    assert found(unregistered, host) == [("2025-02-01", "2025-04-01", 1, 0)]


def test_breach_begins_with_the_norm(host: Miner) -> None:
    SiteFactory(host=host)
    assert found(serving(since=DAY, clients_register="ru.miners"), host) == [("2025-05-05", None, 1, 0)]


def test_clients_of_one_unbroken_breach_are_counted_together_and_those_of_another_apart(
    unregistered: Hosting, host: Miner
) -> None:
    for first, last in (("2025-01-01", "2025-03-01"), ("2025-02-01", "2025-04-01"), ("2025-06-01", "2025-07-01")):
        SiteFactory(host=host, period=DateRange(dt.date.fromisoformat(first), dt.date.fromisoformat(last)))
    assert found(unregistered, host) == [("2025-01-01", "2025-04-01", 2, 0), ("2025-06-01", "2025-07-01", 1, 0)]


def test_client_that_begins_after_the_day_is_not_counted_on_it(unregistered: Hosting, host: Miner) -> None:
    SiteFactory(host=host)
    SiteFactory(host=host, period=DateRange(dt.date(2025, 8, 1), None))
    assert found(unregistered, host, DAY) == [("2024-11-01", None, 1, 0)]
    assert found(unregistered, host) == [("2024-11-01", None, 2, 0)]


def test_two_sites_of_one_client_are_one_client(unregistered: Hosting, host: Miner) -> None:
    site = SiteFactory(host=host)
    SiteFactory(host=host, miner=site.miner)
    assert found(unregistered, host) == [("2024-11-01", None, 1, 0)]


def test_individual_makes_a_breach_only_while_above_the_limit(unregistered: Hosting, host: Miner) -> None:
    site = SiteFactory(host=host, miner=MinerFactory(individual=True))
    assert found(unregistered, host) == []
    assert unknown_of(unregistered, host) == ["whether its clients must be registered"]
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2025, 3, 1), energy_kwh=9000)
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2025, 4, 1), energy_kwh=100)
    assert found(unregistered, host) == [("2025-03-01", "2025-04-01", 1, 0)]
    assert unknown_of(unregistered, host) == []


def test_clients_are_judged_by_the_duties_that_are_given(host: Miner) -> None:
    site = SiteFactory(host=host, miner=MinerFactory(individual=True))
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2025, 3, 1), energy_kwh=4000)
    rule = serving(clients_register="ru.miners")
    assert found(rule, host) == []
    limit = Norm.objects.get(code="ru.limit.individual")
    limit.parameters = {"energy_kwh_month": "3000"}
    assert found(Hosting(rule.norm, duties=[EnergyLimit(limit)]), host) == [("2025-03-01", None, 1, 0)]


def test_own_sites_of_an_operator_and_sites_of_others_are_not_its_clients(unregistered: Hosting, host: Miner) -> None:
    SiteFactory(miner=host)
    SiteFactory(hosted=True)
    SiteFactory()
    assert found(unregistered, host) == []


def test_site_must_be_disclosed_within_the_days(host: Miner) -> None:
    rule = serving(disclose={"within_days": 10})
    on_time = {"period": DateRange(dt.date(2025, 3, 1), None), "disclosed_on": dt.date(2025, 3, 11)}
    SiteFactory(host=host, **on_time)
    assert found(rule, host) == []
    SiteFactory(host=host, **(on_time | {"disclosed_on": dt.date(2025, 3, 12)}))
    assert found(rule, host) == [], "it came in on the first day on which it was late"
    SiteFactory(host=host, **(on_time | {"disclosed_on": dt.date(2025, 3, 20)}))
    assert found(rule, host) == [("2025-03-12", "2025-03-20", 0, 1)]


def test_site_that_is_never_disclosed_is_a_breach_from_the_first_day_after(host: Miner) -> None:
    SiteFactory(host=host, period=DateRange(dt.date(2025, 3, 1), dt.date(2025, 7, 1)))
    assert found(serving(disclose={"within_days": 10}), host) == [("2025-03-12", "2025-07-01", 0, 1)]


def test_site_older_than_the_norm_has_the_days_from_the_norm_on(host: Miner) -> None:
    SiteFactory(host=host)
    assert found(serving(since=DAY, disclose={"within_days": 10}), host) == [("2025-05-16", None, 0, 1)]


def test_nothing_can_be_said_of_an_undisclosed_site_when_nobody_knows_by_when(host: Miner) -> None:
    rule = serving(disclose={"within_days": "unknown"})
    site = SiteFactory(host=host)
    assert found(rule, host) == []
    assert unknown_of(rule, host) == ["by when clients must be disclosed"]
    Site.objects.filter(pk=site.pk).update(disclosed_on=DAY)
    assert unknown_of(rule, host) == []


def test_unregistered_client_and_undisclosed_site_are_two_violations(host: Miner) -> None:
    SiteFactory(host=host)
    rule = serving(clients_register="ru.miners", disclose={"within_days": 0})
    assert found(rule, host) == [("2024-11-01", None, 1, 1)]
