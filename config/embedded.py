"""Embedded PostgreSQL and Valkey for whoever needs them: started by the first user, shared, stopped by the last.

Each server belongs to a keeper process (config.keeper). A user holds a shared lock on `<data>/run/<server>.users` as
long as it lives; the keeper stops the server when nobody holds it. The kernel frees locks, so a killed user counts as
gone.
"""

import atexit
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from config.env import PROJECT, Env
from config.locks import Lock, held, is_held
from config.postgres import Postgres
from config.servers import Server, ServerFailed
from config.valkey import Valkey

__all__ = ["ServerFailed", "database_url", "ensure", "redis_url", "rejoin", "release"]

SERVERS: dict[str, type[Server]] = {"postgres": Postgres, "valkey": Valkey}
_using: dict[Path, tuple[int, Lock]] = {}


def database_url(env: Env) -> str:
    """The given database, or the address that the embedded one has once it is started."""
    return env.DATABASE_URL or Postgres(env).url()


def redis_url(env: Env) -> str:
    return env.REDIS_URL or Valkey(env).url()


def needed(env: Env) -> list[Server]:
    given = {"postgres": env.DATABASE_URL, "valkey": env.REDIS_URL}
    return [kind(env) for name, kind in SERVERS.items() if not given[name]]


def ensure(env: Env) -> None:
    """Starts or joins the embedded servers that no variable replaces, until this process ends or calls `release`."""
    for server in needed(env):
        locks = server.data / "run"
        users = Lock(locks / f"{server.name}.users")
        if users.path not in _using:
            users.shared()  # waits while a keeper is stopping
            if not _using:
                atexit.register(release)
            _using[users.path] = (os.getpid(), users)
        else:
            users.close()
        with held(locks / f"{server.name}.start"):
            _start(server, locks / f"{server.name}.keeper")


def rejoin(env: Env) -> bool:
    """Starts a keeper again that was killed; says whether there was one."""
    gone = [server for server in needed(env) if not is_held(server.data / "run" / f"{server.name}.keeper")]
    if gone:
        ensure(env)
    return bool(gone)


def _start(server: Server, keeper_lock: Path) -> None:
    while not (is_held(keeper_lock) and server.accepts()):
        if is_held(keeper_lock):
            time.sleep(0.05)
            continue
        log = server.data / "log" / "keepers.log"
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with log.open("ab") as errors:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "config.keeper", server.name],
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                env={
                    **os.environ,
                    "HEADFRAME_ENV": server.env.HEADFRAME_ENV,
                    "HEADFRAME_DATA": str(server.env.HEADFRAME_DATA),
                },
            )
        said = keeper.communicate()[0].decode().strip()
        if said != "ready":
            reason = said.removeprefix("failed ") or f"the keeper of {server.title} ended; see {log}"
            raise ServerFailed(reason)


def release() -> None:
    """Leaves the servers; the last user stops them and waits until they are gone."""
    for path, (pid, users) in list(_using.items()):
        if pid != os.getpid():  # a fork: the lock is its parent's
            continue
        del _using[path]
        keeper = path.with_suffix(".keeper")
        if users.try_exclusive():
            _stop_keeper(keeper)
        elif not users.try_shared():
            _wait_for(keeper)  # it has seen that nobody is left
        users.close()


def _stop_keeper(keeper: Path) -> None:
    lock = Lock(keeper)
    if not lock.try_exclusive():
        os.kill(int(lock.read()), signal.SIGTERM)
        lock.exclusive()
    lock.close()


def _wait_for(keeper: Path) -> None:
    with held(keeper):
        return
