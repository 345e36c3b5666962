"""The front page tells the stored totals, what is stale and what failed; it counts nothing itself."""

import datetime as dt
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import Finding, LawPack, Report
from compliance.services.recomputation import recompute
from registry.choices import ImportStatus
from registry.models import Import, Territory
from tests.factories import MinerFactory, RegistrationFactory, UserFactory

DAY = dt.date(2026, 11, 22)
FRONT = reverse("admin:index")


@pytest.fixture
def totals(ru_law: LawPack) -> None:
    moscow = Territory.objects.get(code="RU-MOW")
    miners = MinerFactory.create_batch(4, territory=moscow)
    RegistrationFactory(miner=miners[0])
    recompute(as_of=DAY)


def test_an_empty_register_is_told_in_words(admin: Client) -> None:
    page = admin.get(FRONT).content.decode()
    assert "No miners on file yet" in page
    assert "<svg" not in page.split("hf-stack")[1]


def test_miners_without_totals_ask_for_a_recomputation(admin: Client) -> None:
    MinerFactory()
    assert "nothing has been computed yet" in admin.get(FRONT).content.decode()


def test_each_share_stands_with_its_own_counts(admin: Client, totals: None) -> None:
    page = admin.get(FRONT)
    assert [(share.percent, share.counts) for share in page.context["shares"]] == [
        ("25.0 %", "1 of 4 miners on file"),
        ("25.0 %", "1 of 4 obliged miners"),
        ("—", "no operations counted"),
    ]


def test_the_chart_and_the_claims_stand_beside_the_rates(admin: Client, totals: None) -> None:
    page = admin.get(FRONT)
    assert page.context["chart_wide"].count("<svg") == 1
    assert "30 %" in [said["figure"] for said in page.context["claims"]]


def test_the_books_stand_one_by_one_with_what_they_cannot_price(admin: Client, totals: None) -> None:
    books = admin.get(FRONT).context["books"]
    assert books[0].kind == "Law in force"
    found = Finding.objects.open_on(DAY).count()
    assert found >= 3
    assert (books[0].findings, books[0].unpriced, books[0].amounts) == (found, found, [])
    bill = next(book for book in books if book.title.startswith("Bill 1124554-8"))
    assert bill.amounts == ["1,200,000 – 1,500,000 RUB"]


def test_what_failed_is_told_with_its_reason(admin: Client, totals: None) -> None:
    Import.objects.create(noun="miners", file_name="a.csv", status=ImportStatus.FAILED, failure="Not a text file.")
    Report.objects.create(number="CR-2026-0001", as_of=DAY, figures={}, send_failure="No mail server is configured.")
    told = admin.get(FRONT).context["failures"]
    assert [failure["why"] for failure in told] == ["Not a text file.", "No mail server is configured."]


def test_the_page_takes_no_more_queries_for_more_miners(admin: Client, totals: None) -> None:
    admin.get(FRONT)
    with CaptureQueriesContext(connection) as few:
        admin.get(FRONT)
    MinerFactory.create_batch(10, territory=Territory.objects.get(code="RU-MOW"))
    with CaptureQueriesContext(connection) as many:
        admin.get(FRONT)
    assert len(few) == len(many)


def test_totals_are_not_shown_to_those_who_may_not_see_rates(totals: None) -> None:
    client = Client()
    client.force_login(UserFactory(staff=True))
    page = client.get(FRONT)
    assert "headline" not in page.context
    assert "25.0 %" not in page.content.decode()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was published to the queue; nobody works it off here."""
    names: list[Any] = []
    publish = current_app.send_task
    monkeypatch.setattr(current_app, "send_task", lambda name, **how: (names.append(name), publish(name, **how)))
    return names


def test_recompute_now_publishes_both_tasks(admin: Client, sent: list[Any]) -> None:
    assert admin.get(reverse("admin:compliance_recompute")).status_code == 405
    assert sent == []
    admin.post(reverse("admin:compliance_recompute"))
    assert sent == ["compliance.recompute_rates", "compliance.recompute_exposure"]


def test_the_report_is_issued_by_its_button_and_downloaded(admin: Client, totals: None) -> None:
    answer = admin.post(reverse("admin:compliance_report_issue"))
    report = Report.objects.get()
    assert answer.url == reverse("admin:compliance_report_change", args=[report.pk])
    pdf = admin.get(reverse("admin:compliance_report_file", args=[report.pk, "pdf"]))
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
