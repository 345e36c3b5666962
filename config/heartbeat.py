"""Signs of life: the worker and beat write a key that expires, and /healthz looks whether it is there.

Asking the workers (`celery inspect ping`) would take a second per question.
"""

import logging
from functools import cache
from typing import Any

import redis
from celery import bootsteps
from django.conf import settings

EVERY = 1.0
EXPIRES = 8
logger = logging.getLogger(__name__)


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)


def key(part: str) -> str:
    return f"headframe:alive:{part}"


def beat(part: str) -> None:
    try:
        client().set(key(part), 1, ex=EXPIRES)
    except redis.RedisError as error:
        logger.warning("The broker does not answer: %s", error)


def is_alive(part: str) -> bool:
    return bool(client().exists(key(part)))


class WorkerHeartbeat(bootsteps.StartStopStep):
    """Runs on the worker's own timer, so a worker that hangs falls silent."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.timer: Any = None

    def start(self, parent: Any) -> None:
        beat("worker")
        self.timer = parent.timer.call_repeatedly(EVERY, beat, ("worker",))

    def stop(self, parent: Any) -> None:
        if self.timer:
            self.timer.cancel()
