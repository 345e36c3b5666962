"""Addresses of servers, as each library wants them written."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit


def database_settings(url: str) -> dict[str, Any]:
    """What Django's DATABASES needs, from postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    # Hashes of rows are over dates as PostgreSQL writes them, whatever a server's default is.
    options["options"] = f"-c DateStyle=ISO {options.get('options', '')}".rstrip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def redis_database(url: str) -> int:
    """Number of the database that a redis:// or unix:// address names."""
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query)).get("db") if parts.scheme == "unix" else parts.path.strip("/")
    return int(named or 0)


def redis_with_database(url: str, number: int) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return urlunsplit(parts._replace(path=f"/{number}"))
    query = dict(parse_qsl(parts.query)) | {"db": str(number)}
    # urlunsplit would write unix:/path, which redis-py refuses.
    return f"unix://{parts.netloc}{parts.path}?{urlencode(query)}"


def celery_broker(url: str) -> str:
    """Celery spells a unix socket redis+socket:///path?virtual_host=0."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={redis_database(url)}"
