"""The parameters of a ban, beside its areas."""

from compliance.law.nodes import Mapping
from compliance.law.periods import BEGINNING


def read_ban(parameters: Mapping) -> dict[str, object]:
    if not parameters.has("exempt_off_grid_from"):
        return {}
    day = parameters.date("exempt_off_grid_from")
    return {} if day == BEGINNING else {"exempt_off_grid_from": day.isoformat()}
