"""What the log says of an error: where it was, not the values that were there."""

import logging
import logging.config
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from config.logs import logging_settings


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    logging.config.dictConfig(settings.LOGGING)


def told(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> str:
    """What is logged of an error in a function that was handed a secret."""
    logging.config.dictConfig(logging_settings(level="WARNING", as_json=as_json))
    password = "correct horse battery staple"
    try:
        raise LookupError("no such miner")
    except LookupError:
        logging.getLogger("django.request").warning("Not Found: %s", "/admin/", exc_info=sys.exc_info())
    assert len(password) > 8
    return capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True])
def test_error_is_told_with_its_place_and_without_the_values_there(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    text = told(capsys, as_json=as_json)
    assert "Not Found: /admin/" in text
    assert "no such miner" in text
    assert "test_logs.py" in text
    assert "battery" not in text


def test_error_for_people_is_a_plain_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, as_json=False).splitlines()
    assert "Traceback (most recent call last):" in lines
    assert lines[-1] == "LookupError: no such miner"
