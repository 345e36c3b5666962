"""Long-running processes of the service under `make run`: started, looked after, started again, ended."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.env import PROJECT
from config.keeper import die_with_parent

STEADY_AFTER = 30
LONGEST_PAUSE = 30.0
LOG_LIMIT = 20 * 1024**2


def start(command: list[str], environment: Mapping[str, str], output: int | None = None) -> subprocess.Popen[bytes]:
    """A process in a session of its own: Ctrl-C reaches the supervisor alone; a killed supervisor takes it along."""
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # no threads here
    )


def end_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


class Child:
    """One of web, worker, beat."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.log = logs / f"{name}.log"
        self.failures = 0
        self.started_at = 0.0
        self.start_again_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = start(self.command, self.environment, log.fileno())
        self.started_at = time.monotonic()

    def look(self, say: Callable[[str], None]) -> None:
        """Starts the process again when it has ended, after a pause that grows with every failure in a row."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            if now - self.started_at > STEADY_AFTER:
                self.failures = 0
            return
        # Whatever it started must not answer in its place.
        end_group(self.process, signal.SIGKILL)
        self.process = None
        self.failures += 1
        pause = min(0.5 * 2 ** (self.failures - 1), LONGEST_PAUSE)
        self.start_again_at = now + pause
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        say(f"{self.name} {how}; starting it again in {pause:g} s (its log: {self.log})")


def end_all(children: list[Child], patience: float) -> None:
    """Asks all to end, and kills what is left after so many seconds; tasks cut off are given to the next worker."""
    running = [child.process for child in children if child.process]
    for process in running:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + patience
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            end_group(process, signal.SIGKILL)
            process.wait()
        end_group(process, signal.SIGKILL)
