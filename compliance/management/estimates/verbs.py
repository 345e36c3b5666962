"""What a verb of `manage.py estimate` is."""

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import OutputWrapper


@dataclass(frozen=True)
class Verb:
    """`arguments` declares the options; `run` takes them by name and writes to the command's output.

    `run` raises `CommandError` with what is wrong.
    """

    name: str
    help: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[OutputWrapper, dict[str, Any]], None]
