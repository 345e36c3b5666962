"""The parameters of a registration duty."""

from compliance.law.nodes import Mapping


def read_registration_duty(_parameters: Mapping) -> dict[str, object]:
    return {}
