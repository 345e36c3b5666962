"""Days as they are typed on a command line."""

import datetime as dt
from argparse import ArgumentTypeError


def day(text: str) -> dt.date:
    """A day written as 2026-11-21; argparse shows the sentence otherwise."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a day; write it as 2026-11-21.") from None
