"""The parameters of each kind of norm: exactly those that the rule of that kind reads, and no other."""

from collections.abc import Callable

from compliance.choices import NormKind
from compliance.law.nodes import Mapping
from compliance.law.reading.kinds.ban import read_ban
from compliance.law.reading.kinds.eligibility import read_eligibility
from compliance.law.reading.kinds.energy_limit import read_energy_limit
from compliance.law.reading.kinds.hosting import read_hosting
from compliance.law.reading.kinds.levy import read_levy
from compliance.law.reading.kinds.registration_duty import read_registration_duty
from compliance.law.reading.kinds.reporting import read_reporting
from compliance.law.reading.kinds.validity import read_validity


def read_none(_parameters: Mapping) -> dict[str, object]:
    return {}


READERS: dict[str, Callable[[Mapping], dict[str, object]]] = {
    NormKind.REGISTRATION_DUTY: read_registration_duty,
    NormKind.ENERGY_LIMIT: read_energy_limit,
    NormKind.VALIDITY: read_validity,
    NormKind.ELIGIBILITY: read_eligibility,
    NormKind.BAN: read_ban,
    NormKind.REPORTING: read_reporting,
    NormKind.HOSTING: read_hosting,
    NormKind.LEVY: read_levy,
    NormKind.GENERAL: read_none,
}


def read_parameters(kind: str, parameters: Mapping) -> dict[str, object]:
    """Shape: JSON. An unknown kind has been refused already; then nothing is read."""
    if kind not in READERS:
        return {}
    read = READERS[kind](parameters)
    parameters.tell_unknown_keys()
    return read
