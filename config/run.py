"""`make run`: the whole service on one machine, until Ctrl-C.

The servers, whatever config.prepare does before each start, then web, worker and beat, each started again when it dies.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType
from typing import NoReturn

from config import children, embedded, env
from config.children import Child
from config.locks import Lock
from config.progress import WELCOME, say, tell_time

LOOK_EVERY = 0.2
PATIENCE = 15.0
FAILURES_AT_START = 3


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or a signal asked the service to end."""


class StartFailed(Exception):
    """A step of the start did not succeed; the message says which and where to look."""


class Service:
    def __init__(self, environment: env.Env, lock: Lock) -> None:
        self.env = environment
        self.lock = lock
        self.logs = environment.data / "log"
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.variables = dict(os.environ)
        self.port = free_port(environment.HEADFRAME_PORT)
        self.address = f"http://127.0.0.1:{self.port}"
        self.children: list[Child] = []
        self.step_process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        self.lock.write(f"{os.getpid()} {self.address}")
        try:
            self._servers()
            self._prepare()
            self._start_children()
            say("")
            say(self.address)
            say((self.env.data / WELCOME).read_text(encoding="utf-8"))
            say(f"Ctrl-C stops everything. Logs: {self.logs}")
            self._look_after()
        finally:
            self._end()

    def _servers(self) -> None:
        started = time.monotonic()
        if embedded.needed(self.env):
            say("Starting the database and the broker …")
        embedded.ensure(self.env)
        tell_time(started)

    def _prepare(self) -> None:
        """In a process of its own, which may need much memory once and then is gone."""
        self.step_process = children.start([sys.executable, "-m", "config.prepare"], self.variables)
        code = self.step_process.wait()
        self.step_process = None
        if code:
            raise StartFailed("the preparation did not succeed; the reason is above.")

    def _start_children(self) -> None:
        started = time.monotonic()
        say("Starting web, worker and beat …")
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "--app", "config.celery"]
        quiet = ("--loglevel", self.env.HEADFRAME_LOG_LEVEL)
        commands = {
            "web": [
                *(*python, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)),
                *("--workers", str(self.env.HEADFRAME_WEB_WORKERS), "--respawn-failed-workers"),
                # Its default allows 256 threads, each with a database connection.
                *("--blocking-threads", "4", "--log-level", "warning", "config.wsgi:application"),
            ],
            "worker": [
                *(*celery, "worker", "--concurrency", str(self.env.HEADFRAME_WORKER_CONCURRENCY), *quiet),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            "beat": [*celery, "beat", *quiet],
        }
        self.children = [Child(name, command, self.variables, self.logs) for name, command in commands.items()]
        for child in self.children:
            child.start()
        while down := self._down():
            for child in self.children:
                child.look(say)
                if child.failures >= FAILURES_AT_START:
                    raise StartFailed(f"{child.name} does not start; see {child.log}.")
            if time.monotonic() - started > 60:
                raise StartFailed(f"After a minute {', '.join(down)} did not answer; see {self.logs}.")
            time.sleep(LOOK_EVERY)
        tell_time(started)

    def _down(self) -> list[str]:
        """The parts that /healthz says are down; nothing when all are up."""
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=10):  # our own
                return []
        except urllib.error.HTTPError as answer:
            with answer:
                body = answer.read()
            return list(json.loads(body)["down"]) if answer.code == 503 else ["web"]
        except (OSError, ValueError):
            return ["web"]

    def _look_after(self) -> NoReturn:
        while True:
            for child in self.children:
                child.look(say)
            if embedded.rejoin(self.env):
                say("An embedded server's keeper had ended; it was started again")
            time.sleep(LOOK_EVERY)

    def _end(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # already on the way out
        if self.step_process:
            children.end_group(self.step_process, signal.SIGTERM)
            self.step_process.wait()
        children.end_all(self.children, PATIENCE)
        embedded.release()


def free_port(wanted: int) -> int:
    """The wanted port, or the next one that nobody listens on."""
    for port in range(wanted, min(wanted + 100, 65536)):
        with socket.socket() as probe:
            # As the web server does, or a port in TIME_WAIT would count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StartFailed(f"No free port from {wanted} on; set HEADFRAME_PORT to another one.")


def stop(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        environment = env.load()
        lock = Lock(environment.data / "run" / "service")
        if not lock.try_exclusive():
            process, _, address = lock.read().partition(" ")
            say(f"Headframe is already running at {address} (process {process}).")
            return 1
        Service(environment, lock).run()
    except Stopped:
        say("Stopped.")
        return 0
    except (env.EnvironmentRefused, embedded.ServerFailed, StartFailed) as reason:
        say(f"Headframe did not start: {reason}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
