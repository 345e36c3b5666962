"""/healthz says what is up and names what is down."""

import pytest
import redis
from celery import current_app
from django.test import Client
from kombu.exceptions import OperationalError

from compliance.models import Recomputation
from config import __version__, heartbeat
from config.checks import check_postgres_version
from tests.conftest import until

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_alive() -> None:
    heartbeat.client().flushdb()


def test_everything_is_named_up_when_everything_is_up(client: Client) -> None:
    heartbeat.beat("worker")
    heartbeat.beat("beat")
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "down": [],
        "database": "ok",
        "broker": "ok",
        "worker": "ok",
        "beat": "ok",
        "stale": 0,
        "version": __version__,
    }


def test_the_silent_part_is_named_when_only_beat_gives_signs_of_life(client: Client) -> None:
    heartbeat.beat("beat")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["down"]) == (503, ["worker"])
    assert answer.json()["worker"] == "no sign of life for 8 s"


def test_the_broker_is_named_when_it_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = redis.Redis.from_url("unix:///nowhere/valkey.sock")
    monkeypatch.setattr(heartbeat, "client", lambda: gone)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["down"]) == (503, ["broker", "worker", "beat"])
    assert (answer.json()["database"], answer.json()["broker"]) == ("ok", "the broker does not answer")


def test_health_cannot_be_written(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_the_server_is_new_enough_when_it_is_the_embedded_one() -> None:
    assert check_postgres_version(databases=["default"]) == []


def test_publishing_fails_at_once_when_the_broker_is_gone() -> None:
    with current_app.connection_for_write("redis+socket:///nowhere/valkey.sock") as connection:
        task = current_app.signature("compliance.refresh_stale", immutable=True, ignore_result=True)
        with pytest.raises(OperationalError):
            task.apply_async(connection=connection)


@pytest.mark.live
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("live_worker")
def test_a_worker_takes_tasks_and_gives_signs_of_life_when_it_runs(client: Client) -> None:
    assert client.get("/healthz").json()["worker"] == "ok"
    current_app.send_task("compliance.refresh_stale", ignore_result=True)
    # The first refresh of a register is a recomputation of both kinds.
    until(lambda: Recomputation.objects.filter(status="done").count() == 2)
