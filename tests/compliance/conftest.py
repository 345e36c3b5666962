"""The law for tests: Russia's pack as it comes with the service, on the territories that it names."""

import pytest

from compliance.law.load import PACKS, law_load
from compliance.models import LawPack
from registry.services.territories import iso_territories, territories_store

COUNTRIES = ("RU", "UA", "KZ", "CN", "US")


@pytest.fixture
def territories(db: None) -> None:
    """The countries that the pack names, and their regions."""
    territories_store(rows=[row for row in iso_territories() if row.code.split("-")[0] in COUNTRIES])


@pytest.fixture
def ru_law(territories: None) -> LawPack:
    """Russia's law, loaded."""
    law_load(PACKS / "ru.yaml")
    return LawPack.objects.get(code="ru")
