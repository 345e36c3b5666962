"""The parameters of a registration duty: whom it catches by what its sites are, and the time to register."""

from compliance.law.nodes import Mapping, listed
from compliance.law.reading.kinds.numbers import whole_number_up_to

LONGEST_DAYS = 3650
LOADS = ("load_kw_over", "load_kw_from")
FLAGS = ("data_centre", "own_sites_only", "hosted_only")
COUNTED = ("working_days_after_start", "days_after_start")


def read_registration_duty(parameters: Mapping) -> dict[str, object]:
    read: dict[str, object] = {}
    if parameters.has("threshold"):
        read["threshold"] = _threshold(parameters.mapping("threshold", f"The threshold in {_in(parameters)}"))
    if parameters.has("of"):
        read["of"] = parameters.word("of", ["devices"])
    if parameters.has("deadline"):
        read["deadline"] = _deadline(parameters.mapping("deadline", f"The deadline in {_in(parameters)}"))
    return read


def _threshold(threshold: Mapping) -> dict[str, object]:
    read: dict[str, object] = {}
    for key in LOADS:
        if threshold.has(key):
            read[key] = str(threshold.amount(key))
    if threshold.has("interruptible_percent_from"):
        percent = threshold.amount("interruptible_percent_from")
        if not 0 < percent <= 100:
            threshold.refuse(
                f"needs a share above 0 and up to 100 percent under “interruptible_percent_from”, not {percent}.",
                threshold.line_at("interruptible_percent_from"),
            )
        read["interruptible_percent_from"] = str(percent)
    for key in FLAGS:
        if threshold.has(key):
            if not threshold.yes_or_no(key):
                threshold.refuse(f"can only say “{key}: true”; leave it out where it does not matter.")
            read[key] = True
    for pair, why in ((LOADS, "one bound of the load"), (FLAGS[1:], "sites of one's own, or hosted ones")):
        if all(key in read for key in pair):
            threshold.refuse(f"has both {' and '.join(pair)}; it takes {why}.")
    _needs_some(threshold, (*LOADS, "interruptible_percent_from", *FLAGS))
    threshold.tell_unknown_keys()
    return read


def _deadline(deadline: Mapping) -> dict[str, object]:
    read: dict[str, object] = {}
    for key in COUNTED:
        if deadline.has(key):
            read[key] = whole_number_up_to(deadline, key, LONGEST_DAYS, "days")
    if len(read) > 1:
        deadline.refuse(f"counts its days in two ways; it takes one of {listed(COUNTED)}.")
    if deadline.has("transition_until"):
        read["transition_until"] = deadline.date("transition_until").isoformat()
    _needs_some(deadline, (*COUNTED, "transition_until"))
    deadline.tell_unknown_keys()
    return read


def _needs_some(mapping: Mapping, keys: tuple[str, ...]) -> None:
    if not any(key in mapping.values for key in keys):
        mapping.refuse(f"says nothing; it takes {listed(keys)}.")


def _in(parameters: Mapping) -> str:
    return parameters.what[0].lower() + parameters.what[1:]
