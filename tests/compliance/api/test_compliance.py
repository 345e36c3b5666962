"""The law, findings, cases, fines and totals over HTTP."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from compliance.models import Claim, Finding, Fine, LawPack, Norm
from compliance.reports.issue import report_issue
from compliance.services.recomputation import recompute
from registry.models import Miner, Territory
from tests.api_client import Api
from tests.factories import MinerFactory, RegistrationFactory

TODAY = dt.date(2026, 11, 22)
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def law(ru_law: LawPack) -> LawPack:
    return ru_law


@pytest.fixture
def register(law: LawPack) -> tuple[Miner, Miner]:
    """A registered company and one that is not, with totals computed."""
    moscow = Territory.objects.get(code="RU-MOS")
    honest = MinerFactory(territory=moscow, country=Territory.objects.get(code="RU"))
    RegistrationFactory(miner=honest)
    hidden = MinerFactory(territory=moscow, country=Territory.objects.get(code="RU"))
    recompute(as_of=TODAY)
    return honest, hidden


def test_norms_in_force_on_a_day_leave_drafts_and_later_law_out(api: Api, law: LawPack) -> None:
    body = api.get("norms/", {"as_of": "2024-11-01", "page_size": 1000}).json()
    assert body["as_of"] == "2024-11-01"
    codes = {row["code"] for row in body["results"]}
    assert codes == set(Norm.objects.in_force(dt.date(2024, 11, 1)).values_list("code", flat=True))
    assert len(api.results("norms/", page_size=1000)) == Norm.objects.count() > len(codes)


def test_norm_act_and_book_are_named_by_their_codes(api: Api, law: LawPack) -> None:
    norm = api.get("norms/ru.general.uk-171/").json()
    assert (norm["code"], norm["confidence"]) == ("ru.general.uk-171", "M")
    assert norm["sources"][0].keys() == {"url", "confidence", "note"}
    act = api.get(f"acts/{norm['act']}/").json()
    assert [status["status"] for status in act["statuses"]]
    assert api.get("books/ru.law/").json()["kind"] == "law"
    assert api.get("books/ru.nothing/").status_code == 404


def test_penalties_are_found_by_norm_book_and_amount(api: Api, law: LawPack) -> None:
    bands = api.results("penalties/", norm="ru.general.uk-171", book="ru.law", occurrence="first", priced="true")
    assert {(band["offender"], band["amount_low"], band["amount_high"], band["currency"]) for band in bands} == {
        ("citizen", "0.00", "300000.00", "RUB"),
        ("entrepreneur", "0.00", "300000.00", "RUB"),
        ("official", "0.00", "300000.00", "RUB"),
    }


def test_mining_is_said_to_be_banned_or_allowed_with_the_act(api: Api, law: LawPack) -> None:
    banned = api.get("allowed/", {"territory": "RU-DA", "on": "2026-01-15"}).json()
    assert (banned["territory"], banned["on"], banned["verdict"]) == ("RU-DA", "2026-01-15", "banned")
    assert banned["acts"][0]["until"]
    free = api.get("allowed/", {"territory": "RU-MOS", "on": "2026-01-15"}).json()
    assert free == {"territory": "RU-MOS", "on": "2026-01-15", "verdict": "allowed", "depends_on": [], "acts": []}
    today = api.get("allowed/", {"territory": "RU-MOS"}).json()
    assert today["on"] == "2026-11-22"


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("allowed/", {}, "required"),
        ("allowed/", {"territory": "RU-XXX"}, "unknown_territory"),
        ("allowed/", {"territory": "\0"}, "unknown_territory"),
        ("allowed/", {"territory": "RU", "on": "2026-02-30"}, "bad_date"),
        ("allowed/", {"territory": "RU", "day": "2026-02-01"}, "unknown_parameter"),
        ("rates/", {"group": "norm"}, "bad_choice"),
        ("rates/", {"as_of": "x"}, "bad_date"),
        ("rates/series/", {"kind": "x"}, "bad_choice"),
        ("exposure/", {"book": "none"}, "unknown_book"),
        ("exposure/", {"book": "\0"}, "unknown_book"),
        ("headline/", {"territory": "RU"}, "unknown_parameter"),
    ],
)
def test_question_is_refused_with_its_code(api: Api, law: LawPack, path: str, query: Any, code: str) -> None:
    response = api.get(path, query)
    assert (response.status_code, response.json()["code"]) == (400, code)


@pytest.mark.parametrize("path", ["findings/", "cases/", "fines/", "penalties/"])
def test_lists_refuse_a_norm_that_is_not_on_file_instead_of_finding_nothing(api: Api, law: LawPack, path: str) -> None:
    response = api.get(path, {"norm": "ru.registration.miner,nope"})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["field"], error["code"]) == ("norm", "unknown_norm")
    assert error["detail"] == "There is no norm of the code nope."
    assert api.get(path, {"norm": "ru.registration.miner"}).status_code == 200


def test_rates_are_given_by_territory_and_kind(api: Api, register: Any) -> None:
    body = api.get("rates/").json()
    assert (body["as_of"], body["computed_on"], body["group"]) == ("2026-11-22", "2026-11-22", "territory")
    (row,) = body["results"]
    assert row["territory"] == "RU-MOS"
    assert row["rates"][0] == {"denominator": "on_file", "registered": 1, "total": 2, "share": "0.500000"}
    assert row["rates"][2] == {"denominator": "sighted", "registered": 0, "total": 0, "share": None}
    (kind,) = api.get("rates/", {"group": "kind", "territory": "RU"}).json()["results"]
    assert (kind["territory"], kind["kind"], kind["on_file"]) == ("", "legal_entity", 2)
    text = api.csv("rates/", group="territory_kind")
    assert text.splitlines()[0].startswith("as_of,territory,territory_name,kind,on_file,registered")
    assert text.splitlines()[1].startswith("2026-11-22,RU-MOS,")
    assert api.get("rates/series/", {"territory": "RU"}).json()["results"][-1]["on_file"] == 2


def test_exposure_is_given_book_by_book(api: Api, register: Any) -> None:
    body = api.get("exposure/", {"book": "ru.what-if.2m", "group": "norm"}).json()
    assert body["book"]["kind"] == "what_if"
    assert {row["key"] for row in body["results"]} <= set(Norm.objects.values_list("code", flat=True))
    assert sum(row["findings"] for row in body["results"]) >= 1
    assert api.get("exposure/").json()["book"]["code"] == "ru.law"
    assert api.csv("exposure/", book="ru.what-if.2m").startswith("as_of,book,key,name,currency,findings,unpriced")


def test_headline_is_that_of_the_command(api: Api, register: Any) -> None:
    body = api.get("headline/").json()
    assert (body["as_of"], body["on_file"], body["registered"], body["stale"]) == ("2026-11-22", 2, 1, 0)
    assert [rate["denominator"] for rate in body["rates"]] == ["on_file", "obliged", "sighted"]
    assert {total["book"] for total in body["exposure"]} >= {"ru.law"}


def test_findings_are_listed_with_their_explanation(api: Api, register: Any) -> None:
    _, hidden = register
    rows = api.results("findings/", miner=hidden.pk, norm_kind="registration_duty", as_of="2026-11-22")
    (row,) = rows
    assert (row["miner"], row["miner_name"], row["territory"], row["valid"]["to"]) == (
        hidden.pk,
        hidden.name,
        "RU-MOS",
        None,
    )
    explanation = api.get(f"findings/{row['id']}/explanation/").json()
    assert explanation["norm"]["code"] == row["norm"]
    assert explanation["facts"]
    assert api.get("findings/999999/explanation/").status_code == 404
    assert api.results("findings/", as_of="2020-01-01") == []
    assert f"{row['id']},{hidden.pk}," in api.csv("findings/", miner=hidden.pk)


def test_findings_cannot_be_written(api: Api, register: Any) -> None:
    row = Finding.objects.first()
    assert api.post("findings/", {}).status_code == 405
    assert api.patch(f"findings/{row.pk}/", {}).status_code == 405
    assert api.delete(f"findings/{row.pk}/").status_code == 405


@pytest.fixture
def case(api: Api, law: LawPack) -> dict[str, Any]:
    miner = MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    body = {"miner": miner.pk, "norm": "ru.general.koap-7.19", "offence_on": "2026-10-01", "opened_on": "2026-10-02"}
    response = api.post("cases/", body)
    assert response.status_code == 201, response.content
    return response.json()


def fine(opened: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "case": opened["id"],
        "occurrence": "first",
        "reference": "D-1",
        "amount": "100000.00",
        "currency": "RUB",
        "decided_on": "2026-10-20",
        "due_on": "2026-11-01",
        **changes,
    }


def test_fine_is_issued_paid_overdue_and_annulled(api: Api, case: dict[str, Any]) -> None:
    issued = api.post("fines/", fine(case))
    assert issued.status_code == 201, issued.content
    body = issued.json()
    assert body == {
        **fine(case),
        "id": body["id"],
        "miner": case["miner"],
        "norm": "ru.general.koap-7.19",
        "penalty": body["penalty"],
        "status": "issued",
        "paid": "0.00",
        "outstanding": "100000.00",
        "overdue": "100000.00",
        "discounted": None,
        "discount_until": None,
        "note": "",
        "created_at": body["created_at"],
    }
    assert api.get(f"cases/{case['id']}/").json()["status"] == "decided"

    payment = {"fine": body["id"], "reference": "P-1", "amount": "40000.00", "paid_on": "2026-11-10"}
    paid = api.post("payments/", payment)
    assert paid.json() == {**paid.json(), **payment, "currency": "RUB"}
    then = api.get("fines/", {"as_of": "2026-10-31"}).json()
    assert (then["as_of"], then["results"][0]["outstanding"], then["results"][0]["overdue"]) == (
        "2026-10-31",
        "100000.00",
        "0.00",
    )
    (now,) = api.results("fines/", overdue="true")
    assert (now["paid"], now["outstanding"], now["overdue"]) == ("40000.00", "60000.00", "60000.00")
    assert "60000.00" in api.csv("fines/", owed="true")

    annulled = api.post(f"fines/{body['id']}/annul/", {"note": "Court of appeal"})
    assert (annulled.status_code, annulled.json()["status"], annulled.json()["outstanding"]) == (
        200,
        "annulled",
        "0.00",
    )
    assert api.results("fines/", owed="true") == []
    assert api.patch(f"fines/{body['id']}/", {"amount": "1"}).status_code == 405
    assert api.delete(f"fines/{body['id']}/").status_code == 405


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": "300000.01"}, 422, "amount_outside_band"),
        ({"amount": "-1.00"}, 422, "amount_not_positive"),
        ({"currency": "USD"}, 422, "currency_of_the_band"),
        ({"decided_on": "2026-12-01", "due_on": "2026-12-31"}, 422, "decision_in_the_future"),
        ({"amount": "1e30"}, 400, "invalid"),
        ({"case": 999999}, 400, "invalid"),
        ({"status": "issued", "colour": "red"}, 400, "invalid"),
    ],
)
def test_fine_is_refused_and_nothing_is_stored(
    api: Api, case: dict[str, Any], changes: dict[str, Any], status: int, code: str
) -> None:
    response = api.post("fines/", fine(case, **changes))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert not Fine.objects.exists()


def test_case_is_refused_when_the_norm_was_not_in_force(api: Api, law: LawPack) -> None:
    miner = MinerFactory(entrepreneur=True)
    body = {"miner": miner.pk, "norm": "ru.general.uk-171", "offence_on": "2026-07-31", "opened_on": "2026-08-02"}
    response = api.post("cases/", body)
    assert (response.status_code, response.json()["code"]) == (422, "norm_not_in_force")
    assert response.json()["errors"][0]["field"] == "norm"


def test_open_case_changes_in_its_note_only(api: Api, case: dict[str, Any]) -> None:
    assert api.patch(f"cases/{case['id']}/", {"note": "heard"}).json() == {**case, "note": "heard"}
    response = api.patch(f"cases/{case['id']}/", {"offence_on": "2026-10-02"})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "offence_on")


def test_claim_is_written_and_found(api: Api, law: LawPack) -> None:
    body = {
        "code": "test.claim",
        "territory": "RU",
        "said_by": "Ministry",
        "said_on": "2026-01-15",
        "where_said": "A hearing",
        "about_on": "2025-12-31",
        "statement": "About 30 % are registered.",
        "quote": "Some thirty percent, I would say",
        "bounds": "registration_rate",
        "low": "0.300000",
        "high": "0.300000",
        "unit": "share",
        "url": "",
        "confidence": "M",
    }
    created = api.post("claims/", body)
    assert created.json() == {"id": created.json()["id"], **body}
    assert api.results("claims/", code="test.claim", territory="RU") == [created.json()]
    refused = api.post("claims/", {**body, "code": "second", "low": "0.9", "high": "0.2"})
    assert (refused.status_code, refused.json()["code"]) == (422, "claim_low_up_to_high")
    assert "Some thirty percent" in api.csv("claims/", code="test.claim")
    assert api.results("claims/", search="thirty percent") == [created.json()]


def test_claims_of_packs_are_changed_in_the_pack_alone(api: Api, law: LawPack) -> None:
    claim = Claim.objects.get(code="ru.claim.white-share")
    body = {name: value for name, value in api.get(f"claims/{claim.pk}/").json().items() if name != "id"}
    made = api.post("claims/", {**body, "code": "ours.1"}).json()
    for answer in (
        api.post("claims/", {**body, "code": "ru.claim.of-mine"}),
        api.patch(f"claims/{claim.pk}/", {"confidence": "H"}),
        api.patch(f"claims/{made['id']}/", {"code": "ru.claim.of-mine"}),
        api.delete(f"claims/{claim.pk}/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "claim_of_pack")
    claim.refresh_from_db()
    assert claim.confidence == "M"
    assert api.delete(f"claims/{made['id']}/").status_code == 204


def test_report_is_read_with_its_files_under_its_number(api: Api, register: Any) -> None:
    report = report_issue(as_of=TODAY, created_at=NOW)
    (row,) = api.results("reports/")
    assert (row["number"], row["as_of"], "figures" in row) == (report.number, "2026-11-22", False)
    assert api.get(f"reports/{report.number}/").json()["figures"]["as_of"] == "2026-11-22"
    pdf = api.get(f"reports/{report.number}/pdf/")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert pdf["Content-Disposition"] == f'attachment; filename="{report.number}.pdf"'
    assert api.get(f"reports/{report.number}/xlsx/").content[:2] == b"PK"
    assert api.get("reports/CR-1999-0001/pdf/").status_code == 404


def test_recomputations_are_listed_latest_first(api: Api, register: Any) -> None:
    rows = api.results("recomputations/", status="done")
    assert sorted(row["kind"] for row in rows) == ["exposure", "rates"]
    assert rows[0]["id"] > rows[1]["id"]
