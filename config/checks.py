"""Checks that the set-up is one that the service works on; Django runs them before `migrate`."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import Error, Tags, register
from django.db import connections

OLDEST_POSTGRES = 17


def check_postgres_version(*, databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    errors = []
    for alias in databases or []:
        version = connections[alias].pg_version // 10000  # type: ignore[attr-defined]
        if version < OLDEST_POSTGRES:
            errors.append(
                Error(
                    f"The database is PostgreSQL {version}; {OLDEST_POSTGRES} or later is needed.",
                    hint="Point DATABASE_URL to a newer server, or leave it empty for the embedded one.",
                    id="config.E001",
                )
            )
    return errors


def register_all() -> None:
    register(check_postgres_version, Tags.database)
