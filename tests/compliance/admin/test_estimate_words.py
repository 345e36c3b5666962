"""Models and warnings of a run in words."""

import pytest

from compliance.admin.estimate_words import figures, model_words, warnings_by_code
from tests.estimates import told

LISTS = ["Complaints", "Anomalies of the grid", "Seizures"]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (None, "average of the models that fit"),
        ("[]", "lists taken as independent"),
        ("[13]", "allowing for Complaints with Seizures"),
        ("[12,23]", "allowing for Complaints with Anomalies of the grid, Anomalies of the grid with Seizures"),
        ("[14]", "model [14]"),
        ("Mth", "model Mth"),
    ],
)
def test_a_model_is_told_by_the_names_of_its_lists(model: str | None, words: str) -> None:
    assert model_words(model, LISTS) == words


def test_warnings_are_told_once_per_code_with_those_that_forbid_a_point_first() -> None:
    def warning(code: str, name: str, message: str, *, serious: bool = False) -> dict[str, object]:
        return {
            "code": code,
            "name": name,
            "message": message,
            "doc": f"docs/w.md#{code}",
            "serious": serious,
            "facts": {"lists": ["pool"]} if "pool" in message else {},
        }

    given = [
        warning("W03", "zero_overlap", "small: grid_anomaly and pool"),
        warning("W07", "unstable", "small: it depends"),
        warning("W07", "unstable", "It depends.", serious=True),
    ]
    first, second = warnings_by_code(given, {"grid_anomaly": "Anomalies of the grid", "pool": "Pools"})
    assert (first["code"], first["serious"], first["messages"]) == ("W07", True, ["small: it depends", "It depends."])
    assert (second["title"], second["messages"]) == ("zero overlap", ["small: “Anomalies of the grid” and “Pools”"])


@pytest.mark.parametrize(
    ("sentence", "figure", "why"),
    [
        ("At most 17 in 100; no closer figure, because sizes are unknown.", "At most 17 in 100", "no closer figure"),
        ("Cannot be told: nobody was seen.", "—", "Cannot be told: nobody was seen."),
    ],
)
def test_beside_an_inspection_the_lists_say_no_more_than_they_would_alone(sentence: str, figure: str, why: str) -> None:
    headline = told(kind="inspection", rate=(0.13, 0.18, 0.25)).to_json() | {"lists_sentence": sentence}
    shown = {name: (value, note) for name, value, note in figures(headline)}
    assert shown["Rate by the lists alone"][0] == figure
    assert shown["Rate by the lists alone"][1].startswith(why)


def test_the_bound_is_said_to_be_an_estimate_so_that_it_may_lie_above_the_lower_end_of_the_interval() -> None:
    headline = told(rate=(0.13, 0.18, 0.25)).to_json() | {"unregistered_at_least": 4816}
    names = {value: (name, note) for name, value, note in figures(headline)}
    name, note = names["4,816"]
    assert name.startswith("Lower bound")
    assert "estimate" in note
