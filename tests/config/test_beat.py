"""The scheduler ends when it is told to, whatever it is at."""

import os
import signal
from collections.abc import Iterator

import pytest
from celery import beat
from django.db import connection
from django_celery_beat.schedulers import DatabaseScheduler

from config.beat import Scheduler
from config.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[beat.Service]:
    """Celery's own, with Celery's handler of SIGTERM."""
    service = beat.Service(app, scheduler_cls=Scheduler)
    service.scheduler = Scheduler(app=app, lazy=True)

    def told(number: int, frame: object) -> None:
        service.sync()
        raise SystemExit

    before = signal.signal(signal.SIGTERM, told)
    yield service
    signal.signal(signal.SIGTERM, before)


def test_schedule_is_written_once_the_query_under_way_is_left(
    service: beat.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bool] = []

    def tick(self: Scheduler) -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            os.kill(os.getpid(), signal.SIGTERM)
        return 0.0

    monkeypatch.setattr(DatabaseScheduler, "tick", tick)
    monkeypatch.setattr(DatabaseScheduler, "sync", lambda self: written.append(self.at_work))
    service.start()
    assert written == [False]
    assert connection.connection is None


def test_schedule_is_written_at_once_where_nothing_is_under_way(
    service: beat.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bool] = []
    monkeypatch.setattr(DatabaseScheduler, "sync", lambda self: written.append(self.at_work))
    with pytest.raises(SystemExit):
        os.kill(os.getpid(), signal.SIGTERM)
    assert written == [False]
