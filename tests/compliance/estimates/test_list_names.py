"""Lists by their names in the sentences of warnings."""

from typing import Any

import pytest

from compliance.estimates.list_names import spelt

NAMES = {
    "grid_anomaly": "Anomalies of the grid",
    "pool": "Mining pools",
    "complaint": "Complaints by grid_anomaly",
    "register": "The register",
}


@pytest.mark.parametrize(
    ("message", "facts", "words"),
    [
        (
            "Never together: grid_anomaly and pool.",
            {"pairs": [["grid_anomaly", "pool"]]},
            "Never together: “Anomalies of the grid” and “Mining pools”.",
        ),
        ("pool 22 in 100", {"rates": {"pool": 0.22}}, "“Mining pools” 22 in 100"),
        (
            "no maximum: complaint with pool with grid_anomaly",
            {},
            "no maximum: “Complaints by grid_anomaly” with “Mining pools” with “Anomalies of the grid”",
        ),
        ("A pool of those in the register.", {"lists": ["complaint"]}, "A pool of those in the register."),
        ("registered, of the register", {"register": "register"}, "registered, of the “The register”"),
        ("carpool and grid_anomaly_2", {"lists": ["pool"]}, "carpool and grid_anomaly_2"),
    ],
)
def test_codes_are_lists_where_the_facts_or_a_pair_say_so(message: str, facts: dict[str, Any], words: str) -> None:
    assert spelt(message, NAMES, facts) == words


def test_without_lists_a_sentence_stays() -> None:
    assert spelt("pool with grid_anomaly", {}, {"lists": ["pool"]}) == "pool with grid_anomaly"
