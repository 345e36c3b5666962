"""The parameters of a ban, beside its areas."""

from compliance.law.nodes import Mapping
from compliance.law.periods import BEGINNING
from registry.choices import LandUse


def read_ban(parameters: Mapping) -> dict[str, object]:
    read: dict[str, object] = {}
    for key in ("exempt_off_grid_from", "only_started_from"):
        if parameters.has(key) and (day := parameters.date(key)) != BEGINNING:
            read[key] = day.isoformat()
    if parameters.has("land_use"):
        read["land_use"] = parameters.word("land_use", LandUse.values)
    return read
