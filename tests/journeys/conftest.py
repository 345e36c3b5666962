"""The journeys start from the same law as the tests of compliance."""

from tests.compliance.conftest import ru_law, territories

__all__ = ["ru_law", "territories"]
