"""`make run` from an empty data folder to the last process gone."""

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.env import PROJECT
from tests.config.embedded_servers import PATIENCE, data_folder, environment, processes_of
from tests.conftest import until

LONGEST = 240
COMMAND = [sys.executable, "-m", "config.run"]


def an_unused_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Run:
    """A started service and the lines that it has printed."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.variables = variables
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            COMMAND, cwd=PROJECT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))

    def says(self, words: str) -> None:
        until(lambda: any(words in line for line in self.lines) or self.process.poll() is not None, LONGEST)
        assert any(words in line for line in self.lines), "\n".join(self.lines)

    @property
    def address(self) -> str:
        return next(line for line in self.lines if line.startswith("http://127.0.0.1:"))

    def health(self) -> tuple[int, dict[str, object]]:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, json.load(answer)
        except OSError:
            return 0, {}

    def child(self, name: str) -> psutil.Process:
        [found] = [p for p in psutil.Process(self.process.pid).children() if name in " ".join(p.cmdline())]
        return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with data_folder(tmp_path / "data") as data:
        run = Run(environment(data, HEADFRAME_ENV="local", HEADFRAME_PORT=an_unused_port()))
        try:
            yield run
        finally:
            run.process.kill()
            run.process.wait(PATIENCE)


@pytest.mark.live
def test_the_service_comes_up_is_looked_after_and_goes_without_a_trace(run: Run) -> None:
    run.says("Ctrl-C stops everything")
    status, health = run.health()
    assert (status, health["down"]) == (200, [])
    data = Path(run.variables["HEADFRAME_DATA"])
    password = (data / "demo_password").read_text()
    assert f"Log in as demo with the password {password}" in run.lines
    assert (data / "demo_password").stat().st_mode & 0o777 == 0o600
    assert any("% registered: " in line for line in run.lines), run.lines
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{run.address}/api/v1/miners/", timeout=30)

    second = subprocess.run(COMMAND, cwd=PROJECT, env=run.variables, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stdout == f"Headframe is already running at {run.address} (process {run.process.pid}).\n"

    web = run.child("granian")
    web.kill()
    run.says("web was killed by signal 9; starting it again in 0.5 s")
    until(lambda: run.health()[0] == 200)
    assert run.child("granian").pid != web.pid

    run.process.terminate()
    assert run.process.wait(PATIENCE) == 0
    until(lambda: run.lines[-1] == "Stopped.")
    assert processes_of(data) == []

    # The sample is made on the first start only, and a killed service leaves nothing that is in the way of the next.
    again = Run(run.variables)
    again.says("Ctrl-C stops everything")
    assert not any("sample" in line for line in again.lines)
    os.kill(again.process.pid, 9)
    again.process.wait(PATIENCE)
    until(lambda: processes_of(data) == [])
