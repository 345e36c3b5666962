"""The front page tells the stored totals, what is stale and what failed; it counts nothing itself."""

import datetime as dt
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.models import Estimate, Finding, LawPack, Report
from compliance.services.estimates import estimate_request
from compliance.services.recomputation import recompute
from registry.choices import ImportStatus
from registry.models import Import, Linkage, Territory
from tests.estimates import finished_estimate, told
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
    assert "confidence high: statute, wire or two independent sources" in page.content.decode()


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


def test_a_failed_estimate_is_told_until_a_later_one_is_done_and_so_is_a_failed_linkage(
    admin: Client, totals: None
) -> None:
    russia = Territory.objects.get(code="RU")
    failed = estimate_request(kind="whole", territory=russia, as_of=dt.date(2026, 10, 31), now=timezone.now())
    Estimate.objects.filter(pk=failed.pk).update(status="failed", failure="Cell 0 could not be computed.")
    Linkage.objects.create(status="done")
    linkage = Linkage.objects.create(status="failed", failure="Out of memory")
    assert [(row["what"], row["why"], row["url"]) for row in admin.get(FRONT).context["failures"]] == [
        (str(failed), "Cell 0 could not be computed.", reverse("admin:compliance_estimate_change", args=[failed.pk])),
        (str(linkage), "Out of memory", reverse("admin:registry_linkage_change", args=[linkage.pk])),
    ]
    finished_estimate(Territory.objects.get(code="KZ"))
    assert len(admin.get(FRONT).context["failures"]) == 2
    finished_estimate(russia)
    Linkage.objects.create(status="done")
    assert admin.get(FRONT).context["failures"] == []


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


def test_without_an_estimate_the_fourth_denominator_is_told_in_words(admin: Client, totals: None) -> None:
    page = admin.get(FRONT)
    assert page.context["estimate"].figure == "No figure"
    assert "No figure: no estimate of a country is finished yet." in page.content.decode()


def test_the_first_estimate_is_followed_while_it_is_computed(admin: Client, totals: None) -> None:
    russia = Territory.objects.get(code="RU")
    made = estimate_request(kind="whole", territory=russia, as_of=dt.date(2026, 10, 31), now=timezone.now())
    page = admin.get(FRONT)
    text = page.content.decode()
    assert page.context["estimate"].figure == "Being computed"
    assert "No figure yet: the first estimate is being computed." in text
    assert 'hx-trigger="every 3s"' in text
    assert reverse("admin:compliance_estimate_change", args=[made.pk]) in text


def test_the_estimate_stands_with_its_range_its_number_and_its_warnings(admin: Client, totals: None) -> None:
    run = finished_estimate(Territory.objects.get(code="RU"), headline=told(codes=("W16", "W18")))
    page = admin.get(FRONT)
    text = page.content.decode()
    tile = page.context["estimate"]
    assert (tile.figure, tile.number, tile.provisional, tile.inspected) == ("30 in 100", run.pk, True, False)
    assert [warning["code"] for warning in tile.warnings] == ["W16", "W18"]
    for words in ("30 in 100; plausible range 24 to 38.", "provisional", "illustrative", "Words of W16."):
        assert words in text
    verdicts = {said["claim"].code: said["verdict"] for said in page.context["claims"]}
    assert verdicts["ru.claim.chebeskov-30-percent"] == "not comparable: our nearest month is 14 months later"
    finished_estimate(Territory.objects.get(code="RU"), window=(dt.date(2025, 5, 1), dt.date(2025, 7, 31)))
    verdicts = {said["claim"].code: said["verdict"] for said in admin.get(FRONT).context["claims"]}
    assert verdicts["ru.claim.chebeskov-30-percent"] == "inside"
    assert "of all mining, estimated (plausible range)" in page.context["chart_wide"]


def test_an_estimate_that_says_nothing_is_told_with_its_reason(admin: Client, totals: None) -> None:
    nothing = told(rate=None, status="none", kind="none", sentence="Cannot be told: one list only.")
    finished_estimate(Territory.objects.get(code="RU"), headline=nothing)
    page = admin.get(FRONT)
    assert page.context["estimate"].figure == "No figure"
    assert "No figure. Cannot be told: one list only." in page.content.decode()


def test_an_estimate_of_a_later_window_is_not_taken(admin: Client, totals: None) -> None:
    window = (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    finished_estimate(Territory.objects.get(code="RU"), window=window)
    assert admin.get(FRONT).context["estimate"].figure == "No figure"
