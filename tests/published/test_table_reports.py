"""Every published table through the function, the command and the API: one document, and the published rows in it."""

import json
import math
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from compliance.estimates.table_report import repeats_report, table_report
from compliance.estimates.tables import Table
from compliance.models import Estimate
from tests.api_client import Api, user_with
from tests.published.published import DATA, FILES, expected, rows, table

DOCUMENTS: dict[str, dict[str, Any]] = {}
SECONDS: dict[str, float] = {}


def document(name: str) -> dict[str, Any]:
    if name not in DOCUMENTS:
        start = time.process_time()
        found = table_report(table(name)) if name in FILES else repeats_report(dutch())
        SECONDS[name] = time.process_time() - start
        DOCUMENTS[name] = found.to_json()
    return DOCUMENTS[name]


def dutch() -> dict[int, int]:
    return {int(row["k"]): int(row["f"]) for row in rows("ill_nl_counts")}


def commanded(path: Path, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("estimate", "table", str(path), *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.parametrize("name", [*FILES, "ill_nl_counts"])
def test_the_command_prints_the_document_of_the_function(name: str) -> None:
    assert commanded(DATA / f"{FILES.get(name, name)}.csv") == document(name)


@pytest.mark.django_db
def test_the_api_answers_the_document_of_the_function() -> None:
    api = Api(user_with([Estimate]))
    for name in FILES:
        found = table(name)
        body = {
            "lists": list(found.lists),
            "rows": [
                [*(int(bit) for bit in bits), int(count)] for bits, count in zip(found.bits, found.counts, strict=True)
            ],
        }
        assert api.post("estimates/table/", body).json() == document(name), name
    body = {"repeats": [[k, count] for k, count in dutch().items()]}
    assert api.post("estimates/table/", body).json() == document("ill_nl_counts")


def near(found: float | None, printed: float) -> bool:
    """Equal to as many digits as were printed, and to 1e-4 beyond."""
    if found is None:
        return False
    text = repr(printed)
    decimals = len(text.split(".")[1]) if "." in text and "e" not in text else 0
    return math.isclose(found, printed, rel_tol=1e-4, abs_tol=0.5000001 * 10.0**-decimals)


def lines(told: dict[str, Any], row: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of the document whose N is the published one."""
    return [line for line in told["estimates"] if near(line["N"], row["N"])]


TABLES = {
    name: [row for row in expected(name) if "N" in row and "Rivest" not in str(row.get("model"))]
    for name in [*FILES, "ill_nl_counts"]
}


@pytest.mark.parametrize(
    ("name", "row"), [(name, row) for name, found in TABLES.items() for row in found], ids=lambda each: str(each)[:60]
)
def test_a_published_row_is_found_in_the_document(name: str, row: dict[str, Any]) -> None:
    found = lines(document(name), row)
    assert found, "no line has this N"
    for key, ours in (("se", "se"), ("dev", "deviance"), ("aic", "AIC"), ("bic", "BIC")):
        if key in row and not (key == "se" and row.get("model") == "Mbh"):
            assert any(near(line[ours], row[key]) for line in found), key
    for key in ("ci", "ci_multinomial", "ci_wald_log", "ci_poisson"):
        if key in row:
            ends = [each for line in found for each in (line["interval"], *line["other_intervals"]) if each]
            assert any(near(each["low"], row[key][0]) and near(each["high"], row[key][1]) for each in ends), key


def test_rivests_normal_heterogeneity_of_diabetes_is_found() -> None:
    # With the standard error of Rcapture doubled as tests of the estimator explain.
    line = next(each for each in document("diabetes")["estimates"] if near(each["N"], 2763.5))
    assert near(line["AIC"], 111.386)


def test_coverage_of_the_published_tables_is_found() -> None:
    for name, (n0, high, low) in {
        "congenital": (629.5419453, 659.4523515, 649.3473626),
        "diabetes": (2271.688912, 2609.02984, 2457.968685),
    }.items():
        figures = {line["method"]: line["N"] for line in document(name)["estimates"] if line["group"] == "coverage"}
        assert [near(each, told) for each, told in zip(figures.values(), (n0, low, high), strict=True)] == [True] * 3


def test_two_published_lists_give_the_published_figures() -> None:
    for row in rows("two_list"):
        n1, n2, m = (int(row[key]) for key in ("n1", "n2", "m"))
        counts = [((1, 0), n1 - m), ((0, 1), n2 - m), ((1, 1), m)]
        told = table_report(Table.of(("a", "b"), counts)).to_json()
        figures = {line["method"]: line for line in told["estimates"]}
        assert near(figures["Chapman"]["N"], float(row["Chapman"]))
        assert near(figures["Chapman"]["interval"]["low"], float(row["sadinle_lo"])) or n1 + n2 - m > float(
            row["sadinle_lo"]
        )
        assert near(figures["Chapman"]["interval"]["high"], float(row["sadinle_hi"]))
        assert near(figures["Lincoln–Petersen"]["N"], float(row["LP"]))
        assert near(figures["Lincoln–Petersen"]["se"], float(row["LP_se"]))


def test_a_report_takes_less_time_than_a_reader_waits() -> None:
    for name in FILES:
        document(name)
        assert SECONDS[name] < (5 if table(name).k == 5 else 2), name
