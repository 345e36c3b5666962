"""The journeys start from the same law as the tests of compliance."""

from tests.compliance.conftest import rows_of_territories_and_law, ru_law, territories

__all__ = ["rows_of_territories_and_law", "ru_law", "territories"]
