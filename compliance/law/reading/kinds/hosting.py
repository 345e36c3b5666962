"""The parameters of a hosting duty."""

import yaml

from compliance.law.nodes import Mapping

UNKNOWN = "unknown"


def read_hosting(parameters: Mapping) -> dict[str, object]:
    read: dict[str, object] = {}
    if not parameters.has("clients_register") and not parameters.has("disclose"):
        parameters.refuse("forbids nothing; it needs clients_register, or disclose, or both.")
    if parameters.has("clients_register"):
        read["clients_register"] = parameters.code("clients_register", longest=64)
    if parameters.has("disclose"):
        read["disclose"] = _disclose(parameters)
    return read


def _disclose(parameters: Mapping) -> dict[str, object]:
    what = f"The duty to disclose in {parameters.what[0].lower()}{parameters.what[1:]}"
    disclose = parameters.mapping("disclose", what)
    node = disclose.values.get("within_days")
    if isinstance(node, yaml.ScalarNode) and node.value == UNKNOWN:
        disclose.has("within_days")
        within: object = UNKNOWN
    else:
        within = disclose.whole_number("within_days")
        if isinstance(within, int) and within < 0:
            disclose.refuse("cannot be due before the site begins.", disclose.line_at("within_days"))
    disclose.tell_unknown_keys()
    return {"within_days": within}
