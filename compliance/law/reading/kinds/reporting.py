"""The parameters of a periodic report."""

from compliance.law.nodes import Mapping


def read_reporting(parameters: Mapping) -> dict[str, object]:
    due_day = parameters.whole_number("due_day")
    if not 1 <= due_day <= 28:
        parameters.refuse("needs a due day from 1 to 28.", parameters.line_at("due_day"))
    return {"due_day": due_day, "period": parameters.word("period", ["month"])}
