"""The waterfall over HTTP: steps that add up, the run that it names, and refusals in words."""

import datetime as dt
from decimal import Decimal

import pytest

from compliance.models import LawPack
from compliance.services.recomputation import recompute
from registry.models import Territory
from tests.api_client import Api
from tests.estimates import finished_estimate
from tests.factories import MinerFactory, RegistrationFactory

DAY = dt.date(2026, 11, 22)


@pytest.fixture
def russia(ru_law: LawPack) -> Territory:
    moscow = Territory.objects.get(code="RU-MOW")
    miners = MinerFactory.create_batch(4, territory=moscow)
    RegistrationFactory(miner=miners[0])
    recompute(as_of=DAY)
    return Territory.objects.get(code="RU")


def test_steps_add_up_and_name_the_latest_run(api: Api, russia: Territory) -> None:
    run = finished_estimate(russia)
    body = api.get("waterfall/").json()
    assert (body["as_of"], body["territory"], body["book"]) == ("2026-11-22", "RU", "")
    assert body["estimate"] == {
        "number": run.pk,
        "territory": "RU",
        "window_from": "2026-08-01",
        "as_of": "2026-10-31",
        "sentence": "30 in 100; plausible range 24 to 38.",
        "provisional": False,
    }
    steps = {step["code"]: step for step in body["results"]}
    for end in ("low", "point", "high"):
        parts = [Decimal(step["operations"][end]) for step in steps.values() if step["of"] == "obliged"]
        assert Decimal(steps["obliged"]["operations"][end]) == sum(parts)
    assert steps["never"]["operations"] == {"low": "3", "point": "3", "high": "3", "why_unknown": ""}
    assert (steps["unseen"]["grade"], steps["unseen"]["sources"]) == ("illustrative", [f"estimate {run.pk}"])
    assert "waterfall" in api.get("waterfall/", headers={"Accept": "text/csv"})["Content-Disposition"]
    assert api.csv("waterfall/").count("\n") == len(body["results"]) + 1


def test_unknown_is_null_with_words(api: Api, russia: Territory) -> None:
    steps = {step["code"]: step for step in api.results("waterfall/", territory="RU")}
    assert steps["unseen"]["operations"] == {
        "low": None,
        "point": None,
        "high": None,
        "why_unknown": "no finished estimate of this territory is on file",
    }
    assert steps["never"]["energy_kwh"]["low"] is None


def test_run_and_book_that_are_not_there_are_refused_in_words(api: Api, russia: Territory) -> None:
    run = finished_estimate(Territory.objects.get(code="KZ"))
    for query, code in (
        ({"estimate": "99999"}, "unknown_estimate"),
        ({"estimate": "twelve"}, "bad_number"),
        ({"estimate": str(run.pk), "territory": "RU"}, "estimate_of_another_place"),
        ({"book": "ru.nothing"}, "unknown_book"),
    ):
        answer = api.get("waterfall/", query)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_book_of_a_bill_prices_what_the_law_does_not(api: Api, russia: Territory) -> None:
    (law,) = [step for step in api.results("waterfall/") if step["code"] == "never"]
    (bill,) = [step for step in api.results("waterfall/", book="ru.bill.1124554-8") if step["code"] == "never"]
    assert (law["money"], law["unpriced"]) == ([], 3)
    assert bill["unpriced"] == 0
    assert [money["currency"] for money in bill["money"]] == ["RUB"]


@pytest.mark.parametrize("address", ["waterfall/", "exposure/hidden/"])
@pytest.mark.parametrize("day", ["0001-01-01", "2009-01-02", "2101-01-01", "9999-12-31"])
def test_day_at_the_ends_of_the_calendar_is_refused_in_words(
    api: Api, russia: Territory, address: str, day: str
) -> None:
    answer = api.get(address, {"as_of": day})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_date")
    assert answer.json()["detail"] == "as_of: give a day from 2009-01-03 to 2100-12-31."
    assert api.get(address, {"as_of": "2100-12-31"}).status_code == 200
