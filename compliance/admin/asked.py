"""What the computed pages of the admin are asked with in their address: a day, a place, a book, a run, a number."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from compliance.models import Book
from compliance.selectors.estimated import Estimated, latest, numbered
from compliance.selectors.totals import stored_day
from registry.models import Territory
from registry.services.days import EARLIEST, LATEST

MOST_DIGITS = 9


@dataclass
class Asked:
    """The boxes as they were filled in, what they mean, and what of them could not be read."""

    day: dt.date
    territory: Territory | None
    book: Book | None
    estimate: Estimated | None
    given: dict[str, str]
    troubles: list[str] = field(default_factory=list)

    def number(self, name: str, low: float, high: float, default: float | None) -> float | None:
        text = self.given.get(name, "").strip()
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            self.troubles.append(f"{name}: give a number from {low:g} to {high:g}, not “{text}”.")
            return default
        return value


def asked_of(request: HttpRequest) -> Asked:
    """The latest estimate and the stored day stand for boxes that are empty; what cannot be read is told."""
    given = {name: str(text).replace("\0", "") for name, text in request.GET.items()}
    asked = Asked(stored_day() or timezone.localdate(), None, None, None, given)
    if text := given.get("as_of", ""):
        asked.day = _day(text, asked)
    if code := given.get("territory", "").strip():
        asked.territory = Territory.objects.filter(code=code).first()
        if asked.territory is None:
            asked.troubles.append(f"territory: there is none of the code “{code}”.")
    if code := given.get("book", ""):
        asked.book = Book.objects.select_related("pack").filter(code=code).first()
        if asked.book is None:
            asked.troubles.append(f"book: there is none of the code “{code}”.")
    asked.estimate = _estimate(given.get("estimate", "").strip(), asked)
    if asked.territory is None and asked.estimate is not None:
        asked.territory = Territory.objects.get(code=asked.estimate.territory)
    return asked


def boxes(asked: Asked) -> dict[str, Any]:
    """What the form of the page shows."""
    return {
        "asked": asked,
        "given": asked.given,
        "books": list(Book.objects.order_by("kind", "code")),
        "troubles": asked.troubles,
        "run": asked.estimate,
    }


def _day(text: str, asked: Asked) -> dt.date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        asked.troubles.append(f"as of: give a day as YYYY-MM-DD, not “{text}”.")
        return asked.day
    if not EARLIEST <= day <= LATEST:
        asked.troubles.append(f"as of: give a day from {EARLIEST} to {LATEST}, not {day}.")
        return asked.day
    return day


def _estimate(text: str, asked: Asked) -> Estimated | None:
    if not text:
        return latest(asked.territory, asked.day)
    found = numbered(int(text)) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
    if found is None:
        asked.troubles.append(f"estimate: there is no finished estimate of one territory numbered “{text}”.")
    elif asked.territory is not None and found.territory != asked.territory.code:
        asked.troubles.append(f"estimate: number {text} is of {found.territory}, not of {asked.territory.code}.")
        found = None
    return found
