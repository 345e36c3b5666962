"""How the tests of the rules ask: the days on which a rule finds a miner in breach, as a lawyer would write them."""

import datetime as dt
from collections.abc import Callable

import pytest

from compliance.models import LawPack, Norm
from compliance.rules import RULES, Scope
from registry.models import Miner

AS_OF = dt.date(2026, 11, 22)

Spans = list[tuple[str, str | None]]


@pytest.fixture
def breaches(ru_law: LawPack) -> Callable[..., Spans]:
    """The breaches of one norm by one miner as pairs of the first day and the first day after (None: still lasts)."""

    def ask(norm_code: str, miner: Miner, as_of: dt.date = AS_OF) -> Spans:
        norm = Norm.objects.get(code=norm_code)
        rows = RULES[norm.kind](norm).spans(Scope(miner_ids=(miner.pk,)), as_of)
        spans = sorted(row[4] for row in rows)
        return [(str(span.lower), str(span.upper) if span.upper else None) for span in spans]

    return ask


@pytest.fixture
def undetermined(ru_law: LawPack) -> Callable[..., list[str]]:
    """The facts that a norm lacks to decide on one miner on one day."""

    def ask(norm_code: str, miner: Miner, day: dt.date = AS_OF) -> list[str]:
        norm = Norm.objects.get(code=norm_code)
        rows = RULES[norm.kind](norm).undetermined(day, Scope(miner_ids=(miner.pk,)))
        return [str(row.missing_fact) for row in rows]  # type: ignore[attr-defined]

    return ask
