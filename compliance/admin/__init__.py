"""The pages of compliance in the admin, one module per noun, and the front page."""

from django.contrib import admin

from compliance.admin import (
    cases,
    claims,
    estimates,
    findings,
    fines,
    miners,
    norms,
    payments,
    rates,
    recomputations,
    reports,
    scenarios,
    schedules,
)

admin.site.index_template = "compliance/front_page.html"

__all__ = [
    "cases",
    "claims",
    "estimates",
    "findings",
    "fines",
    "miners",
    "norms",
    "payments",
    "rates",
    "recomputations",
    "reports",
    "scenarios",
    "schedules",
]
