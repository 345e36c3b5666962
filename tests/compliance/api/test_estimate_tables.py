"""The report of a table over HTTP: the document of the pure function, its chart, and refusals with a sentence."""

from typing import Any

import pytest

from compliance.estimates.table_report import repeats_report, table_report
from compliance.models import Claim, Estimate
from tests.api_client import Api, user_with
from tests.published.published import rows, table

PATH = "estimates/table/"
SPINA = table("spina")
BODY = {
    "lists": list(SPINA.lists),
    "rows": [[*(int(bit) for bit in bits), int(count)] for bits, count in zip(SPINA.bits, SPINA.counts, strict=True)],
}


def test_a_table_gets_the_document_of_the_pure_function(api: Api) -> None:
    response = api.post(PATH, BODY)
    assert response.status_code == 200, response.content
    assert response.json() == table_report(SPINA).to_json()


def test_a_register_makes_the_headline_a_rate(api: Api) -> None:
    document = api.post(PATH, {**BODY, "register": "birth_cert", "seed": 3, "bootstrap": 20}).json()
    assert document == table_report(SPINA, register="birth_cert", seed=3, bootstrap=20).to_json()
    assert "in 100" in document["headline"]["sentence"]
    assert document["registration"]["registered"] == 513


def test_repeats_get_the_document_of_the_pure_function(api: Api) -> None:
    counts = {int(row["k"]): int(row["f"]) for row in rows("ill_nl_counts")}
    response = api.post(PATH, {"repeats": [[k, f] for k, f in counts.items()]})
    assert response.json() == repeats_report(counts).to_json()


def test_the_chart_comes_as_svg(api: Api) -> None:
    for response in (
        api.send("POST", f"{PATH}?format=svg", BODY),
        api.post(PATH, BODY, HTTP_ACCEPT="image/svg+xml"),
    ):
        assert response.status_code == 200, response.content
        assert response["Content-Type"].startswith("image/svg+xml")
        assert response.content.startswith(b"<svg ")
        assert b"BIC average" in response.content


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Give lists with rows, or repeats"),
        ({**BODY, "repeats": [[1, 3]]}, "not both"),
        ({"lists": ["a", "b"]}, "Lists come with rows"),
        ({"lists": ["a", "b"], "rows": [[1, 0]]}, "Row 1 has 2 numbers; 2 lists need 3"),
        ({"lists": ["a", "b"], "rows": [[2, 0, 4]]}, "has not one 0 or 1"),
        ({"lists": ["a", "a"], "rows": [[1, 0, 4]]}, "same name"),
        ({"lists": ["a", "b"], "rows": [[0, 0, 4]]}, "cannot be counted"),
        ({"lists": [], "rows": []}, "1 to 10 lists"),
        ({**BODY, "register": "nobody"}, "There is no list nobody"),
        ({**BODY, "conditional": ["rehab"]}, "Name the register too"),
        ({"repeats": [[0, 4]]}, "k is a whole number from 1"),
        ({"repeats": [[1, 4]], "register": "a"}, "Repeats are of one list"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(api: Api, body: dict[str, Any], words: str) -> None:
    response = api.post(PATH, body)
    assert response.status_code == 422, response.content
    problem = response.json()
    assert problem["code"] == "table_refused"
    assert words in problem["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"lists": ["a", "b"], "rows": [[1, 0, -4]]},
        {"lists": ["a", "b"], "rows": [[1, 0, 1.5]]},
        {"lists": ["a", "b"], "rows": "no"},
        {**BODY, "bootstrap": 10_000},
        {**BODY, "colour": "red"},
        {"lists": [str(place) for place in range(11)], "rows": []},
    ],
)
def test_values_of_the_wrong_kind_are_refused_field_by_field(api: Api, body: dict[str, Any]) -> None:
    response = api.post(PATH, body)
    assert response.status_code in (400, 422), response.content
    assert response.json()["errors"]


def test_who_may_read_estimates_may_ask_and_nobody_else(db: None) -> None:
    assert Api(user_with([Estimate])).post(PATH, BODY).status_code == 200
    assert Api(user_with([Claim])).post(PATH, BODY).status_code == 403
    assert Api(None).post(PATH, BODY).status_code == 401
