"""The exposure of what nobody has seen, over HTTP."""

import datetime as dt

import pytest

from compliance.models import LawPack
from compliance.services.recomputation import recompute
from registry.models import Territory
from tests.api_client import Api
from tests.estimates import finished_estimate, told
from tests.factories import MinerFactory

DAY = dt.date(2026, 11, 22)


@pytest.fixture
def russia(ru_law: LawPack) -> Territory:
    MinerFactory.create_batch(3, territory=Territory.objects.get(code="RU-MOW"))
    recompute(as_of=DAY)
    return Territory.objects.get(code="RU")


def test_answer_names_its_run_and_says_what_is_not_priced(api: Api, russia: Territory) -> None:
    run = finished_estimate(russia, headline=told(registered=100, rate=(0.4, 0.5, 0.6)))
    body = api.get("exposure/hidden/", {"hazard": "0.02", "months": "24", "cv": "0.5"}).json()
    assert (body["estimate"]["number"], body["territory"], body["months"]) == (run.pk, "RU", 24)
    assert (body["unregistered"]["point"], body["on_file"], body["unseen"]["point"]) == ("95", 3, "92")
    law = next(each for each in body["books"] if each["code"] == "ru.law")
    assert "cannot be put in money" in law["sentence"]
    (row,) = [each for each in body["results"] if each["book"] == "ru.law"]
    assert (row["currency"], row["low"], row["high"], row["expected"]) == ("", None, None, None)
    bill = [each for each in body["results"] if each["book"] == "ru.bill.1124554-8"]
    assert {each["currency"] for each in bill} == {"RUB"}
    expected = [each for each in body["expected"] if each["of"] == "hidden"]
    assert all(float(each["mean"]) > 0 and len(each["quantiles"]) == 6 for each in expected)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"months": "0"}, "bad_number"),
        ({"months": "1.5"}, "bad_number"),
        ({"hazard": "nan"}, "bad_number"),
        ({"hazard": "-1"}, "bad_number"),
        ({"cv": "3"}, "bad_number"),
        ({"book": "ru.nothing"}, "unknown_book"),
        ({"territory": "XX"}, "unknown_territory"),
        ({"risk": "1"}, "unknown_parameter"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    api: Api, russia: Territory, query: dict[str, str], code: str
) -> None:
    answer = api.get("exposure/hidden/", query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
