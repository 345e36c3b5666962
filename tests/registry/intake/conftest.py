"""A register with a few places, and a file run through the whole intake."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile

from registry.intake.run import import_run
from registry.models import Import, RowError
from registry.services.imports import import_create
from tests import factories

TODAY = dt.date(2026, 1, 15)
Run = Callable[..., Import]


@pytest.fixture
def places(db, settings, tmp_path):
    """RU, RU-IRK, RU-KYA, KZ and both registers; files are kept in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path
    russia = factories.TerritoryFactory(country=True)
    factories.TerritoryFactory()
    factories.TerritoryFactory(code="RU-KYA", name="Krasnoyarsk Krai", parent=russia)
    factories.TerritoryFactory(country=True, code="KZ", name="Kazakhstan")
    factories.RegisterFactory()
    factories.RegisterFactory(operators=True)


@pytest.fixture
def run(places) -> Run:
    def run(noun: str, content: str | bytes, *, name: str = "file.csv", dry_run: bool = False) -> Import:
        data = content.encode() if isinstance(content, str) else content
        created = import_create(
            noun=noun, file=ContentFile(data), file_name=name, user=None, dry_run=dry_run, announce=False
        )
        return import_run(import_id=created.pk, today=TODAY)

    return run


def counts(run: Import) -> tuple[str, int, int, int, int]:
    return run.status, run.created, run.changed, run.unchanged, run.refused


def errors(run: Import) -> list[tuple[int, str, str]]:
    return list(RowError.objects.filter(import_run=run).values_list("line", "column", "code"))
