"""Reports: keeping one under the next number, for ever the same, and sending it once."""

import datetime as dt
import hashlib
import smtplib
from collections.abc import Callable
from typing import Any, Protocol

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from compliance.models import Report, ReportFile, ReportRecipient
from registry.errors import Refusal

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
MAILED = ("pdf", "xlsx")
# Longer than any mail takes: whoever claimed a report and has not finished by then is gone.
CLAIM_LASTS = dt.timedelta(minutes=10)
NUMBERING_LOCK = "compliance.report.number"


class Render(Protocol):
    """Makes the files of a report, by format, from its figures."""

    def __call__(self, figures: dict[str, Any], *, number: str, issued_on: dt.date) -> dict[str, bytes]: ...


def report_store(
    *,
    as_of: dt.date,
    created_at: dt.datetime,
    figures: Callable[[dt.date], dict[str, Any]],
    render: Render,
    user: AbstractBaseUser | None = None,
    key: str | None = None,
) -> Report:
    """Keep a report and its files under the next number of the year; with a `key`, the one kept under it already.

    The numbers of a year have no gaps: whoever stores waits for the one before, and a report that fails leaves none.
    """
    issued_on = timezone.localtime(created_at).date()
    if as_of > issued_on:
        raise Refusal(
            "report_in_the_future",
            f"A report cannot be given as of {as_of}, which is after the day of its issue, {issued_on}.",
            {"as_of": "Give today or an earlier day."},
        )
    stated = figures(as_of)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [NUMBERING_LOCK])
        if issued := report_find(key=key):
            return issued
        number = _next_number(issued_on.year)
        report = Report.objects.create(
            number=number,
            key=key,
            as_of=as_of,
            figures=stated,
            user_id=None if user is None else user.pk,
            created_at=created_at,
        )
        ReportFile.objects.bulk_create(
            ReportFile(report=report, format=name, content=content, sha256=hashlib.sha256(content).hexdigest())
            for name, content in render(stated, number=number, issued_on=issued_on).items()
        )
    return report


def report_find(*, key: str | None) -> Report | None:
    """The report kept under the key; without a key, none."""
    return None if key is None else Report.objects.filter(key=key).first()


def _next_number(year: int) -> str:
    prefix = f"CR-{year}-"
    # Under the lock, the row last made holds the highest number.
    last = Report.objects.filter(number__startswith=prefix).order_by("-id").values_list("number", flat=True).first()
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04}"


def report_send(*, report_id: int, now: dt.datetime) -> Report:
    """Mail a report to all active recipients, once: whoever calls while it is being sent, or later, changes nothing.

    Where nothing can be sent (no mail server, no recipients) the report is kept with a note. When the server refuses
    or does not answer, the reason is kept and a Refusal raised; its `retry` is true where the failure may pass.
    """
    if not settings.EMAIL_HOST:
        return _kept(report_id, "Not sent: no mail server is configured. Set EMAIL_URL.")
    recipients = list(ReportRecipient.objects.filter(active=True).values_list("email", flat=True))
    if not recipients:
        return _kept(report_id, "Not sent: no recipient is active.")
    unclaimed = Q(send_claimed_at=None) | Q(send_claimed_at__lt=now - CLAIM_LASTS)
    claimed = Report.objects.filter(unclaimed, pk=report_id, sent_at=None).update(send_claimed_at=now)
    report = Report.objects.get(pk=report_id)
    if not claimed and report.sent_at is None:
        # Whoever claimed it may have died; who comes after the claim has run out sends it.
        raise Refusal("report_being_sent", f"Report {report.number} is being sent by somebody else.", retry=True)
    if not claimed:
        return report
    try:
        _message(report, recipients).send()
    except (smtplib.SMTPException, OSError) as failure:
        sentence = f"The mail server did not take report {report.number}: {_reason(failure)}"
        Report.objects.filter(pk=report_id).update(send_claimed_at=None, send_failure=sentence)
        raise Refusal("report_not_sent", sentence, retry=_may_pass(failure)) from failure
    Report.objects.filter(pk=report_id).update(sent_at=now, send_claimed_at=None, send_failure="")
    report.refresh_from_db()
    return report


def _kept(report_id: int, note: str) -> Report:
    Report.objects.filter(pk=report_id, sent_at=None).update(send_failure=note)
    return Report.objects.get(pk=report_id)


def _message(report: Report, recipients: list[str]) -> EmailMessage:
    figures = report.figures
    lines = [
        f"{figures['headline']['sentence']} {figures['headline']['exposure_sentence']}".strip(),
        *(["Contains synthetic sample data."] if figures["synthetic"] else []),
        "",
        f"The report as of {report.as_of} is attached as PDF and as a workbook; both show the same figures.",
    ]
    message = EmailMessage(
        subject=f"Compliance report {report.number}, as of {report.as_of}",
        body="\n".join(lines),
        # The recipients need not learn each other's addresses.
        bcc=recipients,
        headers={
            "To": "undisclosed-recipients:;",
            # Sent again after a crash, it is still the same message to whoever already has it.
            "Message-ID": f"<{report.number}.{report.created_at:%Y%m%d%H%M%S}@headframe>",
        },
    )
    for file in report.files.filter(format__in=MAILED):
        message.attach(f"{report.number}.{file.format}", bytes(file.content), MEDIA_TYPES[file.format])
    return message


def _codes(failure: Exception) -> list[int]:
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in failure.recipients.values()]
    return [failure.smtp_code] if isinstance(failure, smtplib.SMTPResponseException) else []


def _may_pass(failure: Exception) -> bool:
    """4xx replies, lost connections and silence may pass; 5xx replies will be repeated."""
    codes = _codes(failure)
    if codes:
        return any(400 <= code < 500 for code in codes)
    return isinstance(failure, OSError) and not isinstance(failure, smtplib.SMTPNotSupportedError)


def _reason(failure: Exception) -> str:
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        replies = {f"{code} {text.decode(errors='replace')}" for code, text in failure.recipients.values()}
        return f"it refused the recipients ({'; '.join(sorted(replies))})."
    if isinstance(failure, smtplib.SMTPResponseException):
        text = failure.smtp_error
        return f"{failure.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}."
    return f"{failure or type(failure).__name__}."
