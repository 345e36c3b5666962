"""What a new version of a pack changes in money over the register at hand; nothing of it stays stored."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, Sum

from compliance.choices import RunKind
from compliance.law.load import law_load
from compliance.models import Book, Exposure, Norm, StaleMark
from compliance.selectors.totals import stored_day
from compliance.services.recomputation import recompute

OPEN_BEFORE = """
CREATE TEMP TABLE headframe_open_before ON COMMIT DROP AS
SELECT finding.miner_id, finding.norm_id, COALESCE(finding.site_id, 0) AS site_id
FROM compliance_finding finding
JOIN compliance_norm norm ON norm.id = finding.norm_id
JOIN compliance_lawpack pack ON pack.id = norm.pack_id AND pack.code = %(pack)s
WHERE finding.valid @> %(day)s
"""
CAUGHT = """
SELECT COALESCE(before.norm_id, now.norm_id),
       count(*) FILTER (WHERE before.miner_id IS NULL), count(*) FILTER (WHERE now.miner_id IS NULL)
FROM headframe_open_before before
FULL JOIN (
    SELECT finding.miner_id, finding.norm_id, COALESCE(finding.site_id, 0) AS site_id
    FROM compliance_finding finding
    JOIN compliance_norm norm ON norm.id = finding.norm_id
    JOIN compliance_lawpack pack ON pack.id = norm.pack_id AND pack.code = %(pack)s
    WHERE finding.valid @> %(day)s
) now USING (miner_id, norm_id, site_id)
GROUP BY 1
"""


class Key(NamedTuple):
    """A book and a norm by their codes, and a currency, empty where the amount is unknown."""

    book: str
    norm: str
    currency: str


@dataclass(frozen=True)
class Figures:
    """Open findings, and what they could cost, lowest to highest; no amounts where they are unknown."""

    findings: int = 0
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)


@dataclass(frozen=True)
class Caught:
    """How many findings of a norm are open under the new version only, and under the old one only."""

    newly: int
    no_longer: int


@dataclass(frozen=True)
class Effects:
    """The pack's books on a day before and after the new version, and whom its norms catch or let go."""

    as_of: dt.date
    before: dict[Key, Figures]
    after: dict[Key, Figures]
    caught: dict[str, Caught]
    titles: dict[str, str]

    def keys(self) -> list[Key]:
        """Every line that differs, in order."""
        every = sorted(self.before.keys() | self.after.keys())
        return [key for key in every if self.before.get(key) != self.after.get(key)]

    def told(self) -> list[str]:
        """The figures as lines; one line where nothing is another figure."""
        return list(self._lines()) or [f"Nothing that is open on {self.as_of} would cost another sum."]

    def _lines(self) -> Iterator[str]:
        for norm, caught in sorted(self.caught.items()):
            if caught.newly or caught.no_longer:
                yield (
                    f"{norm} ({self.titles[norm]}): {caught.newly:,} findings newly open, "
                    f"{caught.no_longer:,} no longer open."
                )
        for key in self.keys():
            was, now = self.before.get(key, Figures()), self.after.get(key, Figures())
            if not key.currency:
                yield f"{key.book}, {key.norm}: {was.findings:,} findings without a known amount, now {now.findings:,}."
                continue
            yield (
                f"{key.book}, {key.norm}, {key.currency}: "
                f"{was.findings:,} findings of {was.low:,.2f} to {was.high:,.2f}, "
                f"now {now.findings:,} of {now.low:,.2f} to {now.high:,.2f} "
                f"({now.findings - was.findings:+,}; {now.low - was.low:+,.2f} to {now.high - was.high:+,.2f})."
            )


def effects(path: Path, pack: str, *, as_of: dt.date, against: Path | None = None) -> Effects:
    """What would be open on the day, and cost, if the pack of the file were loaded, beside what is stored, or beside
    the file `against` where one is given.

    All is computed in one transaction that is then undone; until it is, other writers of totals wait. Raises
    `PackRefused` as `law_load` does.
    """
    with transaction.atomic():
        if against is not None:
            law_load(against)
        if stored_day() != as_of or StaleMark.objects.exists():
            recompute(as_of=as_of, kinds=(RunKind.EXPOSURE,))
        before = figures(pack)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS headframe_open_before")
            cursor.execute(OPEN_BEFORE, {"pack": pack, "day": as_of})
        law_load(path)
        recompute(as_of=as_of, kinds=(RunKind.EXPOSURE,))
        norms = dict(Norm.objects.filter(pack__code=pack).values_list("pk", "code"))
        titles = dict(Norm.objects.filter(pack__code=pack).values_list("code", "title"))
        found = Effects(as_of, before, figures(pack), caught(pack, as_of, norms), titles)
        transaction.set_rollback(True)
    return found


def figures(pack: str) -> dict[Key, Figures]:
    """What is stored for the books of the pack, norm by norm."""
    cells = (
        Exposure.objects.filter(book__in=Book.objects.filter(pack__code=pack))
        .order_by()
        .values_list(F("book__code"), F("norm__code"), "currency")
        .annotate(findings_=Sum("findings"), low=Sum("amount_low"), high=Sum("amount_high"))
    )
    return {
        Key(book, norm, currency): Figures(findings, low or Decimal(0), high or Decimal(0))
        for book, norm, currency, findings, low, high in cells
    }


def caught(pack: str, day: dt.date, norms: dict[int, str]) -> dict[str, Caught]:
    with connection.cursor() as cursor:
        cursor.execute(CAUGHT, {"pack": pack, "day": day})
        return {norms[norm]: Caught(newly, no_longer) for norm, newly, no_longer in cursor.fetchall()}
