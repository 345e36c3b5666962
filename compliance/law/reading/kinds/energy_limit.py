"""The parameters of a limit of energy."""

from compliance.law.nodes import Mapping


def read_energy_limit(parameters: Mapping) -> dict[str, object]:
    return {"energy_kwh_month": str(parameters.amount("energy_kwh_month"))}
