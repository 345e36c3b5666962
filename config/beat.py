"""The scheduler: the database's schedule, and a sign of life."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django_celery_beat.schedulers import DatabaseScheduler

from config import heartbeat


class Scheduler(DatabaseScheduler):
    last_sign = 0.0
    at_work = False

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self.last_sign >= heartbeat.EVERY:
            self.last_sign = time.monotonic()
            heartbeat.beat("beat")
        with self._working():
            return super().tick(*args, **kwargs)

    def _do_sync(self) -> None:
        with self._working():
            super()._do_sync()

    def close(self) -> None:
        """Writes the schedule back. Celery's handler of SIGTERM calls it in the middle of whatever the process does: a
        query under way holds the lock of the connection, for which this would wait for ever. Celery calls it once more
        on its way out."""
        if not self.at_work:
            super().close()

    @contextmanager
    def _working(self) -> Iterator[None]:
        self.at_work = True
        try:
            yield
        except SystemExit:
            connection.close()  # its query was cut off
            raise
        finally:
            self.at_work = False
