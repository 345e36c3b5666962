"""Imports: a file is kept and announced; what was not announced is found by the schedule."""

import datetime as dt
import hashlib

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from time_machine import travel

from config.celery import app
from registry.choices import ImportStatus
from registry.models import Import, Reading
from registry.services import imports
from registry.tasks import run_import, run_queued_imports
from tests import factories

CONTENT = b"metering_point,month,energy_kwh\nMP-1,2025-03,12\n"

pytestmark = pytest.mark.django_db


@pytest.fixture
def create(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def create(**kwargs) -> Import:
        arguments = {"noun": "readings", "file_name": "r.csv", "user": None, **kwargs}
        return imports.import_create(file=ContentFile(CONTENT), **arguments)

    return create


def queue_length() -> int:
    with app.connection_for_read() as broker:
        return broker.default_channel.queue_declare(app.conf.task_default_queue).message_count


def test_file_is_kept_as_it_came_when_handed_in(create):
    user = factories.UserFactory()

    created = create(user=user, file_name="../../Отчёт <1>.CSV")

    created.refresh_from_db()
    assert (created.status, created.user, created.file_name) == ("queued", user, "../../Отчёт <1>.CSV")
    assert created.sha256 == hashlib.sha256(CONTENT).hexdigest()
    with created.file.open() as kept:
        assert kept.read() == CONTENT
    assert ".." not in created.file.name


def test_task_is_announced_when_the_transaction_ends(create, django_capture_on_commit_callbacks):
    with app.connection_for_write() as broker:
        broker.default_channel.queue_declare(app.conf.task_default_queue)
        broker.default_channel.queue_purge(app.conf.task_default_queue)

    with django_capture_on_commit_callbacks(execute=True):
        created = create()
        assert queue_length() == 0

    with app.connection_for_read() as broker, broker.SimpleQueue(app.conf.task_default_queue) as queue:
        message = queue.get(timeout=60)
        message.ack()
    assert message.headers["task"] == "registry.run_import"
    assert message.payload[0] == [created.pk]


def test_import_waits_when_the_broker_is_gone(create, django_capture_on_commit_callbacks, monkeypatch, tmp_path):
    nobody = f"redis+socket://{tmp_path}/nobody.sock"
    gone = app.__class__("gone", broker=nobody, backend=nobody, set_as_current=False)
    gone.conf.update(broker_transport_options=app.conf.broker_transport_options)
    gone.conf.update(task_publish_retry_policy=app.conf.task_publish_retry_policy)
    monkeypatch.setattr(imports, "current_app", gone)

    with django_capture_on_commit_callbacks(execute=True):
        created = create()

    assert Import.objects.get(pk=created.pk).status == ImportStatus.QUEUED


def test_import_is_run_when_its_task_comes(create):
    created = create()

    run_import(created.pk)
    run_import(created.pk)

    assert Import.objects.get(pk=created.pk).created == 1
    assert Reading.objects.count() == 1


def test_import_that_was_never_announced_is_run_when_the_schedule_looks(create):
    with travel(timezone.now(), tick=False):  # the new one is seconds old, however busy the machine
        old, new = create(), create()
        Import.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(minutes=1))

        run_queued_imports()

    assert Import.objects.get(pk=old.pk).status == ImportStatus.DONE
    assert Import.objects.get(pk=new.pk).status == ImportStatus.QUEUED


def test_import_whose_worker_died_is_run_again_when_the_schedule_looks(create):
    lost = create()
    Import.objects.filter(pk=lost.pk).update(
        status=ImportStatus.RUNNING, started_at=timezone.now() - dt.timedelta(minutes=5)
    )

    run_queued_imports()

    assert Import.objects.get(pk=lost.pk).status == ImportStatus.DONE


def test_import_is_given_up_when_it_was_begun_for_hours(create):
    lost = create()
    Import.objects.filter(pk=lost.pk).update(
        status=ImportStatus.RUNNING,
        created_at=timezone.now() - dt.timedelta(hours=7),
        started_at=timezone.now() - dt.timedelta(minutes=5),
    )

    run_queued_imports()

    result = Import.objects.get(pk=lost.pk)
    assert result.status == ImportStatus.FAILED
    assert "did not end within six hours" in result.failure


def test_schedule_of_a_clerk_stays_when_the_seed_runs_again():
    imports.imports_schedule()
    PeriodicTask.objects.filter(task="registry.run_queued_imports").update(enabled=False)

    imports.imports_schedule()

    assert PeriodicTask.objects.get(task="registry.run_queued_imports").enabled is False
