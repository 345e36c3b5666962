"""The parameters of the validity of an entry: its term, the day by which it is renewed, and suspension."""

from compliance.law.nodes import Mapping, listed
from compliance.law.reading.kinds.numbers import whole_number_up_to

KEYS = ("term_years", "renewal_day", "suspension")
LONGEST_TERM_YEARS = 99


def read_validity(parameters: Mapping) -> dict[str, object]:
    read: dict[str, object] = {}
    if parameters.has("term_years"):
        read["term_years"] = whole_number_up_to(parameters, "term_years", LONGEST_TERM_YEARS, "years")
    if parameters.has("renewal_day"):
        day = parameters.month_day("renewal_day")
        read["renewal_day"] = f"{day.month:02}-{day.day:02}"
    if parameters.has("suspension"):
        if not parameters.yes_or_no("suspension"):
            parameters.refuse("can only say “suspension: true”; leave it out where a suspension ends nothing.")
        read["suspension"] = True
    if not read:
        parameters.refuse(f"says nothing that ends the validity; it takes {listed(KEYS)}.")
    return read
