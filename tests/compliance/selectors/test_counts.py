"""The counts behind the rates: nobody is counted twice."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.selectors.counts import MEASURES, rows
from registry.choices import RegisterKind
from tests.factories import MinerFactory, RegisterFactory, RegistrationFactory
from tests.norms import LAW, made_up_norm

DAY = dt.date(2025, 6, 1)
FROM_THE_FIRST = DateRange(LAW, None, "[)")


def counted() -> dict[str, Any]:
    [row] = rows([DAY])
    return dict(zip(MEASURES, row[3:], strict=True))


@pytest.fixture
def registers(db: None) -> list[Any]:
    """Two registers, and a duty to stand in each that binds every company."""
    kept = [RegisterFactory(), RegisterFactory(code="made-up.devices", name="Devices", kind=RegisterKind.DEVICES)]
    for register in kept:
        made_up_norm("registration_duty", {}, register=register)
    return kept


@pytest.mark.parametrize(("entries", "met"), [(0, 0), (1, 0), (2, 1)])
def test_who_has_two_duties_is_obliged_once_and_has_met_them_with_both(
    registers: list[Any], entries: int, met: int
) -> None:
    miner = MinerFactory(operating=FROM_THE_FIRST)
    for register in registers[:entries]:
        RegistrationFactory(miner=miner, register=register, period=FROM_THE_FIRST)
    figures = counted()
    assert (figures["obliged"], figures["obliged_registered"]) == (1, met)


def test_duties_of_different_persons_are_counted_apart(db: None) -> None:
    made_up_norm("registration_duty", {}, miner_kinds=("legal_entity",))
    made_up_norm("registration_duty", {}, miner_kinds=("operator",))
    MinerFactory(operating=FROM_THE_FIRST)
    MinerFactory(operator=True, operating=FROM_THE_FIRST)
    assert sum(row[3 + MEASURES.index("obliged")] for row in rows([DAY])) == 2
