"""What an embedded server is: data, a log, a command, a way to ask it: config.postgres and config.valkey."""

import os
import signal
import stat
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import psutil

from config.env import Env, path_digest

# A unix socket's path must fit in sockaddr_un, 108 bytes with the closing zero.
SOCKET_PATH_LIMIT = 107


class ServerFailed(Exception):
    """A server cannot start; the message is one sentence, with the last lines of its log."""


def private_folder(path: Path) -> Path:
    """The folder, made for its owner only; one that somebody else made is refused."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (0, os.getuid()):
        raise ServerFailed(f"{path} belongs to somebody else; remove it, or set HEADFRAME_DATA to another folder.")
    return path


def socket_folder(data: Path, socket_name: str) -> Path:
    """`<data>/run`, or a short folder under the system's temporary one when that path is too long for a socket."""
    folder = data / "run"
    if len(os.fsencode(folder / socket_name)) <= SOCKET_PATH_LIMIT:
        return folder
    return Path(tempfile.gettempdir()) / f"headframe-{os.getuid()}-{path_digest(data)}"


class Server(ABC):
    """One embedded server over one data folder."""

    name: str
    title: str
    stop_signal: signal.Signals
    home: Path

    def __init__(self, env: Env) -> None:
        self.env = env
        self.data = env.data
        self.log = self.data / "log" / f"{self.name}.log"

    @abstractmethod
    def url(self) -> str:
        """Address of the server, the same before and after it is started."""

    @abstractmethod
    def prepare(self) -> None:
        """Whatever has to be there before the first start; harmless afterwards."""

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def accepts(self) -> bool:
        """Whether a client would be served now."""

    @abstractmethod
    def orphan(self) -> psutil.Process | None:
        """A server on our data whose keeper was killed, if there is one."""

    @abstractmethod
    def finish(self) -> None:
        """What is to be done when the server first accepts."""

    def user(self) -> dict[str, Any]:
        """Arguments that make Popen change to the server's user."""
        return {}

    def log_tail(self, lines: int = 4) -> str:
        if not self.log.exists():
            return "(no log)"
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 4096))
            text = file.read().decode("utf-8", "replace")
        return "\n".join(text.strip().splitlines()[-lines:])


def orphan_by_pid_file(pid_file: Path, program: str) -> psutil.Process | None:
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        return process if process.name().startswith(program) else None
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None
