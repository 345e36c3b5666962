"""Operations of unknown size: allotted as the known ones of the same history; left alone where too few are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.estimates.partition import (
    Context,
    Headline,
    ListTraits,
    Settings,
    Stratum,
    headline,
    pooled,
    stratum_model,
)
from compliance.estimates.sizes import DRAWS, allotted
from compliance.estimates.tables import Table, histories

LISTS = ("register", "a", "b", "c")
TRAITS = tuple(ListTraits(name, register=name == "register") for name in LISTS)
SURE = Settings(active_alpha=1, active_beta=0, bootstrap=0)


def classes(hidden: dict[str, tuple[int, float]], registered: int = 1000) -> dict[str, Table]:
    """Tables of so many unregistered by class, each seen by every list with the class's chance, as on average."""
    bits = histories(4).astype(float)
    found = {}
    for name, (number, chance) in hidden.items():
        p = np.prod(np.where(bits[:, 1:] == 1, chance, 1 - chance), axis=1)
        found[name] = Table(LISTS, np.rint(np.where(bits[:, 0] == 1, registered, number) * p).astype(np.int64))
    return found


WHOLE = classes({"small": (6000, 0.08), "large": (2000, 0.3)})


def masked(known: np.ndarray) -> list[Stratum]:
    """The classes of which the share `known`, by history, has a known size, and the class of the others."""
    seen = {name: np.rint(table.counts * known).astype(np.int64) for name, table in WHOLE.items()}
    rest = sum(table.counts - seen[name] for name, table in WHOLE.items())
    return [
        *(Stratum(name, Table(LISTS, counts)) for name, counts in seen.items()),
        Stratum("unknown", Table(LISTS, np.asarray(rest)), size_known=False),
    ]


def told(strata: list[Stratum]) -> Headline:
    made = pooled(allotted(strata, TRAITS, SURE), TRAITS, SURE)
    models = [stratum_model(each, TRAITS, SURE) for each in made]
    return headline(models, [[] for _ in models], SURE, traits=TRAITS, seed=[1], context=Context(by_model=0.0))


BY_LIST = {
    "half": np.full(15, 0.5),
    "one list tells sizes better": np.where(histories(4)[:, 1] == 1, 0.9, 0.35),
    "the registered are better known": np.where(histories(4)[:, 0] == 1, 1.0, 0.4),
}


@pytest.mark.parametrize("known", BY_LIST.values(), ids=BY_LIST)
def test_sizes_missing_at_random_given_the_history_leave_the_figure_as_if_all_were_known(known: np.ndarray) -> None:
    sure = told([Stratum(name, table) for name, table in WHOLE.items()])
    found, apart = told(masked(known)), told([Stratum(s.name, s.table) for s in masked(known)])
    assert found.unregistered == pytest.approx(sure.unregistered, rel=0.02)
    assert abs((apart.unregistered or 0) - (sure.unregistered or 0)) > 2 * abs(
        (found.unregistered or 0) - (sure.unregistered or 0)
    )
    assert found.interval is not None
    assert sure.interval is not None
    assert found.interval.high - found.interval.low > sure.interval.high - sure.interval.low
    notice = next(each for each in found.notices if each.code == "B13")
    assert notice.facts["allotted"] == int(masked(known)[-1].table.outside("register").n)


@given(st.lists(st.lists(st.integers(0, 40), min_size=15, max_size=15), min_size=3, max_size=5))
@settings(max_examples=50)
def test_each_history_keeps_its_number_whatever_is_drawn(counts: list[list[int]]) -> None:
    strata = [
        Stratum(str(at), Table(LISTS, np.array(each)), size_known=at < len(counts) - 1)
        for at, each in enumerate(counts)
    ]
    found = allotted(strata, TRAITS, SURE)
    assert (sum(each.table.counts for each in found) == sum(each.table.counts for each in strata)).all()
    if len(found) < len(strata):
        assert all((each.table.counts >= strata[at].table.counts).all() for at, each in enumerate(found))
        for draw in range(DRAWS):
            assert (sum(each.tables[draw].counts for each in found) == sum(s.table.counts for s in strata)).all()
    else:
        assert found[-1].unsized == found[-1].table.outside("register").n


def test_where_few_sizes_are_known_the_figure_is_at_most() -> None:
    strata = masked(np.full(15, 0.1))
    assert [each.name for each in allotted(strata, TRAITS, SURE)] == ["small", "large", "unknown"]
    found = told(strata)
    assert (found.status, found.rate, found.unregistered) == ("at_most", None, None)
    assert found.sentence.startswith("At most ")
    assert "size" in found.sentence
    assert "B14" in {each.code for each in found.notices}
    registered = sum(int(table.sizes[0]) for table in WHOLE.values())
    assert (found.at_most or 0) > registered / (registered + 8000)


def test_of_a_list_that_never_tells_a_size_nothing_is_allotted() -> None:
    never = masked(np.where(histories(4)[:, 3] == 1, 0.0, 0.9))
    assert not any(each.allotted for each in allotted(never, TRAITS, SURE))


def test_all_that_is_allotted_survives_json_and_pooling() -> None:
    found = allotted(masked(np.full(15, 0.5)), TRAITS, SURE)
    assert [Stratum.from_json(each.to_json()) == each for each in found] == [True, True]
    [one] = pooled([found[0], Stratum("tiny", Table(LISTS, np.ones(15, dtype=np.int64)))], TRAITS, SURE)
    assert one.allotted == found[0].allotted
    assert len(one.otherwise) == DRAWS
    assert one.otherwise[0] == tuple(count + 1 for count in found[0].otherwise[0])
