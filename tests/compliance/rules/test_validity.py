"""An entry in the register runs out, must be renewed every year, or is suspended; whoever mines on is in breach."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Norm
from registry.models import Miner
from tests.factories import MinerFactory, RegisterFactory, RegistrationFactory
from tests.norms import AS_OF, breaches_of, facts_of, made_up_norm, missing_of, rule_of

pytestmark = pytest.mark.django_db


def validity(**parameters: Any) -> Norm:
    return made_up_norm("validity", parameters)


def entered(since: dt.date, until: dt.date | None = None, **changes: Any) -> Miner:
    """A company that has mined since 2020, with one entry from a day to the day before another."""
    if "miner" not in changes:
        changes["miner"] = MinerFactory(operating=DateRange(dt.date(2020, 1, 1), None))
    status = changes.pop("status", "expired" if until else "active")
    miner: Miner = RegistrationFactory(period=DateRange(since, until), status=status, **changes).miner
    return miner


def test_licence_of_one_year_runs_out_on_its_anniversary() -> None:
    assert breaches_of(validity(term_years=1), entered(dt.date(2025, 4, 1))) == [("2026-04-01", None)]


def test_licence_is_valid_on_the_last_day_of_its_third_year() -> None:
    norm, miner = validity(term_years=3), entered(dt.date(2023, 4, 1))
    assert not rule_of(norm).breaches(dt.date(2026, 3, 31)).exists()
    assert [row.pk for row in rule_of(norm).breaches(dt.date(2026, 4, 1))] == [miner.pk]


def test_licence_of_29_february_lasts_whole_years() -> None:
    miner = entered(dt.date(2024, 2, 29))
    assert breaches_of(validity(term_years=1), miner) == [("2025-03-01", None)]
    assert breaches_of(validity(term_years=2), miner) == [("2026-03-01", None)]


def test_term_counts_from_the_entry_also_when_the_law_is_younger() -> None:
    assert breaches_of(validity(term_years=3), entered(dt.date(2021, 6, 1))) == [("2024-11-01", None)]


def test_breach_ends_when_the_licence_is_closed_or_the_miner_stops() -> None:
    norm = validity(term_years=1)
    assert breaches_of(norm, entered(dt.date(2025, 1, 1), dt.date(2026, 2, 1))) == [("2026-01-01", "2026-02-01")]
    stopped = MinerFactory(operating=DateRange(dt.date(2024, 1, 1), dt.date(2026, 3, 1)))
    assert breaches_of(norm, entered(dt.date(2025, 1, 1), miner=stopped)) == [("2026-01-01", "2026-03-01")]


def test_new_licence_is_valid_again() -> None:
    miner = entered(dt.date(2025, 1, 1), dt.date(2026, 2, 1))
    entered(dt.date(2026, 2, 1), miner=miner)
    assert breaches_of(validity(term_years=1), miner) == [("2026-01-01", "2026-02-01")]


def test_entry_of_any_day_of_2025_is_renewed_by_1_march_2026() -> None:
    norm = validity(renewal_day="03-01")
    for since in (dt.date(2025, 1, 1), dt.date(2025, 3, 1), dt.date(2025, 12, 31)):
        assert breaches_of(norm, entered(since)) == [("2026-03-02", None)]


def test_entry_renewed_on_the_last_day_leaves_no_breach() -> None:
    miner = entered(dt.date(2025, 5, 5), dt.date(2026, 3, 1))
    entered(dt.date(2026, 3, 1), miner=miner)
    assert breaches_of(validity(renewal_day="03-01"), miner) == []
    assert breaches_of(validity(renewal_day="03-01"), miner, dt.date(2027, 6, 1)) == [("2027-03-02", None)]


def test_whichever_ends_first_ends_the_validity() -> None:
    norm = validity(term_years=1, renewal_day="03-01")
    assert breaches_of(norm, entered(dt.date(2025, 1, 10))) == [("2026-01-10", None)]
    assert breaches_of(norm, entered(dt.date(2025, 5, 10))) == [("2026-03-02", None)]


def test_who_mines_while_suspended_is_in_breach() -> None:
    miner = entered(dt.date(2025, 1, 1), dt.date(2025, 6, 1))
    entered(dt.date(2025, 6, 1), dt.date(2025, 9, 1), miner=miner, status="suspended")
    entered(dt.date(2025, 9, 1), miner=miner)
    assert breaches_of(validity(suspension=True), miner) == [("2025-06-01", "2025-09-01")]
    assert breaches_of(validity(term_years=1), miner) == [("2026-09-01", None)]


def test_who_has_no_entry_or_one_in_another_register_is_another_norms_business() -> None:
    norm = validity(term_years=1, suspension=True)
    assert breaches_of(norm, MinerFactory()) == []
    elsewhere = entered(dt.date(2020, 1, 1), register=RegisterFactory(operators=True))
    assert breaches_of(norm, elsewhere) == []


def test_nothing_is_ever_undetermined() -> None:
    norm = validity(term_years=1)
    assert missing_of(norm, MinerFactory()) == []
    assert missing_of(norm, entered(dt.date(2020, 1, 1))) == []


def test_norm_without_kinds_of_miner_speaks_of_all() -> None:
    individual = MinerFactory(individual=True)
    entered(dt.date(2025, 1, 1), miner=individual)
    assert breaches_of(validity(term_years=1), individual) == []
    of_all = made_up_norm("validity", {"term_years": 1}, miner_kinds=())
    assert breaches_of(of_all, individual) == [("2026-01-01", None)]


def test_whoever_operates_under_an_entry_is_bound() -> None:
    norm = validity(term_years=5)
    miner, outside = entered(dt.date(2025, 1, 1)), MinerFactory()
    bound = {row.pk for row in rule_of(norm).obliged(AS_OF)}
    assert miner.pk in bound
    assert outside.pk not in bound


def test_facts_name_the_entry_the_first_day_without_validity_and_why() -> None:
    miner = entered(dt.date(2023, 1, 1), dt.date(2025, 1, 1))
    entered(dt.date(2025, 1, 1), miner=miner)
    entry = miner.registrations.get(period__endswith=None)
    norm = validity(term_years=3, renewal_day="03-01", suspension=True)
    first = miner.registrations.get(period__startswith=dt.date(2023, 1, 1))
    assert facts_of(norm, miner)["entries"] == [
        {"entry": first.pk, "since": "2023-01-01", "invalid_from": "2024-03-02", "why": "renewal"},
        {"entry": entry.pk, "since": "2025-01-01", "invalid_from": "2026-03-02", "why": "renewal"},
    ]
