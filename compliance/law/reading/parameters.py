"""The parameters of each kind of norm: exactly those that the rule of that kind reads, and no other."""

from collections.abc import Callable

from compliance.choices import NormKind
from compliance.law.lists import iso_countries
from compliance.law.nodes import Mapping
from compliance.law.periods import BEGINNING


def _none(_parameters: Mapping) -> dict[str, object]:
    return {}


def _energy_limit(parameters: Mapping) -> dict[str, object]:
    return {"energy_kwh_month": str(parameters.amount("energy_kwh_month"))}


def _eligibility(parameters: Mapping) -> dict[str, object]:
    country = parameters.text("country")
    if country and country not in iso_countries():
        parameters.refuse(f"names the country “{country}”, which ISO 3166 lacks.", parameters.line_at("country"))
    return {"country": country}


def _reporting(parameters: Mapping) -> dict[str, object]:
    due_day = parameters.whole_number("due_day")
    if not 1 <= due_day <= 28:
        parameters.refuse("needs a due day from 1 to 28.", parameters.line_at("due_day"))
    return {"due_day": due_day, "period": parameters.word("period", ["month"])}


def _ban(parameters: Mapping) -> dict[str, object]:
    if not parameters.has("exempt_off_grid_from"):
        return {}
    day = parameters.date("exempt_off_grid_from")
    return {} if day == BEGINNING else {"exempt_off_grid_from": day.isoformat()}


READERS: dict[str, Callable[[Mapping], dict[str, object]]] = {
    NormKind.REGISTRATION_DUTY: _none,
    NormKind.ENERGY_LIMIT: _energy_limit,
    NormKind.ELIGIBILITY: _eligibility,
    NormKind.REPORTING: _reporting,
    NormKind.BAN: _ban,
    NormKind.GENERAL: _none,
}


def read_parameters(kind: str, parameters: Mapping) -> dict[str, object]:
    """Shape: JSON. An unknown kind has been refused already; then nothing is read."""
    if kind not in READERS:
        return {}
    read = READERS[kind](parameters)
    parameters.tell_unknown_keys()
    return read
