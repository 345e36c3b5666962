"""Cases, fines and payments are made in the admin through the services, whose refusals stand in the form."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from compliance.choices import FineStatus
from compliance.models import Case, Fine, LawPack, Norm, Payment
from compliance.services.cases import case_open
from registry.models import Territory
from tests.factories import MinerFactory

OFFENCE = dt.date(2026, 10, 1)
FORM = {
    "occurrence": "first",
    "reference": "5-17/2026",
    "amount": "100000",
    "currency": "RUB",
    "decided_on": "2026-10-20",
    "due_on": "2026-12-20",
}


@pytest.fixture
def norm(ru_law: LawPack) -> Norm:
    """Unauthorised use of electricity: 100,000 to 200,000 RUB for a company in the law in force."""
    return Norm.objects.get(code="ru.general.koap-7.19")


@pytest.fixture
def case(norm: Norm) -> Case:
    miner = MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    return case_open(miner=miner, norm=norm, offence_on=OFFENCE, opened_on=OFFENCE, today=OFFENCE)


def issue(admin: Client, case: Case, **changes: str) -> Any:
    return admin.post(reverse("admin:compliance_fine_add"), FORM | {"case": case.pk} | changes)


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_a_case_under_a_norm_that_was_not_law_is_refused_at_the_norm(admin: Client, norm: Norm) -> None:
    miner = MinerFactory(entrepreneur=True, territory=Territory.objects.get(code="RU-MOW"))
    values = {"miner": miner.pk, "norm": norm.pk, "offence_on": "1990-01-01", "opened_on": "2026-01-10"}
    (sentence,) = errors(admin.post(reverse("admin:compliance_case_add"), values))["norm"]
    assert "was not in force on 1990-01-01" in sentence
    assert not Case.objects.exists()


def test_a_fine_within_its_band_is_issued(admin: Client, case: Case) -> None:
    answer = issue(admin, case)
    fine = Fine.objects.get()
    assert answer.url == reverse("admin:compliance_fine_change", args=[fine.pk])
    assert admin.get(answer.url).status_code == 200


def test_a_fine_out_of_its_band_is_refused_at_the_amount(admin: Client, case: Case) -> None:
    (sentence,) = errors(issue(admin, case, amount="300001"))["amount"]
    assert sentence.startswith("300001 RUB is outside the band of")
    assert not Fine.objects.exists()


def test_the_form_for_a_fine_shows_the_bands_that_were_law(admin: Client, case: Case) -> None:
    page = admin.get(reverse("admin:compliance_fine_add"), {"case": case.pk})
    assert {band["amount"] for band in page.context["bands"]} >= {"100,000 to 200,000 RUB"}


def test_a_payment_beyond_what_is_owed_is_refused_at_the_amount(admin: Client, case: Case) -> None:
    issue(admin, case)
    values = {"fine": Fine.objects.get().pk, "reference": "P-1", "amount": "100001", "paid_on": "2026-11-10"}
    (sentence,) = errors(admin.post(reverse("admin:compliance_payment_add"), values))["amount"]
    assert "more than the 100000.00 RUB still owed" in sentence
    assert not Payment.objects.exists()


def test_a_fine_is_annulled_by_its_button_with_a_reason(admin: Client, case: Case) -> None:
    issue(admin, case)
    fine = Fine.objects.get()
    button = reverse("admin:compliance_fine_annul", args=[fine.pk])
    admin.get(button)
    fine.refresh_from_db()
    assert fine.status == FineStatus.ISSUED
    admin.post(button, {"_form_submitted": "True", "note": "Appeal 8/2026"})
    fine.refresh_from_db()
    assert (fine.status, fine.note) == (FineStatus.ANNULLED, "Appeal 8/2026")


def test_a_fine_cannot_be_edited_or_deleted(admin: Client, case: Case) -> None:
    issue(admin, case)
    fine = Fine.objects.get()
    admin.post(reverse("admin:compliance_fine_change", args=[fine.pk]), FORM | {"amount": "1", "case": case.pk})
    fine.refresh_from_db()
    assert fine.amount == 100_000
    assert admin.post(reverse("admin:compliance_fine_delete", args=[fine.pk]), {"post": "yes"}).status_code == 403
