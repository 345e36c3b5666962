"""The parameters of a hosting duty."""

from compliance.law.nodes import Mapping


def read_hosting(_parameters: Mapping) -> dict[str, object]:
    return {}
