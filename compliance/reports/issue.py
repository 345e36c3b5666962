"""Issuing the compliance report: figures once, then every format from them, kept under the next number."""

import datetime as dt
import json

from django.contrib.auth.models import AbstractBaseUser

from compliance.models import Report
from compliance.reports.figures import Figures, compliance_figures
from compliance.reports.pdf import compliance_pdf
from compliance.reports.xlsx import compliance_xlsx
from compliance.services.reports import report_find, report_store


def report_issue(
    *, as_of: dt.date, created_at: dt.datetime, user: AbstractBaseUser | None = None, key: str | None = None
) -> Report:
    """Issue the report for one day under the next number of the year; with a `key`, once per key.

    Raises Refusal where the day lies after the day of issue.
    """
    if report := report_find(key=key):
        return report
    return report_store(
        as_of=as_of,
        created_at=created_at,
        figures=compliance_figures,
        render=report_contents,
        user=user,
        key=key,
    )


def report_contents(figures: Figures, *, number: str, issued_on: dt.date) -> dict[str, bytes]:
    """The report in every format, by the format's name."""
    stated = {"number": number, "issued_on": issued_on.isoformat(), **figures}
    return {
        "pdf": compliance_pdf(figures, number=number, issued_on=issued_on),
        "xlsx": compliance_xlsx(figures, number=number, issued_on=issued_on),
        "json": (json.dumps(stated, ensure_ascii=False, indent=1) + "\n").encode(),
    }
