"""Packs with one thing wrong, and how to ask whether the loader says what and where."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from compliance.law.parse import pack_read
from compliance.law.schema import PackRefused


@dataclass(frozen=True)
class Bad:
    """The sound pack with `old` replaced by `new` is refused by a sentence with `says` on the first line with `at`.

    `first` are other replacements, which alone would leave it sound.
    """

    old: str
    new: str
    says: str
    at: str = "# here"
    first: tuple[tuple[str, str], ...] = ()


def assert_refused(bad: Bad, pack_with: Callable[..., Path]) -> None:
    if bad.first:
        pack_read(pack_with(*bad.first))
    path = pack_with(*bad.first, (bad.old, bad.new))
    text = path.read_text(encoding="utf-8")
    line = text[: text.index(bad.at)].count("\n") + 1

    with pytest.raises(PackRefused) as refused:
        pack_read(path)

    assert any(problem.line == line and bad.says in problem.sentence for problem in refused.value.problems), (
        f"wanted line {line}: {bad.says}\ngot {refused.value.sentence}"
    )
