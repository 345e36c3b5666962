"""The register's pages in the admin, one module per noun."""

from registry.admin import (
    declarations,
    devices,
    imports,
    miners,
    readings,
    registrations,
    sightings,
    sites,
    territories,
    tokens,
    users,
)

__all__ = [
    "declarations",
    "devices",
    "imports",
    "miners",
    "readings",
    "registrations",
    "sightings",
    "sites",
    "territories",
    "tokens",
    "users",
]
