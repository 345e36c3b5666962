"""The environment, read once and strictly: every variable that the service knows, and no other place reads one."""

import dataclasses
import difflib
import hashlib
import os
import re
import secrets
import zoneinfo
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

PROJECT = Path(__file__).resolve().parent.parent
# PostgreSQL's data and programs lie here when the service runs as root; see config/servers.py.
SYSTEM_FOLDER = Path("/var/lib/headframe")
PREFIX = "HEADFRAME_"


class EnvironmentRefused(Exception):
    """A variable has a value that the service cannot start with; the message names the variable."""


def _text(value: str) -> str:
    return value


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return value

    return parse


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(value)

    return parse


def _url(*schemes: str) -> Callable[[str], str]:
    expected = "an address that begins with " + " or ".join(f"{scheme}://" for scheme in schemes)

    def parse(value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            raise ValueError(expected) from None
        if parts.scheme not in schemes or not (parts.hostname or parts.path.strip("/")):
            raise ValueError(expected)
        return value

    return parse


def _database(value: str) -> str:
    value = _url("postgres", "postgresql")(value)
    if value and not urlsplit(value).path.strip("/"):
        raise ValueError("an address that ends with the database's name, postgresql://user:password@host:5432/name")
    return value


def _broker(value: str) -> str:
    value = _url("redis", "rediss", "unix")(value)
    parts = urlsplit(value)
    named = dict(parse_qsl(parts.query)).get("db", "") if parts.scheme == "unix" else parts.path.strip("/")
    if named and not re.fullmatch(r"[0-9]{1,4}", named):
        raise ValueError("an address whose database is a number, redis://host:6379/0 or unix:///path?db=0")
    return value


def _mail(value: str) -> str:
    value = _url("smtp", "smtps")(value)
    if not value:
        return value
    parts = urlsplit(value)
    if not parts.hostname:
        raise ValueError("an address that names the mail server, smtp://user:password@host:587?tls=1")
    # What is misspelt here would send the password in clear.
    if parts.path.strip("/") or parts.fragment or parts.query not in ("", "tls=0", "tls=1"):
        raise ValueError("an address with no option but tls=1 or tls=0, smtp://user:password@host:587?tls=1")
    return value


def _origins(value: str) -> tuple[str, ...]:
    origins = _names(value)
    if not all(re.fullmatch(r"https?://[^/\s]+", origin) for origin in origins):
        raise ValueError("addresses such as https://register.example.org, parted by commas")
    return origins


def _zone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        raise ValueError("a name from the tz database, such as Europe/Moscow")
    return value


def _folder(value: str) -> Path:
    if not value or "\0" in value:
        raise ValueError("the path of a folder")
    path = Path(value).expanduser()
    if path.exists() and not path.is_dir():
        raise ValueError("the path of a folder, and a file is there")
    return path.absolute()


def _bin_folder(value: str) -> Path | None:
    if not value:
        return None
    path = Path(value).expanduser().absolute()
    if not (path / "postgres").is_file() or not (path / "initdb").is_file():
        raise ValueError("a folder that holds the programs postgres and initdb")
    return path


def variable(default: str, parse: Callable[[str], Any], help: str) -> Any:
    return dataclasses.field(metadata={"default": default, "parse": parse, "help": help})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Env:
    """One field per variable; the field's name is the variable's."""

    HEADFRAME_ENV: str = variable(
        "local",
        _one_of("local", "test", "production"),
        "Which settings apply: local (embedded servers, readable logs), test, or production (https only, JSON logs).",
    )
    SECRET_KEY: str = variable(
        "",
        _text,
        "Key that signs sessions, 50 random characters; required in production, made and kept with the data otherwise.",
    )
    DATABASE_URL: str = variable(
        "",
        _database,
        "PostgreSQL 17 or later, postgresql://user:password@host:5432/name; empty starts the embedded one, except in "
        "production.",
    )
    REDIS_URL: str = variable(
        "",
        _broker,
        "Redis or Valkey for tasks (the database named) and cache (the next one), redis://host:6379/0; empty starts "
        "the embedded one, except in production.",
    )
    HEADFRAME_DATA: Path = variable(
        str(PROJECT / ".data"),
        _folder,
        "Folder for the embedded servers' data, generated secrets, logs, uploads and reports.",
    )
    HEADFRAME_HOSTS: tuple[str, ...] = variable(
        "localhost,127.0.0.1,[::1]",
        _names,
        "Host names that the web server answers to, parted by commas.",
    )
    HEADFRAME_CSRF_ORIGINS: tuple[str, ...] = variable(
        "",
        _origins,
        "Addresses with scheme from which forms may be sent when a proxy stands in front, parted by commas.",
    )
    HEADFRAME_PORT: int = variable(
        "8000",
        _number(1, 65535),
        "Port of the web server; `make run` takes the next free one when it is taken.",
    )
    EMAIL_URL: str = variable(
        "",
        _mail,
        "Mail server for reports, smtp://user:password@host:587?tls=1 or smtps://…; empty means that nothing is sent.",
    )
    HEADFRAME_EMAIL_FROM: str = variable(
        "headframe@localhost", _text, "Sender's address on the reports that are mailed."
    )
    HEADFRAME_TIME_ZONE: str = variable(
        "Europe/Moscow", _zone, "Time zone of the pages and of schedules; the database keeps UTC."
    )
    HEADFRAME_LOG_LEVEL: str = variable(
        "INFO",
        _one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        "Least severe message that is logged.",
    )
    HEADFRAME_WEB_WORKERS: int = variable("2", _number(1, 64), "Processes of the web server, four threads each.")
    HEADFRAME_WORKER_CONCURRENCY: int = variable(
        "2", _number(1, 64), "Processes of the task worker, one task at a time each."
    )
    HEADFRAME_DB_POOL: int = variable(
        "0",
        _number(0, 64),
        "Database connections that a process keeps in a pool; the web server sets 4, one per thread; 0 means no pool.",
    )
    EMBEDDED_PG_BIN: Path | None = variable(
        "",
        _bin_folder,
        "Folder with PostgreSQL's programs for the embedded server; empty takes the package's, then the system's.",
    )

    @property
    def data(self) -> Path:
        """Tests keep servers of their own, so that a running service is not disturbed."""
        return self.HEADFRAME_DATA / "test" if self.HEADFRAME_ENV == "test" else self.HEADFRAME_DATA


def variables() -> dict[str, tuple[str, str]]:
    """Name of each variable → its default as one would write it, and its sentence of help."""
    return {f.name: (f.metadata["default"], f.metadata["help"]) for f in dataclasses.fields(Env)}


def load(environ: Mapping[str, str] | None = None) -> Env:
    """The environment as one value, or `EnvironmentRefused` naming the first variable that is wrong."""
    given = os.environ if environ is None else environ
    known = {f.name: f for f in dataclasses.fields(Env)}
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else " .env.example lists those that exist."
            raise EnvironmentRefused(f"{name} is not a variable of this service.{hint}")
    values: dict[str, Any] = {}
    for name, field in known.items():
        raw = given.get(name, field.metadata["default"])
        try:
            values[name] = cast(Callable[[str], Any], field.metadata["parse"])(raw)
        except ValueError as expected:
            # An address may hold a password, so it is not repeated.
            shown = "" if name.endswith("_URL") else f", not {raw!r}"
            raise EnvironmentRefused(f"{name} must be {expected}{shown}.") from None
    env = Env(**values)
    if env.HEADFRAME_ENV == "production":
        for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL"):
            if not values[name]:
                raise EnvironmentRefused(f"{name} must be set when HEADFRAME_ENV is production.")
        if len(env.SECRET_KEY) < 32:
            raise EnvironmentRefused("SECRET_KEY must have at least 32 characters when HEADFRAME_ENV is production.")
    return env


def path_digest(path: Path) -> str:
    """Names what is kept elsewhere for this folder."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def kept_secret(folder: Path, name: str, length: int = 50) -> str:
    """A random secret that is made on the first call, kept in the folder for its owner only, and read afterwards."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(length)[:length])
        try:
            # A link never replaces: when two processes start at once, both end up with the first one's secret.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
