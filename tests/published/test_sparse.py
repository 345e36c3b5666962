"""Published tables whose lists hardly overlap, on the report that `manage.py estimate table` prints.

Trafficking in New Orleans and the United Kingdom and the women held at Palembang, as analysed by Silverman, Chan and
Vincent; figures are those printed in the articles of the R package MultipleSystemsEstimation, whose data they are. The
histories of New Orleans follow from the fitted means and the residuals printed there: all 255 come out whole.
"""

import pytest

from compliance.estimates.loglinear import NoEstimate, fit
from compliance.estimates.selection import search
from compliance.estimates.terms import parse_model
from tests.published.digits import printed
from tests.published.test_further import document, further, line


def test_new_orleans_has_the_lists_and_the_pairs_without_overlap_that_were_told() -> None:
    # 186 people on eight lists; 18 of the 28 pairs of lists share nobody.
    found = document("new_orleans_8")
    assert (found["n"], len(found["lists"])) == (186, 8)
    pairs = next(each for each in found["warnings"] if each["code"] == "W03")["facts"]["pairs"]
    assert len(pairs) == 18


def test_new_orleans_by_the_stepwise_selection() -> None:
    found = line("new_orleans_8", "stepwise, p < 0.02")
    assert (found["model"], found["N"]) == ("[45]", printed(1110.488, 3))
    coefficients = fit(further("new_orleans_8"), parse_model("[45]")).coefficients
    told = (6.829240, -3.550255, -5.215378, -2.610929, -3.356509, -4.770202, -5.060321, -4.925883, -3.901502, 2.257897)
    assert coefficients == pytest.approx(told, abs=1e-6)


def test_new_orleans_gives_no_figure_as_three_of_its_lists_are_too_short() -> None:
    found = document("new_orleans_8")
    assert found["headline"]["N"] is None
    assert {"W01", "W03", "W10"} <= {each["code"] for each in found["warnings"]}


@pytest.mark.parametrize(
    ("model", "n", "bic"),
    [
        ("[12,23]", 157.1667, 57.14081),
        ("[12]", 268.7778, 58.96860),
        ("[13,23]", 123.4630, 91.89711),
        ("[23]", 126.1944, 138.06368),
        ("[13]", 126.9394, 155.16018),
        ("[]", 141.9926, 184.14431),
    ],
)
def test_the_six_models_of_korea_that_have_an_estimate(model: str, n: float, bic: float) -> None:
    found = {one.name: one for one in search(further("korea_3")).models}
    assert len(found) == 6
    assert found[model].n == printed(n, 4)
    assert found[model].bic == printed(bic, 5)


def test_korea_by_the_least_bic_and_by_the_stepwise_selection() -> None:
    best = line("korea_3", "best BIC")
    assert (best["model"], best["N"], best["BIC"]) == ("[12,23]", printed(157.1667, 4), printed(57.14081, 5))
    step = line("korea_3", "stepwise, p < 0.02")
    assert (step["model"], step["N"], step["df"]) == ("[12]", printed(268.7778, 4), 2)
    assert (step["deviance"], step["AIC"], step["BIC"]) == (
        printed(8.566946, 6),
        printed(44.90767, 5),
        printed(58.9686, 4),
    )
    # Two defensible models differ by more than half: no point.
    assert document("korea_3")["headline"]["status"] == "range"


@pytest.mark.parametrize("model", ["[12,13]", "[12,13,23]"])
def test_the_models_of_korea_without_an_estimate_are_those_told(model: str) -> None:
    with pytest.raises(NoEstimate):
        fit(further("korea_3"), parse_model(model))
    refused = next(each for each in document("korea_3")["warnings"] if each["code"] == "W05")["facts"]["models"]
    assert set(refused) == {"[12,13]", "[12,13,23]"}


def test_trafficking_in_the_united_kingdom_by_six_lists() -> None:
    # The Home Office published 10,000 to 13,000 (Bales, Hesketh and Silverman 2015).
    found = line("uk_trafficking_6", "stepwise, p < 0.02")
    assert (round(found["interval"]["low"], -3), round(found["interval"]["high"], -3)) == (10_000, 13_000)
    five = further("uk_trafficking_5")
    six = further("uk_trafficking_6")
    assert six.n == five.n == 2744
