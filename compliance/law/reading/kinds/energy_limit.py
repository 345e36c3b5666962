"""The parameters of a limit of energy: so much in a month, or so much in a calendar year."""

from compliance.law.nodes import Mapping

PERIODS = ("energy_kwh_month", "energy_kwh_year")


def read_energy_limit(parameters: Mapping) -> dict[str, object]:
    given = [key for key in PERIODS if parameters.has(key)]
    if len(given) != 1:
        found = "has both" if given else "lacks both"
        parameters.refuse(f"{found} “energy_kwh_month” and “energy_kwh_year”; it takes one of them.")
    return {key: str(parameters.amount(key)) for key in given}
