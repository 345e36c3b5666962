"""Reports are numbered without gaps, frozen, issued once per slot and mailed once."""

import datetime as dt
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from compliance.models import Report, ReportFile, ReportRecipient
from compliance.reports.issue import report_issue
from compliance.services.reports import CLAIM_LASTS, report_send
from compliance.services.schedules import schedules_load
from compliance.tasks import issue_report
from registry.errors import Refusal
from tests.factories import UserFactory

NOW = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 21)


def issue(**fields: Any) -> Report:
    return report_issue(**{"as_of": TODAY, "created_at": NOW, **fields})


# ------------------------------------------------------------------ issuing


def test_a_report_is_kept_with_its_files_when_issued(db: None) -> None:
    user = UserFactory()
    report = issue(user=user)
    assert (report.number, report.as_of, report.user, report.created_at) == ("CR-2026-0001", TODAY, user, NOW)
    files = {file.format: bytes(file.content) for file in report.files.all()}
    assert set(files) == {"pdf", "xlsx", "json"}
    assert files["pdf"].startswith(b"%PDF")
    assert files["xlsx"].startswith(b"PK")
    assert json.loads(files["json"]) == {"number": "CR-2026-0001", "issued_on": "2026-11-21", **report.figures}
    for file in report.files.all():
        assert file.sha256 == hashlib.sha256(file.content).hexdigest()


def test_numbers_start_again_when_the_year_turns(db: None) -> None:
    later = dt.datetime(2026, 12, 31, 22, 30, tzinfo=dt.UTC)
    numbers = [issue().number, issue().number, issue(created_at=later).number]
    # 22:30 UTC is the next year in Moscow, where the service keeps its days.
    assert numbers == ["CR-2026-0001", "CR-2026-0002", "CR-2027-0001"]


def test_a_day_to_come_is_refused_and_no_number_is_spent(db: None) -> None:
    with pytest.raises(Refusal) as refused:
        issue(as_of=TODAY + dt.timedelta(days=1))
    assert refused.value.code == "report_in_the_future"
    assert issue().number == "CR-2026-0001"


def test_one_report_is_issued_when_a_slot_is_run_twice(db: None) -> None:
    assert issue(key="Monthly, 2026-11-21") == issue(key="Monthly, 2026-11-21")
    assert issue(key="Monthly, 2026-12-21").number == "CR-2026-0002"


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_many_issue_at_once() -> None:
    start = threading.Barrier(6)

    def one(key: str | None) -> str:
        try:
            start.wait()
            return issue(key=key).number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(one, [None, None, None, "slot", "slot", "slot"]))
    assert sorted(set(numbers)) == [f"CR-2026-{n:04}" for n in range(1, 5)]
    assert len(set(numbers[3:])) == 1
    assert Report.objects.count() == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda: Report.objects.update(figures={}),
        lambda: Report.objects.update(number="CR-2026-0009"),
        lambda: Report.objects.update(as_of=TODAY - dt.timedelta(days=1)),
        lambda: ReportFile.objects.update(content=b"other"),
        lambda: ReportFile.objects.all().delete(),
        lambda: Report.objects.all().delete(),
    ],
    ids=["figures", "number", "day", "file", "file deleted", "report deleted"],
)
def test_the_database_refuses_when_an_issued_report_is_changed(db: None, change: Any) -> None:
    report = issue()
    with pytest.raises(DatabaseError, match=r"Cannot (update|delete)"), transaction.atomic():
        change()
    assert Report.objects.get().figures == report.figures


def test_a_report_outlives_its_user(db: None) -> None:
    user = UserFactory()
    issue(user=user)
    user.delete()
    assert Report.objects.get().user is None


# ------------------------------------------------------------------ sending


