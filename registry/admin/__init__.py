"""The register's pages in the admin, one module per noun."""

from registry.admin import (
    accounts,
    declarations,
    devices,
    impediments,
    imports,
    links,
    lists,
    mergers,
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
    "accounts",
    "declarations",
    "devices",
    "impediments",
    "imports",
    "links",
    "lists",
    "mergers",
    "miners",
    "readings",
    "registrations",
    "sightings",
    "sites",
    "territories",
    "tokens",
    "users",
]
