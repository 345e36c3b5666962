"""What reports and levies have in common: the period, the day by which it is due, and how that day moves."""

import datetime as dt

from compliance.law.nodes import Mapping
from compliance.law.periods import BEGINNING
from compliance.rules.periods import MONTHS, NEXT_WORKING_DAY


def read_periods(parameters: Mapping) -> dict[str, object]:
    """Reads `period`, `due` (or `due_day`, in the month after), `roll` and `first_period`."""
    period = parameters.word("period", MONTHS)
    read: dict[str, object] = {"period": period, **_due(parameters)}
    if parameters.has("roll"):
        read["roll"] = parameters.word("roll", [NEXT_WORKING_DAY])
    if parameters.has("first_period"):
        read["first_period"] = _first_period(parameters, MONTHS.get(period, 1))
    return read


def _due(parameters: Mapping) -> dict[str, object]:
    if not parameters.has("due"):
        due_day = parameters.whole_number("due_day")
        if not 1 <= due_day <= 28:
            parameters.refuse("needs a due day from 1 to 28.", parameters.line_at("due_day"))
        return {"due_day": due_day}
    if parameters.has("due_day"):
        parameters.refuse("says twice when it is due; give “due” or “due_day”.", parameters.line_at("due_day"))
    due = parameters.mapping("due", "The day by which it is due")
    day, months_after = due.whole_number("day"), due.whole_number("months_after")
    if not 1 <= day <= 31:
        due.refuse("needs a day from 1 to 31; a month that is shorter ends it on its last day.", due.line_at("day"))
    if not 1 <= months_after <= 24:
        due.refuse("needs 1 to 24 under “months_after”; 1 is the month after the period.", due.line_at("months_after"))
    due.tell_unknown_keys()
    return {"due": {"day": day, "months_after": months_after}}


def _first_period(parameters: Mapping, months: int) -> str:
    day: dt.date = parameters.date("first_period")
    if day != BEGINNING and (day.day != 1 or (day.month - 1) % months):
        parameters.refuse(
            f"needs the first day of a period of its own kind under “first_period”; {day} is none.",
            parameters.line_at("first_period"),
        )
    return day.isoformat()


def read_percent(parameters: Mapping, key: str) -> str:
    percent = parameters.amount(key)
    if percent >= 100:
        parameters.refuse(f"needs less than 100 percent under “{key}”.", parameters.line_at(key))
    return str(percent)
