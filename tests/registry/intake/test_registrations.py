"""Files of registrations: entries, applications, and what may not stand beside each other."""

import pytest

from registry.models import Registration, RowError
from tests import factories
from tests.registry.intake.conftest import counts, errors

HEADER = "miner,register,number,status,applied_on,from,until,reason\n"
SBER = "ru.inn=7707083893"


@pytest.fixture
def miner(places):
    return factories.MinerFactory(identifiers={"ru.inn": "7707083893"})


@pytest.fixture
def other(places):
    return factories.MinerFactory(identifiers={"ru.inn": factories.inn_of_company(5)})


def row(miner=SBER, register="ru.miners", number="R1", status="active", applied="", since="2025-01-10", to="", why=""):
    return f"{miner},{register},{number},{status},{applied},{since},{to},{why}\n"


def test_entry_and_application_are_stored_when_they_are_new(run, miner):
    data = (
        HEADER
        + row(applied="2024-12-20", to="2027-01-01")
        + row(register="ru.operators", number="", status="refused", applied="2025-02-01", since="", why='"wrong, form"')
    )

    assert counts(run("registrations", data)) == ("done", 2, 0, 0, 0)
    entry, application = Registration.objects.order_by("register__code")
    assert (entry.miner, entry.number, str(entry.period.upper)) == (miner, "R1", "2027-01-01")
    assert (application.status, application.period, application.reason) == ("refused", None, "wrong, form")
    assert counts(run("registrations", data)) == ("done", 0, 0, 2, 0)


def test_entry_is_ended_when_its_number_comes_again(run, miner):
    run("registrations", HEADER + row())

    result = run("registrations", HEADER + row(status="excluded", to="2025-06-01", why="bankrupt"))

    assert counts(result) == ("done", 0, 1, 0, 0)
    entry = Registration.objects.get()
    assert (entry.status, str(entry.period.upper), entry.reason) == ("excluded", "2025-06-01", "bankrupt")


def test_application_becomes_an_entry_when_a_number_was_given_to_it(run, miner):
    run("registrations", HEADER + row(number="", status="applied", applied="2024-12-20", since=""))

    result = run("registrations", HEADER + row(number="R7", applied="2024-12-20"))

    assert counts(result) == ("done", 0, 1, 0, 0)
    assert Registration.objects.get().number == "R7"


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"miner": "ru.inn=7707083894"}, "miner", "identifier_not_valid"),
        ({"miner": f"ru.inn={factories.inn_of_company(99)}"}, "miner", "unknown_miner"),
        ({"register": "ru.farmers"}, "register", "unknown_register"),
        ({"status": "on"}, "status", "unknown_word"),
        ({"status": "applied"}, "until", "period_not_expected"),
        ({"since": ""}, "until", "period_missing"),
        ({"status": "excluded"}, "until", "end_missing"),
        ({"to": "2025-01-10"}, "until", "ends_before_start"),
        ({"since": "2026-02-01"}, "from", "in_the_future"),
        ({"to": "9025-01-01"}, "until", "too_late"),
        ({"number": "", "status": "applied", "since": ""}, "from", "no_number_and_no_day"),
    ],
)
def test_row_is_refused_when_it_cannot_stand(run, miner, cells, column, code):
    result = run("registrations", HEADER + row(**cells))

    assert counts(result) == ("done", 0, 0, 0, 1)
    assert errors(result) == [(2, column, code)]


def test_row_is_refused_when_it_overlaps_an_entry_on_file(run, miner):
    run("registrations", HEADER + row())

    result = run("registrations", HEADER + row(number="R2", since="2025-05-01"))

    assert errors(result) == [(2, "from", "registration_overlaps")]
    assert "a miner has one entry at a time" in RowError.objects.get(import_run=result).reason


def test_later_row_is_refused_when_two_of_one_file_overlap(run, miner):
    result = run("registrations", HEADER + row(to="2025-06-01") + row(number="R2", since="2025-05-01"))

    assert counts(result) == ("done", 1, 0, 0, 1)
    assert errors(result) == [(3, "from", "registration_overlaps")]
    assert "line 2 of the file" in RowError.objects.get(import_run=result).reason


def test_entries_may_follow_each_other_when_one_ends_where_the_next_begins(run, miner):
    data = HEADER + row(status="expired", to="2025-05-01") + row(number="R2", since="2025-05-01")

    assert counts(run("registrations", data)) == ("done", 2, 0, 0, 0)


def test_new_entry_is_taken_when_the_same_file_ends_the_old_one(run, miner):
    run("registrations", HEADER + row())

    data = HEADER + row(number="R2", since="2025-05-01") + row(status="excluded", to="2025-05-01")

    assert counts(run("registrations", data)) == ("done", 1, 1, 0, 0)


def test_new_entry_is_refused_when_the_row_that_would_end_the_old_one_is_refused_too(run, miner):
    run("registrations", HEADER + row() + row(number="R9", status="expired", since="2024-01-01", to="2024-06-01"))

    # The second row would end R1 in time but itself overlaps R9; so R1 stays open, and the third row overlaps it.
    data = (
        HEADER
        + row(number="R1", since="2024-03-01", status="expired", to="2025-05-01")
        + row(number="R2", since="2025-05-01")
    )
    result = run("registrations", data)

    assert counts(result) == ("done", 0, 0, 0, 2)
    assert errors(result) == [(2, "from", "registration_overlaps"), (3, "from", "registration_overlaps")]


def test_row_is_refused_when_the_number_belongs_to_another_miner(run, miner, other):
    run("registrations", HEADER + row())

    result = run("registrations", HEADER + row(miner=str(other.identifiers.get()), since="2023-01-01", to="2023-02-01"))

    assert errors(result) == [(2, "number", "number_of_another_miner")]


def test_later_row_is_refused_when_a_number_is_listed_twice(run, miner, other):
    result = run("registrations", HEADER + row() + row(miner=str(other.identifiers.get())))

    assert errors(result) == [(3, "number", "twice_in_file")]