class Box(MessageHandler):
    """Keeps what the server took; answers DATA with `reply` where it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Message] = []
        self.reply = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.reply:
            return self.reply
        return str(await super().handle_DATA(server, session, envelope))

    def handle_message(self, message: Message) -> None:
        self.taken.append(message)


@pytest.fixture
def box(settings: Settings) -> Iterator[Box]:
    """A mail server on a free port of this machine."""
    box = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield box
    controller.stop()


@pytest.fixture
def recipients(db: None) -> None:
    ReportRecipient.objects.create(email="minister@example.org")
    ReportRecipient.objects.create(email="analyst@example.org", name="Analyst")
    ReportRecipient.objects.create(email="gone@example.org", active=False)


@pytest.mark.usefixtures("recipients")
def test_one_mail_with_both_files_goes_to_the_active_recipients(box: Box) -> None:
    report = issue()
    sent = report_send(report_id=report.pk, now=NOW)
    assert (sent.sent_at, sent.send_failure, sent.send_claimed_at) == (NOW, "", None)
    (message,) = box.taken
    assert message["Subject"] == "Compliance report CR-2026-0001, as of 2026-11-21"
    # Each gets it, and none learns who else does.
    assert message["To"] == "undisclosed-recipients:;"
    assert message["X-RcptTo"] == "analyst@example.org, minister@example.org"
    attached = {part.get_filename(): part.get_payload(decode=True) for part in message.walk() if part.get_filename()}
    assert attached == {
        f"CR-2026-0001.{file.format}": bytes(file.content) for file in report.files.filter(format__in=("pdf", "xlsx"))
    }


@pytest.mark.usefixtures("recipients")
def test_nothing_is_sent_again_when_asked_twice(box: Box) -> None:
    report = issue()
    report_send(report_id=report.pk, now=NOW)
    again = report_send(report_id=report.pk, now=NOW + dt.timedelta(days=1))
    assert again.sent_at == NOW
    assert len(box.taken) == 1


@pytest.mark.usefixtures("recipients")
def test_nothing_is_sent_while_another_sends_it_until_that_one_is_gone(box: Box) -> None:
    report = issue()
    Report.objects.update(send_claimed_at=NOW)
    with pytest.raises(Refusal, match="by somebody else") as refused:
        report_send(report_id=report.pk, now=NOW + CLAIM_LASTS)
    assert refused.value.retry
    assert box.taken == []
    later = NOW + CLAIM_LASTS + dt.timedelta(seconds=1)
    assert report_send(report_id=report.pk, now=later).sent_at == later
    assert len(box.taken) == 1


@pytest.mark.usefixtures("recipients")
@pytest.mark.parametrize(("reply", "retry"), [("451 Try later", True), ("554 No thanks", False)])
def test_the_servers_refusal_is_kept_and_tried_again_only_where_it_may_pass(box: Box, reply: str, retry: bool) -> None:
    report = issue()
    box.reply = reply
    with pytest.raises(Refusal) as refused:
        report_send(report_id=report.pk, now=NOW)
    assert refused.value.retry is retry
    report.refresh_from_db()
    assert report.send_failure == f"The mail server did not take report CR-2026-0001: {reply}."
    assert (report.sent_at, report.send_claimed_at) == (None, None)
    box.reply = ""
    assert report_send(report_id=report.pk, now=NOW).send_failure == ""


@pytest.mark.usefixtures("recipients")
def test_a_server_that_is_gone_may_come_back(box: Box, settings: Settings) -> None:
    settings.EMAIL_PORT = 1  # where nothing listens
    report = issue()
    with pytest.raises(Refusal) as refused:
        report_send(report_id=report.pk, now=NOW)
    assert refused.value.retry is True
    assert "refused" in Report.objects.get().send_failure


@pytest.mark.usefixtures("recipients")
def test_a_report_is_kept_with_a_note_when_no_server_is_configured() -> None:
    report = report_send(report_id=issue().pk, now=NOW)
    assert report.sent_at is None
    assert report.send_failure == "Not sent: no mail server is configured. Set EMAIL_URL."


def test_a_report_is_kept_with_a_note_when_nobody_is_to_get_it(db: None, box: Box) -> None:
    report = report_send(report_id=issue().pk, now=NOW)
    assert (report.sent_at, report.send_failure) == (None, "Not sent: no recipient is active.")
    assert box.taken == []


# ------------------------------------------------------------------ doors and schedules


def test_the_task_issues_one_report_a_day_when_it_runs_twice(db: None) -> None:
    numbers = {issue_report.apply().get() for _ in range(2)}
    assert len(numbers) == 1
    assert Report.objects.get().number in numbers


def test_the_command_writes_the_files_and_prints_where(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("report", "compliance", out=tmp_path / "new", as_of=TODAY)
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    report = Report.objects.get()
    assert sorted(path.name for path in paths) == [f"{report.number}.{ext}" for ext in ("json", "pdf", "xlsx")]
    for path in paths:
        assert path.read_bytes() == bytes(report.files.get(format=path.suffix[1:]).content)


def test_the_command_refuses_and_spends_no_number_when_the_folder_is_a_file(db: None, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("report", "compliance", out=tmp_path / "taken", as_of=TODAY)
    assert not Report.objects.exists()


def test_schedules_are_created_once_and_stay_as_edited(db: None) -> None:
    assert "Compliance report" in schedules_load()
    schedule = PeriodicTask.objects.get(name="Compliance report")
    assert schedule.task == "compliance.issue_report"
    assert (schedule.crontab.hour, schedule.crontab.day_of_month) == ("6", "21")
    PeriodicTask.objects.filter(pk=schedule.pk).update(enabled=False)
    assert schedules_load() == []
    assert PeriodicTask.objects.get(name="Compliance report").enabled is False
