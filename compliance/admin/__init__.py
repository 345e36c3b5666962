"""The pages of compliance in the admin, one module per noun, and the front page."""

from compliance.admin import (
    claims,
    norms,
    rates,
    recomputations,
    schedules,
)

__all__ = [
    "claims",
    "norms",
    "rates",
    "recomputations",
    "schedules",
]
