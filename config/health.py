"""GET /healthz: what is up, what is down, and how many totals are stale."""

import redis
from django.apps import apps
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from config import __version__, heartbeat
from config.checks import OLDEST_POSTGRES

COUNT_AT_MOST = 10_000


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0]) // 10000
    except DatabaseError:
        return "the database does not answer"
    return "ok" if version >= OLDEST_POSTGRES else f"PostgreSQL {version} is older than {OLDEST_POSTGRES}"


def _broker() -> str:
    try:
        heartbeat.client().ping()
        return "ok"
    except redis.RedisError:
        return "the broker does not answer"


def _alive(part: str) -> str:
    try:
        return "ok" if heartbeat.is_alive(part) else f"no sign of life for {heartbeat.EXPIRES} s"
    except redis.RedisError:
        return "unknown while the broker does not answer"


def _stale() -> int | None:
    """Marks that wait to be recomputed, counted up to a limit."""
    marks = apps.get_model("compliance", "StaleMark").objects.order_by()
    try:
        return int(marks[:COUNT_AT_MOST].count())
    except DatabaseError:
        return None


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    parts = {"database": _database(), "broker": _broker()}
    for part in ("worker", "beat"):
        # Their signs of life are kept by the broker; asking one that hangs twice more would take seconds.
        parts[part] = _alive(part) if parts["broker"] == "ok" else "unknown while the broker does not answer"
    down = [name for name, answer in parts.items() if answer != "ok"]
    body = {
        "status": "down" if down else "ok",
        "down": down,
        **parts,
        "stale": _stale(),
        "version": __version__,
    }
    return JsonResponse(body, status=503 if down else 200, headers={"Cache-Control": "no-store"})
