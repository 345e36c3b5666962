"""Changes are read strictly, from a pack's file and from JSON; what is wrong is told at its place."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.law.nodes import Trouble, root
from compliance.law.reading.context import Context
from compliance.law.scenarios import changes_of_json, read_changes
from compliance.models import LawPack
from registry.errors import Refusal

LIMIT = {"norm": "ru.limit.individual", "parameters": {"energy_kwh_month": 3000}}
FINE = {"penalty": {"norms": ["ru.registration.miner"]}, "amount": {"low": 1, "high": 2, "currency": "RUB"}}
BAN = {"ban": {"territories": ["RU-MOW"], "from": "2026-01-01"}}

SOUND = [
    LIMIT,
    FINE,
    BAN,
    {"act": "ru.bill.1124554-8", "in_force_from": "2026-01-01"},
    {"book": "ru.what-if.2m"},
    {"norm": "ru.ban", "repealed": True},
    {"norm": "ru.ban", "from": "2026-01-01", "until": "2026-12-31"},
    {"norm": "ru.ban", "from": "1990-01-01", "until": "2200-12-31"},
    {"ban": {"territories": ["RU", "UA-14"], "from": "2026-01-01"}},
    {"penalty": {"norms": ["ru.ban"], "offenders": ["citizen"], "occurrence": "repeat"}, "multiply": 10},
    {"ban": {**BAN["ban"], "norm": "ru.ban", "season": {"from": "11-15", "until": "03-15"}, "until": "2030-01-01"}},
]

UNSOUND: list[tuple[Any, str]] = [
    ("ban", "changes[0]"),
    ({}, "changes[0]"),
    ({**LIMIT, "book": "ru.law"}, "changes[0]"),
    ({**LIMIT, "colour": "red"}, "changes[0].colour"),
    ({"norm": "ru.nothing", "repealed": True}, "changes[0].norm"),
    ({"norm": "ru.ban"}, "changes[0]"),
    ({"norm": "ru.ban", "repealed": True, "until": "2026-01-01"}, "changes[0].repealed"),
    ({"norm": "ru.ban", "from": "2026-02-01", "until": "2026-01-01"}, "changes[0].until"),
    ({"norm": "ru.ban", "from": "soon"}, "changes[0].from"),
    ({"norm": "ru.limit.individual", "parameters": {"due_day": 3}}, "changes[0].parameters.due_day"),
    ({"norm": "ru.limit.individual", "parameters": {"energy_kwh_month": -3}}, "changes[0].parameters.energy_kwh_month"),
    ({"norm": "ru.limit.individual", "parameters": []}, "changes[0].parameters"),
    ({"act": "ru.nothing", "in_force_from": "2026-01-01"}, "changes[0].act"),
    ({"act": "ru.bill.1124554-8"}, "changes[0]"),
    ({"act": "ru.bill.1124554-8", "in_force_from": "2026-02-30"}, "changes[0].in_force_from"),
    ({"book": "ru.nothing"}, "changes[0].book"),
    ({"book": 7}, "changes[0].book"),
    ({"penalty": FINE["penalty"]}, "changes[0]"),
    ({**FINE, "multiply": 2}, "changes[0]"),
    ({"penalty": {"norms": []}, "multiply": 2}, "changes[0].penalty.norms"),
    ({"penalty": {"norms": ["ru.nothing"]}, "multiply": 2}, "changes[0].penalty.norms"),
    ({"penalty": {"norms": ["ru.ban"], "offenders": ["cat"]}, "multiply": 2}, "changes[0].penalty.offenders[0]"),
    ({"penalty": {"norms": ["ru.ban"], "occurrence": "third"}, "multiply": 2}, "changes[0].penalty.occurrence"),
    ({"penalty": {"norms": ["ru.ban"]}, "multiply": "1e9"}, "changes[0].multiply"),
    ({**FINE, "amount": {"low": 3, "high": 2, "currency": "RUB"}}, "changes[0].amount.low"),
    ({**FINE, "amount": {"low": 1, "high": 2, "currency": "XYZ1"}}, "changes[0].amount.currency"),
    ({**FINE, "amount": {"low": 1, "high": "1e999999", "currency": "RUB"}}, "changes[0].amount.high"),
    ({**FINE, "amount": {"low": 1, "high": 2}}, "changes[0].amount"),
    ({**FINE, "amount": {"low": 1, "high": 2, "unit": "MCI"}}, "changes[0].amount.unit"),
    ({**FINE, "amount": {"low": 1, "high": 2, "unit": "MCI", "currency": "RUB"}}, "changes[0].amount.unit"),
    ({"ban": {**BAN["ban"], "territories": ["RU-XXX"]}}, "changes[0].ban.territories"),
    ({"ban": {**BAN["ban"], "norm": "ru.limit.individual"}}, "changes[0].ban.norm"),
    ({"ban": {**BAN["ban"], "until": "2025-01-01"}}, "changes[0].ban.until"),
    ({"ban": {**BAN["ban"], "from": "0001-01-01"}}, "changes[0].ban.from"),
    ({"ban": {**BAN["ban"], "from": "1989-12-31"}}, "changes[0].ban.from"),
    ({"ban": {**BAN["ban"], "until": "9999-12-31"}}, "changes[0].ban.until"),
    ({"norm": "ru.ban", "until": "2201-01-01"}, "changes[0].until"),
    ({"norm": "ru.ban", "from": "1900-01-01"}, "changes[0].from"),
    ({"act": "ru.bill.1124554-8", "in_force_from": "9999-12-31"}, "changes[0].in_force_from"),
    ({"ban": {**BAN["ban"], "territories": ["KZ"]}}, "changes[0].ban.territories"),
    ({"ban": {**BAN["ban"], "territories": ["UA"]}}, "changes[0].ban.territories"),
    ({"ban": {**BAN["ban"], "season": {"from": "02-29", "until": "03-15"}}}, "changes[0].ban.season.from"),
    ({"ban": {**BAN["ban"], "season": {"from": "11-15"}}}, "changes[0].ban.season"),
]


def test_sound_changes_are_kept_as_they_were_meant(ru_law: LawPack) -> None:
    found = changes_of_json(ru_law, SOUND)
    assert found[0] == {"norm": "ru.limit.individual", "parameters": {"energy_kwh_month": "3000"}}
    assert found[1] == {
        "penalty": {"norms": ["ru.registration.miner"], "occurrence": "any"},
        "amount": {"low": "1", "high": "2", "currency": "RUB"},
    }
    assert found[2:6] == SOUND[2:6]
    assert changes_of_json(ru_law, found) == found


@pytest.mark.parametrize(("change", "place"), UNSOUND, ids=lambda value: value if isinstance(value, str) else "")
def test_an_unsound_change_is_refused_at_its_place(ru_law: LawPack, change: Any, place: str) -> None:
    with pytest.raises(Refusal) as refused:
        changes_of_json(ru_law, [change])
    assert place in refused.value.fields
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize("changes", [None, 1, "ban", {}, {"norm": "ru.ban"}, [LIMIT] * 201])
def test_what_is_no_list_of_changes_is_refused(ru_law: LawPack, changes: Any) -> None:
    with pytest.raises(Refusal) as refused:
        changes_of_json(ru_law, changes)
    assert set(refused.value.fields) == {"changes"}


def test_every_fault_is_told_at_once(ru_law: LawPack) -> None:
    with pytest.raises(Refusal) as refused:
        changes_of_json(ru_law, [LIMIT, {"book": "ru.nothing"}, {"act": "ru.nothing", "in_force_from": "never"}])
    assert set(refused.value.fields) == {"changes[1].book", "changes[2].act", "changes[2].in_force_from"}


FILE = """
norms:
  - {code: zz.limit, kind: energy_limit, parameters: {energy_kwh_month: 6000}}
acts: [{code: zz.act}]
changes:
  - {norm: zz.limit, parameters: {energy_kwh_month: 3000}}
  - {act: zz.act, in_force_from: 2026-12-01}
  - {norm: zz.limit, parameters: {energy_kwh_month: many}}
"""


def test_a_packs_file_is_read_by_the_same_rules() -> None:
    trouble = Trouble("zz.yaml")
    file = root(FILE, trouble)
    assert file is not None
    found = read_changes(file, Context(file))
    assert found == [
        {"norm": "zz.limit", "parameters": {"energy_kwh_month": "3000"}},
        {"act": "zz.act", "in_force_from": "2026-12-01"},
    ]
    assert [problem.line for problem in trouble.problems] == [8]


nonsense = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["norm", "norms", "act", "ban", "penalty", "book", "amount", "low", "high", "parameters", "from"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(nonsense, min_size=1, max_size=3))
def test_nonsense_is_refused_and_never_read_or_raised_otherwise(ru_law: LawPack, changes: list[Any]) -> None:
    with pytest.raises(Refusal) as refused:
        changes_of_json(ru_law, changes)
    assert all(place.startswith("changes") for place in refused.value.fields)
