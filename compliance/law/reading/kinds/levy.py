"""The parameters of a levy on energy."""

from compliance.law.nodes import Mapping


def read_levy(_parameters: Mapping) -> dict[str, object]:
    return {}
