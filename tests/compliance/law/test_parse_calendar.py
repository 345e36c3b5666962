"""A deadline in working days needs a calendar of days off."""

from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.law.parse import pack_read
from tests.compliance.law.bad import Bad, assert_refused

HEAD = ("    parameters: {}\n", "    parameters: {deadline: {working_days_after_start: 1}}\n")


def test_pack_is_refused_when_it_counts_working_days_without_a_calendar(pack_with: Callable[..., Path]) -> None:
    says = "Norm ru.registration counts working days, but the pack names no calendar of days off."
    assert_refused(Bad(*HEAD, says, at="  - code: ru.registration\n    act"), pack_with)


@pytest.mark.parametrize("calendar", ["RU", "KZ"])
def test_pack_with_a_calendar_is_read(pack_with: Callable[..., Path], calendar: str) -> None:
    path = pack_with(HEAD, ('  version: "1"', f'  version: "1"\n  calendar: {calendar}'))
    assert pack_read(path).calendar == calendar
