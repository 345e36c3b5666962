"""What the register holds, one module per noun."""

from registry.models.accounts import Account
from registry.models.declarations import Declaration
from registry.models.devices import Device, DeviceModel
from registry.models.impediments import Impediment
from registry.models.imports import Import, RowError
from registry.models.links import Link, Linkage
from registry.models.lists import ListTerritory, SightingList
from registry.models.mergers import Merger
from registry.models.miners import Identifier, Miner, Ownership
from registry.models.readings import MonthlyEnergy, Reading
from registry.models.registrations import Register, Registration
from registry.models.sightings import Sighting
from registry.models.sites import Site
from registry.models.territories import Territory, TerritoryAncestor
from registry.models.tokens import ApiToken

__all__ = [
    "Account",
    "ApiToken",
    "Declaration",
    "Device",
    "DeviceModel",
    "Identifier",
    "Impediment",
    "Import",
    "Link",
    "Linkage",
    "ListTerritory",
    "Merger",
    "Miner",
    "MonthlyEnergy",
    "Ownership",
    "Reading",
    "Register",
    "Registration",
    "RowError",
    "Sighting",
    "SightingList",
    "Site",
    "Territory",
    "TerritoryAncestor",
]
