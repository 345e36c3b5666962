"""A fine rests on a norm and a band that were law on the day of the offence, and on nothing else."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Case, Exposure, Fine, LawPack, Norm, Penalty
from compliance.selectors.debts import debt_of_miner
from compliance.services.cases import case_open
from compliance.services.fines import fine_annul, fine_issue
from compliance.services.payments import payment_record
from compliance.services.recomputation import recompute
from registry.errors import Refusal
from registry.models import Miner, Territory
from tests.factories import MinerFactory

TODAY = dt.date(2026, 11, 22)
OFFENCE = dt.date(2026, 10, 1)


@pytest.fixture
def norm(ru_law: LawPack) -> Norm:
    """Unauthorised use of electricity: 100,000 to 200,000 RUB for a company in the law in force."""
    return Norm.objects.get(code="ru.general.koap-7.19")


@pytest.fixture
def case(norm: Norm) -> Case:
    miner = MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    return case_open(miner=miner, norm=norm, offence_on=OFFENCE, opened_on=OFFENCE, today=OFFENCE)


def issue(case: Case, **changes: Any) -> Fine:
    values: dict[str, Any] = {
        "case": case,
        "occurrence": "first",
        "reference": "D-1",
        "amount": Decimal("100000"),
        "currency": "RUB",
        "decided_on": dt.date(2026, 10, 20),
        "due_on": dt.date(2026, 11, 1),
        "today": TODAY,
    }
    return fine_issue(**(values | changes))


def refusal(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    assert caught.value.sentence.endswith((".", "?"))
    return caught.value.code


def test_fine_within_the_band_is_issued_and_decides_the_case(case: Case) -> None:
    fine = issue(case)
    case.refresh_from_db()
    assert (fine.amount, fine.penalty.norm_id, case.status) == (Decimal("100000"), case.norm_id, "decided")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal("300000.01")}, "amount_outside_band"),
        ({"amount": Decimal("-1")}, "amount_not_positive"),
        ({"amount": Decimal("0")}, "amount_not_positive"),
        ({"currency": "EUR"}, "currency_of_the_band"),
        ({"decided_on": dt.date(2026, 11, 23)}, "decision_in_the_future"),
        ({"decided_on": dt.date(2026, 9, 30)}, "decision_before_offence"),
    ],
)
def test_fine_is_refused_and_nothing_stored(case: Case, changes: dict[str, Any], code: str) -> None:
    assert refusal(issue, case, **changes) == code
    assert not Fine.objects.exists()


def test_fine_of_a_bill_is_refused(ru_law: LawPack) -> None:
    registration = Norm.objects.get(code="ru.registration.miner")
    case = case_open(miner=MinerFactory(), norm=registration, offence_on=OFFENCE, opened_on=OFFENCE, today=OFFENCE)
    assert refusal(issue, case) == "no_band_in_force"
    bill = Penalty.objects.filter(norm=registration, offender="legal_entity", occurrence="first", in_force=None).first()
    assert bill is not None
    assert refusal(issue, case, penalty=bill, amount=bill.amount_low) == "band_not_in_force"


def test_case_is_refused_when_the_norm_was_not_yet_law(norm: Norm) -> None:
    registration = Norm.objects.get(code="ru.registration.miner")
    offence = dt.date(2024, 10, 31)
    code = refusal(case_open, miner=MinerFactory(), norm=registration, offence_on=offence, opened_on=TODAY, today=TODAY)
    assert code == "norm_not_in_force"


def test_case_is_refused_when_it_is_opened_after_today(norm: Norm) -> None:
    days = {"offence_on": OFFENCE, "opened_on": TODAY + dt.timedelta(days=1), "today": TODAY}
    assert refusal(case_open, miner=MinerFactory(), norm=norm, **days) == "opened_in_the_future"
    assert not Case.objects.exists()


def test_database_refuses_what_the_service_would_when_asked_directly(case: Case) -> None:
    fine = issue(case)
    with pytest.raises(IntegrityError, match="in force on the day"), transaction.atomic():
        Fine.objects.filter(pk=fine.pk).update(amount=Decimal("300001"))


def test_same_decision_twice_is_one_fine(case: Case) -> None:
    assert issue(case) == issue(case)
    assert refusal(issue, case, amount=Decimal("5")) == "decision_known"


def test_debt_is_what_is_left_and_overdue_past_its_last_day(case: Case) -> None:
    fine = issue(case)
    payment_record(fine=fine, reference="P-1", amount=Decimal("30000"), paid_on=dt.date(2026, 10, 25), today=TODAY)
    payment_record(fine=fine, reference="P-1", amount=Decimal("30000"), paid_on=dt.date(2026, 10, 25), today=TODAY)
    (on_the_last_day,) = debt_of_miner(case.miner, dt.date(2026, 11, 1))
    assert (on_the_last_day.outstanding, on_the_last_day.overdue) == (Decimal("70000"), Decimal(0))
    (after,) = debt_of_miner(case.miner, dt.date(2026, 11, 2))
    assert (after.assessed, after.paid, after.overdue) == (Decimal("100000"), Decimal("30000"), Decimal("70000"))


def test_payment_is_refused_when_it_exceeds_what_is_owed(case: Case) -> None:
    fine = issue(case)
    pay = {"fine": fine, "reference": "P-1", "paid_on": dt.date(2026, 10, 25), "today": TODAY}
    assert refusal(payment_record, **pay, amount=Decimal("100000.01")) == "payment_exceeds_debt"
    assert refusal(payment_record, **pay, amount=Decimal("0")) == "amount_not_positive"
    assert (
        refusal(payment_record, **(pay | {"paid_on": dt.date(2026, 11, 23)}), amount=Decimal("1"))
        == "payment_in_the_future"
    )


def test_nothing_is_owed_when_the_fine_is_annulled(case: Case) -> None:
    fine = issue(case)
    assert refusal(fine_annul, fine=fine, note=" ") == "reason_missing"
    fine_annul(fine=fine, note="Wrong person.")
    fine_annul(fine=fine, note="Again.")
    (debt,) = debt_of_miner(case.miner, TODAY)
    assert (debt.assessed, debt.outstanding) == (Decimal(0), Decimal(0))
    assert (
        refusal(payment_record, fine=fine, reference="P-2", amount=Decimal("1"), paid_on=TODAY, today=TODAY)
        == "fine_annulled"
    )


def test_earlier_fine_under_the_same_norm_makes_the_next_finding_a_repeat(ru_law: LawPack) -> None:
    """No band of the Russian duties is law yet, so one is made for the test; the bill then prices the repeat."""
    ban = Norm.objects.get(code="ru.ban")
    first = Penalty.objects.filter(norm=ban, offender="legal_entity", occurrence="first", book__kind="bill").first()
    assert first is not None
    law = ban.pack.books.get(kind="law")
    band = Penalty.objects.create(
        book=law, norm=ban, offender="legal_entity", occurrence="first", article="made for a test", confidence="M",
        amount_low=1, amount_high=10, currency="RUB", in_force=DateRange(dt.date(2025, 1, 1), None),
    )  # fmt: skip
    miner = _miner_in_dagestan()
    recompute(as_of=TODAY)
    assert _occurrences(ban) == {"first"}
    case = case_open(miner=miner, norm=ban, offence_on=OFFENCE, opened_on=OFFENCE, today=OFFENCE)
    issue(case, penalty=band, amount=Decimal(5))
    recompute(as_of=TODAY)
    assert _occurrences(ban) == {"repeat"}


def _miner_in_dagestan() -> Miner:
    from_dagestan = Territory.objects.get(code="RU-DA")
    miner: Miner = MinerFactory(territory=from_dagestan)
    miner.sites.create(
        name="site", territory=from_dagestan, off_grid=False, period=DateRange(dt.date(2025, 1, 1), None)
    )
    return miner


def _occurrences(norm: Norm) -> set[str]:
    cells = Exposure.objects.filter(norm=norm, book__code="ru.bill.1124554-8")
    return set(cells.values_list("occurrence", flat=True))


def test_fine_from_the_band_of_another_offender_or_occurrence_is_refused(case: Case, norm: Norm) -> None:
    bands = Penalty.objects.in_force(OFFENCE).filter(norm=norm)
    assert refusal(issue, case, penalty=bands.get(offender="citizen", occurrence="first")) == "band_of_another_offender"
    repeat = bands.get(offender="legal_entity", occurrence="repeat")
    assert refusal(issue, case, penalty=repeat) == "band_of_another_occurrence"
    person = MinerFactory(individual=True, territory=case.miner.territory)
    of_person = case_open(miner=person, norm=norm, offence_on=OFFENCE, opened_on=OFFENCE, today=OFFENCE)
    official = bands.get(offender="official", occurrence="first")
    assert refusal(issue, of_person, penalty=official) == "band_of_another_offender"
