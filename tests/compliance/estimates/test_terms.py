"""Names of models and the models of a kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.estimates.terms import Terms, canonical, hierarchical_models, model_name, pairwise_models, parse_model


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ([], "[]"),
        ([{0, 1}], "[12]"),
        ([{2, 0}, {1, 2}], "[13,23]"),
        ([{0, 1, 2}, {0, 3}, {2, 3}], "[123,14,34]"),
        ([{0, 9}], "[1a]"),
    ],
)
def test_a_model_is_named_by_its_generators(terms: list[set[int]], name: str) -> None:
    assert model_name(canonical(terms)) == name


def test_a_name_is_read_with_all_that_its_generators_contain() -> None:
    assert parse_model("[123, 14]") == canonical([{0, 1}, {0, 2}, {1, 2}, {0, 3}, {0, 1, 2}])
    assert parse_model("[1,23]") == canonical([{1, 2}])


@given(st.sampled_from(hierarchical_models(4)))
def test_a_name_comes_back_when_it_is_read(terms: Terms) -> None:
    assert set(parse_model(model_name(terms), 4)) == set(terms)


@pytest.mark.parametrize("name", ["12", "[12", "[1,,2]", "[0]", "[12]+Darroch", "[15]"])
def test_what_names_no_model_of_four_lists_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        parse_model(name, 4)


@pytest.mark.parametrize(("lists", "count"), [(1, 1), (2, 2), (3, 8), (4, 64), (5, 1024)])
def test_all_pairwise_models_are_there_once(lists: int, count: int) -> None:
    models = pairwise_models(lists)
    assert len(models) == len(set(models)) == count
    assert models[0] == ()


@pytest.mark.parametrize(("lists", "order", "count"), [(3, 2, 8), (3, 3, 9), (4, 3, 113), (4, 4, 114)])
def test_all_hierarchical_models_are_there_once(lists: int, order: int, count: int) -> None:
    models = hierarchical_models(lists, order)
    assert len({model_name(model) for model in models}) == len(models) == count
    assert all(set(canonical(model)) == set(model) for model in models)
