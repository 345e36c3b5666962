"""Runs of the estimate on real workers: shared out as tasks, and finished the same though a worker is killed."""

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from compliance.models import Estimate
from compliance.services.estimates import estimate_request, estimate_run, estimates_stalled
from compliance.tasks import estimate
from config import env, heartbeat
from tests.conftest import until
from tests.estimated_register import AS_OF, mined

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]


def worker(log: Path) -> subprocess.Popen[bytes]:
    settings = connection.settings_dict
    with log.open("ab") as output:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--app", "config.celery", "worker", "--concurrency", "2"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
            ],
            cwd=env.PROJECT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "DATABASE_URL": f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def killed(process: subprocess.Popen[bytes]) -> None:
    """The worker and its children, without a chance to tidy up."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    heartbeat.client().flushdb()
    started = [worker(tmp_path / "worker.log")]
    yield started
    for process in started:
        if process.poll() is None:
            killed(process)
    heartbeat.client().flushdb()


def test_run_ends_the_same_though_its_worker_is_killed_in_the_middle(workers, tmp_path):
    russia = mined(1, 300)
    now = known_at = timezone.now()
    given = {"kind": "whole", "territory": russia, "as_of": AS_OF, "seed": 3, "known_at": known_at, "now": now}
    undisturbed, disturbed = (estimate_request(**given, bootstrap=300) for _ in range(2))
    estimate_run(estimate_id=undisturbed.pk, now=now)

    estimate.delay(disturbed.pk)
    until(lambda: Estimate.objects.get(pk=disturbed.pk).done > 0)
    killed(workers[0])
    left = Estimate.objects.get(pk=disturbed.pk)
    assert left.status == "running"
    assert 0 < left.done < left.total

    heartbeat.client().flushdb()  # nothing of the queue is left either
    workers.append(worker(tmp_path / "worker.log"))
    an_hour_on = now + dt.timedelta(hours=1)
    # Once the server has noticed that the worker is gone.
    until(lambda: disturbed.pk in estimates_stalled(now=an_hour_on))
    estimate.delay(disturbed.pk)
    until(lambda: Estimate.objects.get(pk=disturbed.pk).status != "running")
    ended = Estimate.objects.get(pk=disturbed.pk)
    assert ended.status == "done", ended.failure
    assert ended.done == ended.total
    assert ended.result_sha256 == Estimate.objects.get(pk=undisturbed.pk).result_sha256
