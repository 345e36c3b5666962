"""Claims beside our figures, over HTTP and as CSV."""

import datetime as dt
from typing import Any

import pytest

from compliance.models import LawPack
from registry.models import Territory
from tests.api_client import Api
from tests.estimates import finished_estimate


@pytest.fixture
def run(ru_law: LawPack) -> Any:
    return finished_estimate(
        Territory.objects.get(code="RU"), window=(dt.date(2025, 5, 1), dt.date(2025, 7, 31))
    )  # fmt: skip


def test_claim_is_told_whole_with_its_verdict(api: Api, run: Any) -> None:
    (found,) = [
        row
        for row in api.results("claims/compared/", bounds="registration_rate", said_to="2025-06-30")
        if row["claim"] == "ru.claim.chebeskov-30-percent"
    ]
    assert found == {
        "claim": "ru.claim.chebeskov-30-percent",
        "territory": "RU",
        "said_by": "Ivan Chebeskov, Deputy Finance Minister",
        "said_on": "2025-06-19",
        "about_on": "2025-06-19",
        "bounds": "registration_rate",
        "low": "0.300000",
        "high": "0.300000",
        "unit": "share",
        "confidence": "H",
        "verdict": "inside",
        "reason": None,
        "sentence": (
            f"The claim of 30 % of June 2025 lies inside the plausible range (24 to 38 in 100) of estimate {run.pk}."
        ),
        "estimate": run.pk,
        "beside": [
            {
                "what": "estimate",
                "title": f"the plausible range (24 to 38 in 100) of estimate {run.pk}",
                "low": "0.240000",
                "high": "0.380000",
                "unit": "share",
                "verdict": "inside",
                "sentence": (
                    "The claim of 30 % of June 2025 lies inside the plausible range (24 to 38 in 100) of estimate"
                    f" {run.pk}."
                ),
            }
        ],
        "figures": [],
    }


def test_claims_are_found_by_place_and_taken_as_csv(api: Api, run: Any) -> None:
    assert {row["territory"] for row in api.results("claims/compared/", territory="US")} == {"US"}
    lines = api.csv("claims/compared/", territory="RU").splitlines()
    assert lines[0].startswith("claim,territory,said_by")
    assert any("inside" in line and ",0.240000,0.380000" in line for line in lines)
    assert api.get("claims/compared/", {"bounds": "weather"}).json()["code"] == "bad_choice"
