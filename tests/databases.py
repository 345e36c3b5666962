"""Test databases without the wait: migrated once for all workers, and stored rows put back as they once were."""

import contextlib
import hashlib
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from config import env
from config.locks import held

PREFIX = "headframe_migrated_"
MADE_OF = ("*/migrations/*.py", "*/choices.py", "*/models/fields.py", "uv.lock")

Rows = dict[str, bytes]


def migrated() -> str:
    """The name of a database that has all migrations: made by the first worker that asks, and kept for later runs
    until something that it is made of changes."""
    name = PREFIX + _digest()
    with held(Path(env.load().HEADFRAME_DATA) / "run" / "migrated.lock"), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            for other in there:
                with contextlib.suppress(OperationalError):  # somebody copies it now
                    cursor.execute(f"DROP DATABASE {other}")
            _migrate(f"{name}_unfinished")
            cursor.execute(f"ALTER DATABASE {name}_unfinished RENAME TO {name}")
    return name


def _digest() -> str:
    parts = hashlib.sha256()
    for pattern in MADE_OF:
        for path in sorted(env.PROJECT.glob(pattern)):
            parts.update(f"{path.relative_to(env.PROJECT)}\0".encode() + path.read_bytes())
    return parts.hexdigest()[:16]


def _migrate(name: str) -> None:
    ours = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours


def _tables() -> list[str]:
    """The registry's and the law's tables but those of the events that tell their history."""
    return [
        model._meta.db_table
        for label in ("registry", "compliance")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.managed and not hasattr(model, "pgh_tracked_model")
    ]


def rows_taken(*, besides: Rows | None = None) -> Rows:
    """All rows of the registry's and the law's tables but the events that tell their history.

    Those in `besides`, such as the lists that a migration brings, are left out: every database has them already.
    """
    taken = {}
    with connection.cursor() as cursor:
        for table in _tables():
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                rows = b"".join(bytes(part) for part in copy)
            there = set((besides or {}).get(table, b"").splitlines())
            rows = b"".join(row for row in rows.splitlines(keepends=True) if row.rstrip(b"\n") not in there)
            if rows:
                taken[table] = rows
    return taken


def settle() -> None:
    """Ends the storing of rows that several tests share in one transaction: they are checked now and once, instead of
    again after each test, and plans are made for what they are."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(_tables())}")


def rows_put_back(rows: Rows) -> None:
    """Stores rows that were taken. Sequences do not go back with a transaction, so no later row gets their keys."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Neither triggers nor foreign keys: the rows have been through them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, lines in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(lines)
        cursor.execute("SET LOCAL session_replication_role = origin")
        # Without it, plans are made for tables that look empty.
        cursor.execute(f"ANALYZE {', '.join(rows)}")
