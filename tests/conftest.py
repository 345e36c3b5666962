"""What every test has: real servers of the tests' own, no way out to the network, the same examples on every run."""

import gc
import ipaddress
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoDbBlocker

from config import embedded, env, heartbeat
from tests.databases import migrated

hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, max_examples=50, print_blob=True
)
hypothesis.settings.load_profile("steady")


def until(condition: Callable[[], object], patience: float = 240.0) -> None:
    """Waits for something that another process does, on a machine that may be busy with much else."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def pytest_configure(config: pytest.Config) -> None:
    # Every worker of xdist joins the same servers; each has a database of its own in them. The first one starts them,
    # the last one stops them.
    os.environ["HEADFRAME_ENV"] = "test"
    embedded.ensure(env.load())


def pytest_unconfigure(config: pytest.Config) -> None:
    embedded.release()


@pytest.hookimpl(trylast=True)  # pytest-django sorts by what tests do to the database
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What has servers of its own comes first: it mostly waits, so another worker has its processor meanwhile."""
    items.sort(key=lambda item: "live" not in item.keywords or "django_db" in item.keywords)


def pytest_collection_finish() -> None:
    """What is loaded by now stays, so it is not looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def live_worker(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A real Celery worker on this test's database and queue; what the test commits, it sees."""
    heartbeat.client().flushdb()
    settings = connection.settings_dict
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--app", "config.celery", "worker", "--concurrency", "1"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
            ],
            cwd=env.PROJECT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "DATABASE_URL": f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: heartbeat.is_alive("worker") or worker.poll() is not None)
        assert worker.poll() is None, log.read_text()
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(60)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        heartbeat.client().flushdb()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """pytest-django's hook before it creates a worker's database: that is a copy of one that is migrated already."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated()


@pytest.fixture(scope="session", autouse=True)
def nothing_remembered() -> None:
    """The cache outlives a run of the tests, and with it the answers kept under the keys that the tests use."""
    cache.clear()


class NetworkBlocked(AssertionError):
    """A test tried to reach another machine."""


def _is_here(address: Any) -> bool:
    if not isinstance(address, tuple):  # a unix socket
        return True
    if address[0] == "localhost":
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests talk to this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_here(address):
            raise NetworkBlocked(f"A test tried to connect to {address}.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
