"""What several answers are asked with: a day, a book, an estimate by its number, a number between two ends."""

import datetime as dt

from compliance.models import Book
from compliance.selectors.estimated import Estimated, latest, numbered
from compliance.selectors.totals import stored_day
from registry.api.base import AnswerView
from registry.api.refusals import Problem
from registry.models import Territory
from registry.services.days import EARLIEST, LATEST

MOST_DIGITS = 9


def day_asked(view: AnswerView) -> dt.date:
    """The day that the query names, else that of the stored totals. Raises Problem where nothing can be on file."""
    day = view.day("as_of") or stored_day() or view.today()
    if not EARLIEST <= day <= LATEST:
        raise _problem("as_of", "bad_date", f"as_of: give a day from {EARLIEST} to {LATEST}.")
    return day


def book_asked(view: AnswerView) -> Book | None:
    """The book that the query names, or none. Raises Problem where there is no such book."""
    code = view.request.query_params.get("book")
    if not code:
        return None
    found = None if "\0" in code else Book.objects.select_related("pack").filter(code=code).first()
    if found is None:
        known = ", ".join(Book.objects.order_by("pk").values_list("code", flat=True)[:50]) or "none: load a law pack"
        raise _problem("book", "unknown_book", f"There is no book of the code {code}; on file: {known}.")
    return found


def estimate_asked(view: AnswerView, territory: Territory | None, day: dt.date) -> Estimated | None:
    """The finished estimate that the query names, else the latest of the territory whose window had ended by the day.

    Raises Problem where there is no finished estimate of the number, or it is of another territory.
    """
    text = view.request.query_params.get("estimate")
    if text is None:
        return latest(territory, day)
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise _problem("estimate", "bad_number", "estimate: give the number of a run, such as 12.")
    found = numbered(int(text))
    if found is None:
        raise _problem(
            "estimate", "unknown_estimate", f"There is no finished estimate of one territory numbered {text}."
        )
    if territory is not None and found.territory != territory.code:
        sentence = f"Estimate {text} is of {found.territory}, not of {territory.code}; ask for that territory."
        raise _problem("estimate", "estimate_of_another_place", sentence)
    return found


def number_asked(view: AnswerView, name: str, low: float, high: float, *, whole: bool = False) -> float | None:
    """A number out of the query between two ends, or none. Raises Problem where it is none or lies beyond them."""
    text = view.request.query_params.get(name)
    if text is None:
        return None
    kind = "a whole number" if whole else "a number"
    wanted = f"{name}: give {kind} from {low:g} to {high:g}."
    try:
        value = float(int(text)) if whole else float(text)
    except ValueError:
        raise _problem(name, "bad_number", wanted) from None
    if not low <= value <= high:
        raise _problem(name, "bad_number", wanted)
    return value


def _problem(field: str, code: str, sentence: str) -> Problem:
    return Problem(400, code, sentence, [{"field": field, "code": code, "detail": sentence}])
