"""The parameters of the validity of an entry."""

from compliance.law.nodes import Mapping


def read_validity(_parameters: Mapping) -> dict[str, object]:
    return {}
