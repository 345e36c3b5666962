"""The law for tests: Russia's pack as it comes with the service, on the territories that it names."""

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from compliance.law.load import PACKS, law_load
from compliance.models import LawPack
from registry.models import Territory
from registry.services.territories import iso_territories, territories_store
from tests.databases import Rows, rows_put_back, rows_taken

COUNTRIES = ("RU", "UA", "KZ", "CN", "US")


@pytest.fixture(scope="session")
def rows_of_territories_and_law(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> tuple[Rows, Rows]:
    """What a database holds after the territories are stored, and after the law is loaded too."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert not Territory.objects.exists(), "rows of another fixture would be taken for the law's"
        brought = rows_taken()
        territories_store(rows=[row for row in iso_territories() if row.code.split("-")[0] in COUNTRIES])
        territories = rows_taken(besides=brought)
        law_load(PACKS / "ru.yaml")
        law = rows_taken(besides=brought)
        transaction.set_rollback(True)
    return territories, law


@pytest.fixture
def territories(rows_of_territories_and_law: tuple[Rows, Rows], request: pytest.FixtureRequest, db: None) -> None:
    """The countries that the pack names, and their regions."""
    if "ru_law" not in request.fixturenames:
        rows_put_back(rows_of_territories_and_law[0])


@pytest.fixture
def ru_law(rows_of_territories_and_law: tuple[Rows, Rows], territories: None) -> LawPack:
    """Russia's law, loaded, on the territories."""
    rows_put_back(rows_of_territories_and_law[1])
    return LawPack.objects.get(code="ru")
