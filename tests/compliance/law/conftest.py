"""A small sound pack, and the means to break or change it in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

SOUND = (Path(__file__).parent / "sound.yaml").read_text(encoding="utf-8")


@pytest.fixture
def pack_with(tmp_path: Path) -> Callable[..., Path]:
    """`pack_with((old, new), …)` writes the sound pack with each `old`, which must be in it, replaced once."""

    def write(*changes: tuple[str, str]) -> Path:
        text = SOUND
        for old, new in changes:
            assert old in text, f"the sound pack has no {old!r}"
            text = text.replace(old, new, 1)
        path = tmp_path / "ru.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
