"""What the register holds, one module per noun."""

from registry.models.declarations import Declaration
from registry.models.devices import Device, DeviceModel
from registry.models.imports import Import, RowError
from registry.models.miners import Identifier, Miner, Ownership
from registry.models.readings import MonthlyEnergy, Reading
from registry.models.registrations import Register, Registration
from registry.models.sightings import Sighting
from registry.models.sites import Site
from registry.models.territories import Territory, TerritoryAncestor
from registry.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "Declaration",
    "Device",
    "DeviceModel",
    "Identifier",
    "Import",
    "Miner",
    "MonthlyEnergy",
    "Ownership",
    "Reading",
    "Register",
    "Registration",
    "RowError",
    "Sighting",
    "Site",
    "Territory",
    "TerritoryAncestor",
]
