"""Log-linear models of lists against what was published and what the authors' own programs give."""

from typing import Any

import pytest

from compliance.estimates.existence import verdict
from compliance.estimates.loglinear import Fit, fit
from compliance.estimates.profile import multinomial_interval, poisson_interval
from compliance.estimates.selection import Search, search
from compliance.estimates.stepwise import stepwise
from compliance.estimates.tables import Table
from compliance.estimates.terms import Floats, Terms, canonical, hierarchical_models, model_name, parse_model
from tests.published.published import BINDING, answer, expected, table

TABLES = ("r_users", "lesbian", "kosovo", "western", "artificial", "spina", "congenital", "diabetes")
ALIKE = {"Mt": "[]", "main": "[]", "SparseMSE p<0.02": "[15]", "MSEfit": "[15]"}
ACCURACY = 1e-4


def rows() -> list[Any]:
    """Every binding answer that names a log-linear model of the lists, with its data set and its terms."""
    found = []
    for dataset in TABLES:
        for row in expected(dataset):
            name = row.get("method", row.get("model"))
            # "best AIC [12,13]", "[1,23]", "[123,124,134,234] (NHOI)", "[12,13,14]+Darroch"
            written = name if isinstance(name, str) else ""
            model = ALIKE.get(written) or next((word for word in written.split() if word.startswith("[")), None)
            if model and "N" in row:
                found.append(pytest.param(dataset, model, row, id=f"{dataset}-{written}".replace(" ", "-")))
    return found


def darroch(of: Table) -> Floats:
    """The column of Darroch's heterogeneity, half the square of how many lists a history holds."""
    return (of.bits.sum(axis=1).astype(float) ** 2 / 2)[:, None]


def printed(value: float, figure: float) -> bool:
    """Equal to the last printed digit, or to the accuracy asked for."""
    digits = len(str(figure).partition(".")[2]) if "e" not in str(figure) else 0
    return abs(value - figure) <= max(0.5001 * 10**-digits, ACCURACY * abs(figure))


@pytest.mark.parametrize(("dataset", "model", "row"), rows())
def test_a_model_gives_the_published_figures_when_it_is_fitted(dataset: str, model: str, row: dict[str, Any]) -> None:
    of = table(dataset)
    terms = parse_model(model.removesuffix("+Darroch"), of.k)
    columns = darroch(of) if model.endswith("+Darroch") else None
    fitted = fit(of, terms, columns=columns)
    figures = {"N": fitted.n, "se": fitted.se, "dev": fitted.deviance, "aic": fitted.aic, "bic": fitted.bic}
    for name, value in figures.items():
        assert printed(value, row.get(name, value)), (name, value, row[name])
    assert fitted.df == row.get("df", fitted.df)
    if "ci_multinomial" in row:
        interval = multinomial_interval(of, terms, columns=columns)
        assert (interval.low, interval.high) == pytest.approx(row["ci_multinomial"], rel=ACCURACY)
    if "ci_wald_log" in row:
        assert (fitted.wald().low, fitted.wald().high) == pytest.approx(row["ci_wald_log"], rel=ACCURACY)


def test_most_of_the_published_answers_are_among_those_that_are_fitted() -> None:
    assert len(rows()) >= 20
    assert all(row.values[2]["kind"] in BINDING for row in rows())


def test_the_published_headline_of_allegheny_comes_out_when_heterogeneity_is_darrochs() -> None:
    of, headline = table("lesbian"), answer("lesbian", what="headline")
    model = answer("lesbian", what="BIC-best Mth Darroch model")["model"].removesuffix("+Darroch")
    fitted = fit(of, parse_model(model), columns=darroch(of))
    interval = poisson_interval(of, parse_model(model), columns=darroch(of))
    assert round(fitted.n) == headline["N"]
    # The publication rounds its upper bound down: 8576.69.
    assert (round(interval.low), int(interval.high)) == tuple(headline["ci"])


def test_the_stepwise_choice_is_that_of_the_authors_when_overlaps_are_thin() -> None:
    row = answer("western", method="SparseMSE p<0.02")
    found = stepwise(table("western"))
    assert [f"{'ABCDE'[a]}:{'ABCDE'[b]}" for a, b in map(sorted, found.best.terms)] == row["model"]
    assert found.best.n == pytest.approx(row["N"], rel=ACCURACY)
    published = answer("western", what="published interval")["ci"]
    interval = found.best.wald()
    # Published in round figures, and by a bootstrap.
    assert published[0] == pytest.approx(interval.low, rel=0.1)
    assert published[1] == pytest.approx(interval.high, rel=0.1)


