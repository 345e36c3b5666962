"""The scheduler: the database's schedule, and a sign of life."""

import time
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from config import heartbeat


class Scheduler(DatabaseScheduler):
    last_sign = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self.last_sign >= heartbeat.EVERY:
            self.last_sign = time.monotonic()
            heartbeat.beat("beat")
        return super().tick(*args, **kwargs)
