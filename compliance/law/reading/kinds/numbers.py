"""Whole numbers within bounds."""

from compliance.law.nodes import Mapping


def whole_number_up_to(mapping: Mapping, key: str, most: int, unit: str) -> int:
    """A whole number from 1 to `most`, told as so many of a unit such as “days” where it is not."""
    problems = len(mapping.trouble.problems)
    number = mapping.whole_number(key)
    if len(mapping.trouble.problems) == problems and not 1 <= number <= most:
        mapping.refuse(f"needs 1 to {most} {unit} under “{key}”, not {number}.", mapping.line_at(key))
    return number
