"""What `make run` tells the terminal."""

import time
from pathlib import Path

# Under the data folder: the log-in and the headline, for when everything is up.
WELCOME = Path("run/welcome")


def say(line: str) -> None:
    print(line, flush=True)


def tell_time(started: float) -> None:
    """A line for a step that took over a second; `started` is a reading of the monotonic clock."""
    seconds = time.monotonic() - started
    if seconds > 1:
        say(f"  done in {seconds:.1f} s")
