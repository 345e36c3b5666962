"""The parameters of a periodic report."""

from compliance.law.nodes import CODE, Mapping
from compliance.law.reading.kinds.periods import read_percent, read_periods


def read_reporting(parameters: Mapping) -> dict[str, object]:
    read = read_periods(parameters)
    if parameters.has("contains"):
        read["contains"] = list(_contains(parameters))
    if parameters.has("meter_tolerance_percent"):
        read["meter_tolerance_percent"] = read_percent(parameters, "meter_tolerance_percent")
    return read


def _contains(parameters: Mapping) -> tuple[str, ...]:
    items = parameters.words("contains")
    for item in items:
        if not CODE.fullmatch(item.replace("_", "-")):
            parameters.refuse(
                f"needs words of small letters such as addresses or energy_kwh under “contains”, not “{item}”.",
                parameters.line_at("contains"),
            )
    return items
