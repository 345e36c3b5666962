"""Embedded servers over a folder of the test's own, used by processes as the service's are."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from config.clean import delete
from config.env import PROJECT

# Joins the servers, says where they are, stays until its standard input ends.
USER = """
import json, sys
from config import embedded, env
try:
    known = env.load()
    embedded.ensure(known)
except embedded.ServerFailed as reason:
    sys.exit(str(reason))
print(json.dumps([embedded.database_url(known), embedded.redis_url(known)]), flush=True)
sys.stdin.read()
"""


# Longest wait for anything, so that a failure ends: long, for the machine may be busy with much else.
PATIENCE = 240


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEADFRAME_", "PYTEST_"))}
    for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    return {**kept, "HEADFRAME_DATA": str(data), "HEADFRAME_ENV": "test", **more}


def start_user(data: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USER],
        cwd=PROJECT,
        env=environment(data, **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def addresses_of(user: subprocess.Popen[str]) -> tuple[str, str]:
    assert user.stdout is not None
    line = user.stdout.readline()
    assert line, user.communicate()[1]
    database, broker = json.loads(line)
    return database, broker


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate(timeout=PATIENCE)
    assert user.returncode == 0


def processes_of(data: Path) -> list[psutil.Process]:
    """Every process that was started for this data folder, by whomever."""
    found: set[psutil.Process] = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get("HEADFRAME_DATA") == str(data):
                # A server writes its title over its environment, so the children are looked up too.
                found |= {process, *process.children(recursive=True)}
            elif any(str(data) in word for word in process.cmdline()):
                found.add(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return [process for process in found if runs(process)]


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # ended between the two questions
        return False


def servers_of(data: Path) -> dict[str, list[psutil.Process]]:
    """Main processes of the two servers and their keepers."""
    named: dict[str, list[psutil.Process]] = {"postgres": [], "valkey": [], "keeper": []}
    for process in processes_of(data):
        try:
            command = " ".join(process.cmdline())
        except psutil.NoSuchProcess:
            continue
        for name, words in (("keeper", "config.keeper"), ("postgres", "/postgres -D"), ("valkey", "valkey-server")):
            if words in command:
                named[name].append(process)
    return named


@contextmanager
def data_folder(path: Path) -> Iterator[Path]:
    """A data folder of which nothing is left afterwards, on disk or in memory."""
    try:
        yield path
    finally:
        left = processes_of(path)
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=PATIENCE)
        delete(path / "test")
        delete(path)
