"""The figures agree with the register, and say what is missing from it."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from compliance.models import BannedArea, Book, Fine
from compliance.reports.figures import compliance_figures
from compliance.reports.issue import report_contents
from compliance.reports.xlsx import estimate_line
from registry.models import Territory
from tests.estimates import finished_estimate, told
from tests.factories import MinerFactory, SightingFactory

DAY = dt.date(2026, 11, 21)


@pytest.mark.usefixtures("figured")
def test_rates_keep_their_own_denominators() -> None:
    figures = compliance_figures(DAY)
    rates = {rate["denominator"]: rate for rate in figures["headline"]["rates"]}
    assert (rates["on_file"]["registered"], rates["on_file"]["total"]) == (1, 3)
    assert rates["on_file"]["share"] == "0.333333"
    assert (rates["sighted"]["registered"], rates["sighted"]["total"]) == (0, 1)
    assert rates["sighted"]["share"] == "0.000000"
    assert figures["headline"]["sentence"].startswith("33.3% of the miners on file are registered (1 of 3)")
    (territory,) = [row for row in figures["rates_by_territory"] if row["on_file"]]
    assert (territory["code"], territory["registered"], territory["on_file"]) == ("RU-KDA", 1, 3)


def test_a_share_is_null_when_its_denominator_is_empty(db: None) -> None:
    figures = compliance_figures(DAY)
    assert [rate["share"] for rate in figures["headline"]["rates"]] == [None, None, None]
    assert figures["headline"]["sentence"] == "No registration rate can be given: nothing is on file for this day."


@pytest.mark.usefixtures("figured")
def test_exposure_names_every_book_and_keeps_amounts_exact() -> None:
    exposure = compliance_figures(DAY)["exposure"]
    assert {row["book_code"] for row in exposure["books"]} == set(Book.objects.values_list("code", flat=True))
    assert exposure["books"][0]["book_kind"] == "law"
    for row in exposure["books"]:
        assert (row["currency"] == "") == (row["amount_low"] is None)
    for code in {row["book_code"] for row in exposure["books"]}:
        for currency in ("RUB", ""):
            whole = [r for r in exposure["books"] if (r["book_code"], r["currency"]) == (code, currency)]
            for part in ("by_norm", "by_kind"):
                rows = [r for r in exposure[part] if (r["book_code"], r["currency"]) == (code, currency)]
                assert sum(r["findings"] for r in rows) == sum(r["findings"] for r in whole)
                assert sum(Decimal(r["amount_high"] or 0) for r in rows) == sum(
                    Decimal(r["amount_high"] or 0) for r in whole
                )


@pytest.mark.usefixtures("figured")
def test_fines_count_what_was_decided_and_paid_by_the_day() -> None:
    fines = compliance_figures(DAY)["fines"]
    amount = Fine.objects.get(reference="D-1").amount
    assert fines["by_currency"] == [
        {
            "currency": "RUB",
            "fines": 2,
            "fines_month": 1,
            "fines_overdue": 1,
            "assessed_month": f"{amount:.2f}",
            "collected_month": "50.50",
            "assessed": f"{2 * amount:.2f}",
            "collected": "150.75",
            "outstanding": f"{2 * amount - Decimal('150.75'):.2f}",
            "overdue": f"{amount - Decimal('150.75'):.2f}",
        }
    ]
    (by_norm,) = fines["by_norm"]
    assert by_norm["assessed"] == fines["by_currency"][0]["assessed"]
    assert fines["annulled"] == 1


@pytest.mark.usefixtures("figured")
def test_bans_are_those_of_the_day_with_their_inclusive_last_day() -> None:
    bans = compliance_figures(DAY)["bans"]
    assert len(bans) == BannedArea.objects.filter(period__contains=DAY, norm__in_force__contains=DAY).count() > 0
    (dagestan,) = [ban for ban in bans if ban["territory_code"] == "RU-DA"]
    assert (dagestan["first_day"], dagestan["last_day"]) == ("2025-01-01", "2031-03-15")
    assert all(ban["urls"] and ban["citation"] for ban in bans)


@pytest.mark.usefixtures("figured")
def test_quality_counts_what_a_clerk_can_mend() -> None:
    checks = {check["code"]: check["count"] for check in compliance_figures(DAY)["data_quality"]["checks"]}
    assert checks["sightings_of_nobody_known"] == 1
    assert checks["miners_without_country"] == 1
    assert checks["miners_without_identifier"] == 1
    assert checks["metering_points_unknown"] == 1
    assert checks["imports_open"] == 0


@pytest.mark.usefixtures("figured")
def test_claims_and_sources_carry_confidence_and_address() -> None:
    figures = compliance_figures(DAY)
    chebeskov = next(claim for claim in figures["claims"] if "Chebeskov" in claim["said_by"])
    assert (chebeskov["low"], chebeskov["high"], chebeskov["unit"]) == ("0.3", "0.3", "share")
    assert chebeskov["url"].startswith("https://")
    assert {act["status"] for act in figures["sources"]} >= {"in_force", "tabled"}
    assert [pack["code"] for pack in figures["law_packs"]] == ["ru"]


def test_sample_data_are_announced_when_there_are_any(db: None) -> None:
    assert compliance_figures(DAY)["synthetic"] is False
    SightingFactory(source="synthetic sample")
    assert compliance_figures(DAY)["synthetic"] is True


def test_a_sample_miner_alone_is_announced_too(db: None) -> None:
    MinerFactory(name="Northern Farm 12 (sample)")
    assert compliance_figures(DAY)["synthetic"] is True


@pytest.mark.usefixtures("figured")
def test_figures_are_plain_json() -> None:
    figures = compliance_figures(DAY)
    assert json.loads(json.dumps(figures)) == figures


@pytest.mark.usefixtures("figured")
def test_without_an_estimate_the_report_says_so_and_no_claim_is_compared_with_one() -> None:
    figures = compliance_figures(DAY)
    assert figures["estimate"]["number"] is None
    assert figures["estimate"]["sentence"] == "No figure: no estimate of a country is finished yet."
    (claim,) = [row for row in figures["claims"] if row["code"] == "ru.claim.chebeskov-30-percent"]
    assert (claim["verdict"], claim["estimate"]) == ("not_compared", None)
    assert claim["quote"] == "We have not completed this process yet"


@pytest.mark.usefixtures("figured")
def test_the_estimate_stands_with_its_range_its_warnings_and_the_verdicts_of_claims() -> None:
    run = finished_estimate(Territory.objects.get(code="RU"), headline=told(codes=("W16", "W18")))
    figures = compliance_figures(DAY)
    estimate = figures["estimate"]
    assert {name: estimate[name] for name in ("number", "rate", "low", "high", "provisional", "inspected")} == {
        "number": run.pk, "rate": "0.3", "low": "0.24", "high": "0.38", "provisional": True, "inspected": False,
    }  # fmt: skip
    assert [row["code"] for row in estimate["warnings"]] == ["W16", "W18"]
    assert [(row["as_of"], row["low"]) for row in estimate["series"]] == [("2026-10-31", "0.240000")]
    verdicts = {row["code"]: (row["verdict"], row["estimate"]) for row in figures["claims"]}
    assert verdicts["ru.claim.chebeskov-30-percent"] == ("not_compared", run.pk)
    contents = report_contents(figures, number="CR-2026-0001", issued_on=DAY)
    assert contents["pdf"][:5] == b"%PDF-"
    assert b"30 in 100; plausible range 24 to 38." in contents["json"]


def test_an_estimate_is_told_in_one_line_of_the_workbook() -> None:
    told_so = {"sentence": "30 in 100.", "number": 12, "window": "August to October 2026", "provisional": True}
    assert estimate_line(told_so) == "30 in 100. (Estimate 12, August to October 2026, provisional.)"
    assert estimate_line({"sentence": "No figure.", "number": None}) == "No figure."
