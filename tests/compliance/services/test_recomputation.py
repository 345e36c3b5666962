"""The totals follow the register: computed anew, or refreshed where a change by any door left a mark."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model
from pytest_django import DjangoDbBlocker
from time_machine import travel

from compliance.choices import RunStatus
from compliance.models import (
    Book,
    Case,
    Exposure,
    Finding,
    Fine,
    Norm,
    Penalty,
    Recomputation,
    RegistrationRate,
    StaleMark,
    Undetermined,
    UndeterminedMiners,
)
from compliance.selectors.counts import MEASURES
from compliance.selectors.totals import headline, sanctions_of, stored_day, undecided
from compliance.services.recomputation import recompute, refresh_stale
from compliance.tasks import recompute_exposure, recompute_rates
from compliance.tasks import refresh_stale as task_refresh_stale
from registry.models import Miner, Register, Territory
from tests.databases import Rows, rows_put_back, rows_taken
from tests.factories import MinerFactory, OwnershipFactory, RegistrationFactory, SightingFactory, SiteFactory

AS_OF = dt.date(2026, 11, 22)


def four_miners() -> None:
    """Two companies, one of them registered, and an individual in Moscow; a company in banned Dagestan."""
    moscow, dagestan = Territory.objects.get(code="RU-MOW"), Territory.objects.get(code="RU-DA")
    entered = MinerFactory(territory=moscow)
    RegistrationFactory(miner=entered, period=DateRange(dt.date(2024, 11, 1), None))
    MinerFactory(territory=moscow)
    MinerFactory(territory=moscow, individual=True)
    SiteFactory(miner=MinerFactory(territory=dagestan), territory=dagestan)
    recompute(as_of=AS_OF)


@pytest.fixture(scope="module")
def rows_of_register(rows_of_territories_and_law: tuple[Rows, Rows], django_db_blocker: DjangoDbBlocker) -> Rows:
    """The law and the register under it, computed once for all."""
    with django_db_blocker.unblock(), transaction.atomic():
        brought = rows_taken()
        rows_put_back(rows_of_territories_and_law[1])
        four_miners()
        rows = rows_taken(besides=brought)
        transaction.set_rollback(True)
    return rows


@pytest.fixture
def register(rows_of_register: Rows, db: None) -> Register:
    rows_put_back(rows_of_register)
    return Register.objects.get(code="ru.miners")


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """Every figure that is stored, without ids and times of computation."""
    wanted: dict[type[Model], tuple[str, ...]] = {
        Finding: ("miner_id", "norm__code", "site_id", "valid", "kind", "territory"),
        RegistrationRate: ("as_of", "territory", "kind", *MEASURES),
        Exposure: ("book__code", "territory", "kind", "norm", "occurrence", "findings", "amount_low", "amount_high"),
        Undetermined: ("territory", "kind", "norm", "missing_fact", "miners"),
        UndeterminedMiners: ("territory", "kind", "miners"),
    }
    return {
        model.__name__: sorted(model._default_manager.values_list(*columns), key=str)
        for model, columns in wanted.items()
    }


def test_headline_counts_each_denominator_by_itself(register: Register) -> None:
    figures = headline(AS_OF)
    assert [(rate.denominator, rate.registered, rate.total) for rate in figures.rates] == [
        ("on_file", 1, 4),
        ("obliged", 1, 3),
        ("sighted", 0, 0),
    ]
    assert figures.rates[2].share is None


def test_exposure_is_the_band_times_the_findings(register: Register) -> None:
    draft = Exposure.objects.filter(book__code="ru.draft.2025-06", norm__code="ru.registration.miner")
    assert sum(cell.findings for cell in draft) == 2
    assert sum(cell.amount_low or 0 for cell in draft) == 2 * Decimal(1_000_000)
    assert sum(cell.amount_high or 0 for cell in draft) == 2 * Decimal(2_000_000)


def test_nothing_is_priced_in_the_law_in_force_when_no_amount_is_law(register: Register) -> None:
    law = [total for total in headline(AS_OF).exposure if total.book_code == "ru.law"]
    assert [(total.currency, total.amount_high) for total in law] == [("", None)]
    assert law[0].findings == law[0].unpriced > 0


def test_recomputing_twice_changes_nothing_and_keeps_the_findings(register: Register) -> None:
    before, ids = stored(), set(Finding.objects.values_list("pk", "recorded_at"))
    recompute(as_of=AS_OF)
    assert stored() == before
    assert set(Finding.objects.values_list("pk", "recorded_at")) == ids


def test_findings_end_and_history_keeps_what_they_said_when_the_miner_registers(register: Register) -> None:
    finding = Finding.objects.filter(norm__code="ru.registration.miner", valid__endswith__isnull=True).first()
    assert finding is not None
    RegistrationFactory(miner=finding.miner, register=register, period=DateRange(dt.date(2026, 11, 1), None))
    assert refresh_stale(as_of=AS_OF) > 0
    finding.refresh_from_db()
    assert finding.valid.upper == dt.date(2026, 11, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT valid FROM compliance_findingevent WHERE id = %s", [finding.pk])
        assert [row[0].upper for row in cursor.fetchall()] == [None]


CHANGES = {
    "registers": """INSERT INTO registry_registration (register_id, miner_id, status, period, reason)
        SELECT %(register)s, %(miner)s, 'active', '[2026-01-01,)', ''""",
    "becomes an individual": "UPDATE registry_miner SET kind = 'individual' WHERE id = %(miner)s",
    "turns out foreign": """UPDATE registry_miner SET country_id = (SELECT id FROM registry_territory WHERE code = 'CN')
        WHERE id = %(miner)s""",
    "moves": """UPDATE registry_miner
        SET territory_id = (SELECT id FROM registry_territory WHERE code = 'RU-SPE') WHERE id = %(miner)s""",
    "leaves the grid": "UPDATE registry_site SET off_grid = true WHERE miner_id = %(miner)s",
    "closes its site": "DELETE FROM registry_site WHERE miner_id = %(miner)s",
    "is seen": """INSERT INTO registry_sighting
            (kind, list_id, source, reference, seen_on, territory_id, miner_id, metering_point, url, note)
        SELECT 'seizure', (SELECT id FROM registry_sightinglist WHERE code = 'seizure'), 'police', '1', '2026-10-01',
               territory_id, id, '', '', ''
        FROM registry_miner WHERE id = %(miner)s""",
    "declares late": """INSERT INTO registry_declaration (miner_id, month, currency, amount, declared_on)
        SELECT miner_id, '2024-11-01', 'BTC', 1, '2025-01-15' FROM registry_registration""",
    "comes under another country": """UPDATE registry_territory
        SET parent_id = (SELECT id FROM registry_territory WHERE code = 'KZ') WHERE code = 'RU-DA'""",
    "is metered as an individual": """WITH metered AS (INSERT INTO registry_reading (metering_point, month, energy_kwh)
            SELECT metering_point, '2026-10-01', 9000 FROM registry_site WHERE miner_id = %(miner)s)
        UPDATE registry_miner SET kind = 'individual' WHERE id = %(miner)s""",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_refresh_equals_a_full_recomputation_after_a_change_by_plain_sql(register: Register, change: str) -> None:
    StaleMark.objects.all().delete()
    miner = Finding.objects.filter(norm__code="ru.ban").get().miner
    before = stored()
    with connection.cursor() as cursor:
        cursor.execute(change, {"register": register.pk, "miner": miner.pk})
    assert refresh_stale(as_of=AS_OF) > 0
    refreshed = stored()
    assert refreshed != before
    recompute(as_of=AS_OF)
    assert refreshed == stored()
    assert not StaleMark.objects.exists()


@pytest.fixture
def group(register: Register) -> dict[str, int]:
    """A Russian holding in Altai owns a company in Moscow, which owns one in Tuva; another of its own is fined."""
    Norm.objects.filter(code="ru.eligibility.foreign").update(
        parameters={"country": "RU", "owners": {"share_percent_from": 50}, "impediments": ["listed"]}
    )
    holding, middle, lowest, sister = (
        MinerFactory(territory=Territory.objects.get(code=code)) for code in ("RU-ALT", "RU-MOW", "RU-TY", "RU-KO")
    )
    for owner, owned in ((holding, middle), (middle, lowest), (holding, sister)):
        OwnershipFactory(owner=owner, miner=owned)
    norm = Norm.objects.get(code="ru.registration.miner")
    case = Case.objects.create(miner=sister, norm=norm, offence_on=dt.date(2026, 1, 1), opened_on=dt.date(2026, 1, 2))
    recompute(as_of=AS_OF)
    return {"holding": holding.pk, "middle": middle.pk, "sister": sister.pk, "case": case.pk}


CHANGES_OF_OTHERS = {
    "the owner turns out foreign": """UPDATE registry_miner
        SET country_id = (SELECT id FROM registry_territory WHERE code = 'CN') WHERE id = %(holding)s""",
    "the owner is listed": """INSERT INTO registry_impediment (miner_id, kind, period, source)
        VALUES (%(holding)s, 'listed', '[2026-01-01,)', 'a list')""",
    "a thousand turn foreign, the owner among them": """WITH many AS (
            INSERT INTO registry_miner (name, kind, territory_id, country_id, operating, note)
            SELECT 'M' || i, kind, territory_id, country_id, '[2025-01-01,)', ''
            FROM registry_miner, generate_series(1, 600) i WHERE id = %(holding)s)
        UPDATE registry_miner SET country_id = (SELECT id FROM registry_territory WHERE code = 'CN')
        WHERE id = %(holding)s""",
    "a stake is sold to strangers": """UPDATE registry_ownership
        SET owner_id = NULL, owner_name = 'A stranger',
            owner_country_id = (SELECT id FROM registry_territory WHERE code = 'CN') WHERE miner_id = %(middle)s""",
}


@pytest.mark.parametrize("change", CHANGES_OF_OTHERS.values(), ids=CHANGES_OF_OTHERS)
def test_refresh_equals_a_full_recomputation_after_a_change_that_concerns_others(
    group: dict[str, int], change: str
) -> None:
    StaleMark.objects.all().delete()
    before = Finding.objects.filter(norm__code="ru.eligibility.foreign").count()
    with connection.cursor() as cursor:
        cursor.execute(change, group)
    assert refresh_stale(as_of=AS_OF) > 0
    refreshed = stored()
    assert Finding.objects.filter(norm__code="ru.eligibility.foreign").count() >= before + 2
    recompute(as_of=AS_OF)
    assert refreshed == stored()


def repeats() -> int:
    """How many miners would offend again, by the draft."""
    cells = Exposure.objects.filter(book__code="ru.draft.2025-06", norm__code="ru.registration.miner")
    return sum(cell.findings for cell in cells if cell.occurrence == "repeat")


def test_fine_of_a_sister_makes_the_whole_group_repeaters_until_the_stake_never_was(group: dict[str, int]) -> None:
    band = Penalty.objects.filter(norm__code="ru.registration.miner", offender="legal_entity").first()
    assert band is not None
    law = Penalty.objects.create(
        book=band.norm.pack.books.get(kind="law"), norm=band.norm, offender="legal_entity", occurrence="first",
        article="made for a test", amount_low=1, amount_high=10, currency="RUB", confidence="M",
        in_force=DateRange(dt.date(2025, 1, 1), None),
    )  # fmt: skip
    recompute(as_of=AS_OF)
    assert repeats() == 0
    Fine.objects.create(
        case_id=group["case"], penalty=law, reference="1", amount=5, currency="RUB",
        decided_on=dt.date(2026, 2, 1), due_on=dt.date(2026, 3, 1),
    )  # fmt: skip
    assert refresh_stale(as_of=AS_OF) > 0
    assert repeats() == 4
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_ownership WHERE miner_id = %(sister)s", group)
    assert refresh_stale(as_of=AS_OF) > 0
    assert repeats() == 1
    refreshed = stored()
    recompute(as_of=AS_OF)
    assert refreshed == stored()


def test_sighting_of_nobody_known_counts_until_a_site_with_its_meter_is_found(register: Register) -> None:
    miner = MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    SightingFactory(territory=miner.territory, seen_on=dt.date(2026, 10, 1), metering_point="X-1")
    SightingFactory(territory=miner.territory, seen_on=dt.date(2026, 10, 2), metering_point="X-1")
    refresh_stale(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (1, 0)
    SiteFactory(miner=miner, metering_point="X-1")
    RegistrationFactory(miner=miner, register=register, period=DateRange(dt.date(2026, 1, 1), None))
    refresh_stale(as_of=AS_OF)
    assert (headline(AS_OF).sighted, headline(AS_OF).sighted_registered) == (1, 1)


def test_sighting_counts_for_a_year(register: Register) -> None:
    SightingFactory(territory=Territory.objects.get(code="RU-MOW"), seen_on=AS_OF - dt.timedelta(days=364))
    SightingFactory(territory=Territory.objects.get(code="RU-MOW"), seen_on=AS_OF - dt.timedelta(days=365))
    refresh_stale(as_of=AS_OF)
    assert headline(AS_OF).sighted == 1


def test_many_changed_rows_leave_a_mark_per_cell_not_per_miner(register: Register) -> None:
    StaleMark.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_miner (name, kind, territory_id, operating, note)"
            " SELECT 'M' || i, 'individual', %s, '[2025-01-01,)', '' FROM generate_series(1, 600) i",
            [Territory.objects.get(code="RU-MOW").pk],
        )
    assert [(mark.miner_id, mark.kind) for mark in StaleMark.objects.all()] == [(None, "individual")]
    refresh_stale(as_of=AS_OF)
    assert headline(AS_OF).on_file == 604


def test_new_day_is_a_full_recomputation(register: Register) -> None:
    next_day = AS_OF + dt.timedelta(days=1)
    refresh_stale(as_of=next_day)
    assert stored_day() == next_day
    assert set(Exposure.objects.values_list("as_of", flat=True)) == {next_day}


def test_stored_months_equal_what_is_counted_for_the_day_alone(register: Register) -> None:
    month = dt.date(2025, 6, 1)
    kept = headline(month)
    RegistrationRate.objects.filter(as_of=month).delete()
    counted = headline(month)
    assert (kept.on_file, kept.registered, kept.obliged) == (counted.on_file, counted.registered, counted.obliged)
    assert kept.on_file == 4


def test_run_that_was_cut_off_is_marked_when_the_next_begins(register: Register) -> None:
    dead = Recomputation.objects.create(kind="rates", as_of=AS_OF, total=3)
    recompute(as_of=AS_OF)
    dead.refresh_from_db()
    assert dead.status == RunStatus.FAILED
    assert "cut off" in dead.failure


def test_law_pack_mark_means_everything(register: Register) -> None:
    StaleMark.objects.create(source="law")
    MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    assert refresh_stale(as_of=AS_OF) > 0
    assert headline(AS_OF).on_file == 5
    assert not StaleMark.objects.exists()


def test_fine_moves_the_exposure_to_the_repeat_band(register: Register) -> None:
    finding = Finding.objects.filter(norm__code="ru.ban").get()
    band = Penalty.objects.create(
        book=finding.norm.pack.books.get(kind="law"), norm=finding.norm, offender="legal_entity", occurrence="first",
        article="made for a test", amount_low=1, amount_high=10, currency="RUB", confidence="M",
        in_force=DateRange(dt.date(2025, 1, 1), None),
    )  # fmt: skip
    recompute(as_of=AS_OF)
    case = Case.objects.create(
        miner=finding.miner, norm=finding.norm, offence_on=dt.date(2026, 1, 1), opened_on=dt.date(2026, 1, 2)
    )
    Fine.objects.create(
        case=case, penalty=band, reference="1", amount=5, currency="RUB",
        decided_on=dt.date(2026, 2, 1), due_on=dt.date(2026, 3, 1),
    )  # fmt: skip
    assert refresh_stale(as_of=AS_OF) > 0
    assert set(Exposure.objects.filter(norm=finding.norm).values_list("occurrence", flat=True)) == {"repeat"}


def test_sanctions_of_a_day_that_is_not_stored_are_those_of_its_findings(register: Register) -> None:
    draft = Book.objects.get(code="ru.draft.2025-06")
    today, earlier = sanctions_of(AS_OF, draft), sanctions_of(dt.date(2026, 5, 5), draft)
    assert today == earlier != []
    assert sanctions_of(AS_OF, draft, territory=Territory.objects.get(code="RU-ALT")) == []
    assert headline(dt.date(2026, 5, 5)).undetermined is None


@pytest.mark.django_db(transaction=True)
def test_two_recomputations_and_a_refresh_at_once_give_what_one_gives(register: Register) -> None:
    before = stored()
    MinerFactory(territory=Territory.objects.get(code="RU-MOW"))

    def at_once(work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            connection.close()

    jobs = [lambda: recompute(as_of=AS_OF), lambda: refresh_stale(as_of=AS_OF), lambda: recompute(as_of=AS_OF)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(at_once, jobs))
    assert stored() != before
    together = stored()
    recompute(as_of=AS_OF)
    assert stored() == together
    assert headline(AS_OF).on_file == 5


@pytest.mark.parametrize("task", [recompute_rates, recompute_exposure, task_refresh_stale])
def test_tasks_are_acknowledged_after_the_work_and_do_it_as_of_today(register: Register, task: Any) -> None:
    assert task.acks_late
    assert task.reject_on_worker_lost
    with travel(dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC), tick=False):
        task.apply(throw=True)
    assert Recomputation.objects.filter(as_of=dt.date(2026, 11, 24), status=RunStatus.DONE).exists()


def test_command_refuses_a_day_to_come_and_says_what_is_done(register: Register, capsys: Any) -> None:
    with travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC), tick=False):
        with pytest.raises(CommandError, match="still to come"):
            call_command("recompute", "--as-of", "2026-11-23")
        call_command("recompute", "--as-of", "2026-11-01")
    assert "done as of 2026-11-01" in capsys.readouterr().out
    assert stored_day() == dt.date(2026, 11, 1)


@pytest.mark.django_db(transaction=True)
def test_totals_go_on_when_a_finding_with_a_case_is_withdrawn(register: Register) -> None:
    finding = Finding.objects.filter(norm__code="ru.registration.miner").order_by("pk")[0]
    case = Case.objects.create(
        miner=finding.miner, norm=finding.norm, finding=finding, offence_on=AS_OF, opened_on=AS_OF
    )
    Miner.objects.filter(pk=finding.miner_id).update(operating=DateRange(dt.date(2025, 3, 3), None))
    assert refresh_stale(as_of=AS_OF) > 0
    case.refresh_from_db()
    assert case.finding is None
    assert not Finding.objects.filter(pk=finding.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_site_that_is_deleted_elsewhere_takes_its_exposure_along(register: Register) -> None:
    site = Finding.objects.get(norm__code="ru.ban").site
    assert site is not None
    Miner.objects.filter(pk=site.miner_id).update(territory=Territory.objects.get(code="RU-MOW"))
    refresh_stale(as_of=AS_OF)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_site WHERE id = %s", [site.pk])
    refresh_stale(as_of=AS_OF)
    assert not Exposure.objects.filter(norm__code="ru.ban").exists()


def test_operation_seen_in_two_places_counts_once_where_it_was_last_seen(register: Register) -> None:
    moscow, dagestan = (Territory.objects.get(code=code) for code in ("RU-MOW", "RU-DA"))
    SightingFactory(territory=moscow, seen_on=dt.date(2026, 9, 1), metering_point="P")
    refresh_stale(as_of=AS_OF)
    SightingFactory(territory=dagestan, seen_on=dt.date(2026, 10, 1), metering_point="P")
    refresh_stale(as_of=AS_OF)
    assert headline(AS_OF).sighted == 1


def test_recomputing_an_earlier_day_keeps_the_findings_that_began_later(register: Register) -> None:
    ids = set(Finding.objects.values_list("pk", flat=True))
    recompute(as_of=dt.date(2024, 11, 15))
    assert set(Finding.objects.values_list("pk", flat=True)) == ids


def test_exposure_of_the_day_before_is_priced_anew_while_the_rates_of_the_new_day_are_missing(
    register: Register,
) -> None:
    before = headline(AS_OF).exposure
    recompute(as_of=AS_OF + dt.timedelta(days=1), kinds=["exposure"])
    assert stored_day() == AS_OF
    assert headline(AS_OF).exposure == before != []


def test_undetermined_miners_count_once_however_many_questions_are_open(register: Register) -> None:
    figures = headline(AS_OF)
    asked = list(Undetermined.objects.values_list("miners", flat=True))
    assert figures.undetermined == sum(asked) > (figures.undetermined_miners or 0) > 0
    individual = Miner.objects.get(kind="individual")
    questions = Undetermined.objects.filter(kind="individual", territory=individual.territory)
    assert questions.count() > 1
    moscow = undecided(AS_OF, territory=individual.territory)
    assert moscow is not None
    assert (moscow.miners, moscow.on_file) == (2, 3)
    assert figures.undetermined_share == Decimal(figures.undetermined_miners or 0) / figures.on_file
    assert undecided(dt.date(2026, 5, 5)) is None
