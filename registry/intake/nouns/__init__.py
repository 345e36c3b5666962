"""The nouns that a file may list, by name, in the order in which files of several nouns go in."""

from registry.intake.nouns.accounts import ACCOUNTS
from registry.intake.nouns.base import Noun
from registry.intake.nouns.declarations import DECLARATIONS
from registry.intake.nouns.devices import DEVICES
from registry.intake.nouns.impediments import IMPEDIMENTS
from registry.intake.nouns.miners import MINERS
from registry.intake.nouns.ownerships import OWNERSHIPS
from registry.intake.nouns.readings import READINGS
from registry.intake.nouns.registrations import REGISTRATIONS
from registry.intake.nouns.sightings import SIGHTINGS
from registry.intake.nouns.sites import SITES

NOUNS: dict[str, Noun] = {
    noun.name: noun
    for noun in (
        MINERS,
        OWNERSHIPS,
        SITES,
        DEVICES,
        REGISTRATIONS,
        SIGHTINGS,
        READINGS,
        DECLARATIONS,
        ACCOUNTS,
        IMPEDIMENTS,
    )
}

__all__ = ["NOUNS", "Noun"]