@pytest.mark.parametrize(
    ("answered", "ours"), [("ok", "ok"), ("mle_does_not_exist", "no_mle"), ("not_identifiable", "not_identifiable")]
)
def test_the_verdicts_are_those_of_the_authors_when_lists_never_overlap(answered: str, ours: str) -> None:
    models = answer("artificial", what="identifiability")[answered]
    assert models
    for model in models:
        assert verdict(table("artificial"), letters(model)) == ours, model


def letters(model: list[str]) -> Terms:
    return canonical([["ABC".index(letter) for letter in pair] for pair in model])


@pytest.mark.parametrize(
    ("dataset", "by", "what"),
    [
        ("lesbian", "aic", "best AIC of 64 pairwise models"),
        ("lesbian", "bic", "best BIC of 64"),
        ("kosovo", "aic", "best AIC and BIC of 64 pairwise"),
        ("kosovo", "bic", "best AIC and BIC of 64 pairwise"),
        ("congenital", "aic", "best AIC of 1024"),
        ("congenital", "bic", "best BIC of 1024"),
    ],
)
def test_the_best_of_all_pairwise_models_is_the_published_one(dataset: str, by: str, what: str) -> None:
    best = min(search(table(dataset)).models, key=lambda one: getattr(one, by))
    assert best.name == answer(dataset, what=what)["model"]


@pytest.mark.parametrize("by", ["AIC", "BIC"])
def test_the_best_model_of_diabetes_is_the_published_one(by: str) -> None:
    best = min(search(table("diabetes")).models, key=lambda one: getattr(one, by.lower()))
    answers = [row["model"] for row in expected("diabetes") if "model" in row]
    assert f"best {by} {best.name}" in answers


@pytest.mark.parametrize(
    ("by", "what"), [("bic", "best BIC of 113 hierarchical models (order<=3)"), ("aic", "best AIC of 113")]
)
def test_the_best_of_all_hierarchical_models_of_kosovo_is_the_published_one(by: str, what: str) -> None:
    models = hierarchical_models(4, 3)
    assert len({model_name(model) for model in models}) == len(models) == 113
    best = min((fit(table("kosovo"), model) for model in models), key=lambda one: getattr(one, by))
    assert best.model == answer("kosovo", what=what)["model"]


def test_the_saturated_model_has_its_closed_form_when_no_interaction_of_all_lists_is_assumed() -> None:
    of = table("kosovo")
    figure = expected("kosovo", "computed_here")[0]["n0"]
    assert fit(of, parse_model("[123,124,134,234]")).f0 == pytest.approx(figure, rel=1e-9)


# The acceptance table of the warnings: main, best BIC with its Wald interval on log f0, BIC average, the 95 % set
# (least, greatest, models), df of the best, and the range when one list is left out, by stepwise choice.
ACCEPTED = {
    "kosovo": (7395, 14342, (12541, 16540), 14343, (14342, 14342, 1), 5, (6044, 22300)),
    "lesbian": (3738, 6349, (5430, 7528), 6286, (5351, 7126, 3), 5, (3445, 5018)),
    "diabetes": (2251, 2472, (2386, 2582), 2579, (2472, 2771, 4), 7, (2196, 2344)),
    "spina": (764, 731, (707, 761), 734, (711, 758, 3), 2, None),
    "congenital": (638, 620, (600, 647), 622, (604, 645, 22), 22, (569, 621)),
    "western": (2007, 2483, (1657, 3830), 2535, (1596, 5954, 81), 24, (1993, 2637)),
    "r_users": (192022, 1150026, (606903, 2218318), 1150021, (1150026, 1150026, 1), 0, None),
}


@pytest.mark.parametrize("dataset", ACCEPTED)
def test_the_search_gives_the_accepted_figures(dataset: str) -> None:
    main, best, wald, average, (low, high, models), df, dropped = ACCEPTED[dataset]
    found: Search = search(table(dataset))
    assert found.main is not None
    assert whole(found.main) == main
    assert whole(found.best) == best
    assert (round(found.best.wald().low), round(found.best.wald().high)) == wald
    assert round(found.average.n) == average
    assert (round(found.low), round(found.high), len(found.model_set)) == (low, high, models)
    assert found.best.df == df
    if dropped:
        of = table(dataset)
        left = [stepwise(of.without(name)).best.n for name in of.lists]
        # Cut rather than rounded in print.
        assert (min(left), max(left)) == pytest.approx(dropped, abs=1)


def whole(fitted: Fit) -> int:
    return round(fitted.n)
