"""`make run` from an empty data folder to the last process gone."""

import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config import embedded, env
from config.env import PROJECT
from tests.config.embedded_servers import PATIENCE, data_folder, environment, processes_of, servers_of
from tests.conftest import until

LONGEST = 600
COMMAND = [sys.executable, "-m", "config.run"]
TOTAL = (
    "SELECT on_file FROM compliance_registrationrate WHERE kind = 'operator' ORDER BY as_of DESC, on_file DESC LIMIT 1"
)


def an_unused_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Run:
    """A started service and the lines that it has printed."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.variables = variables
        self.data = Path(variables["HEADFRAME_DATA"])
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

    def stops_at(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        assert self.process.wait(PATIENCE) == 0
        until(lambda: self.lines[-1] == "Stopped.")
        assert processes_of(self.data) == []

    @property
    def address(self) -> str:
        return next(line for line in self.lines if line.startswith("http://127.0.0.1:"))

    def health(self) -> tuple[int, dict[str, object]]:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, json.load(answer)
        except OSError:
            return 0, {}

    def child(self, name: str) -> psutil.Process:
        [found] = [p for p in psutil.Process(self.process.pid).children() if name in " ".join(p.cmdline())]
        return found


def miner_is_typed(database: psycopg.Connection) -> int:
    """What somebody does in psql, without a word to the service; the total that is to come of it."""
    [before] = database.execute(TOTAL).fetchone() or [0]
    database.execute(
        "INSERT INTO registry_miner (name, kind, territory_id, operating, note)"
        " SELECT 'typed by hand', kind, territory_id, '[2025-01-01,)', '' FROM compliance_registrationrate"
        " WHERE kind = 'operator' ORDER BY as_of DESC, on_file DESC LIMIT 1"
    )
    return int(before) + 1


def total_becomes(database: psycopg.Connection, total: int) -> None:
    until(lambda: database.execute(TOTAL).fetchone() == (total,))
    until(lambda: database.execute("SELECT count(*) FROM compliance_stalemark").fetchone() == (0,))


def changes_by_plain_sql_show_in_the_totals(database: psycopg.Connection) -> None:
    total_becomes(database, miner_is_typed(database))


def what_is_killed_is_started_again(run: Run) -> None:
    words = {"web": "granian", "worker": "config.celery worker", "beat": "config.celery beat"}
    before = {name: run.child(word) for name, word in words.items()}
    for child in before.values():
        child.kill()
    for name in words:
        run.says(f"{name} was killed by signal 9; starting it again in 0.5 s")
    until(lambda: run.health()[0] == 200)
    for name, word in words.items():
        assert run.child(word).pid != before[name].pid


def changes_show_when_the_broker_was_down_meanwhile(run: Run, database: psycopg.Connection) -> None:
    servers = servers_of(run.data)
    [broker] = servers["valkey"]
    [keeper] = [keeper for keeper in servers["keeper"] if keeper.cmdline()[-1] == "valkey"]
    keeper.suspend()  # or the broker would be back before anybody looks
    broker.kill()
    until(lambda: run.health()[0] == 503)
    total = miner_is_typed(database)
    keeper.resume()
    until(lambda: run.health()[0] == 200)
    total_becomes(database, total)


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
    password = (run.data / "demo_password").read_text()
    assert f"Log in as demo with the password {password}" in run.lines
    assert (run.data / "demo_password").stat().st_mode & 0o777 == 0o600
    assert any("% registered: " in line for line in run.lines), run.lines
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{run.address}/api/v1/miners/", timeout=60)

    with psycopg.connect(embedded.database_url(env.load(run.variables)), autocommit=True) as database:
        changes_by_plain_sql_show_in_the_totals(database)
        what_is_killed_is_started_again(run)
        changes_by_plain_sql_show_in_the_totals(database)
        changes_show_when_the_broker_was_down_meanwhile(run, database)

    second = subprocess.run(COMMAND, cwd=PROJECT, env=run.variables, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stdout == f"Headframe is already running at {run.address} (process {run.process.pid}).\n"

    run.process.kill()
    run.process.wait(PATIENCE)
    until(lambda: processes_of(run.data) == [])

    # A killed service leaves nothing that is in the way of the next, and the sample is made on the first start only.
    port = int(run.variables["HEADFRAME_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        again = Run(run.variables)
        again.says("Ctrl-C stops everything")
        assert port < int(again.address.rpartition(":")[2]) < port + 100
        assert again.health()[0] == 200
    assert not any("sample" in line for line in again.lines)
    again.stops_at(signal.SIGINT)

    early = Run(run.variables)
    early.says("Preparing the database")
    early.stops_at(signal.SIGTERM)
