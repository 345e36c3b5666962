"""Every case of every pack, each as a test of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from compliance.law.cases import CaseItem, case_failures, cases_path, cases_read
from compliance.law.load import law_load, pack_paths
from compliance.law.parse import pack_read
from compliance.law.schema import PackRefused
from registry.services.territories import iso_territories, territories_store
from tests.databases import settle


def cases_of_packs() -> Iterator[Any]:
    """The cases of every pack as they stand; a file that cannot be read becomes a test that says so."""
    for path in pack_paths():
        if not cases_path(path).is_file():
            yield pytest.param(path.stem, f"{path.name} has no file of cases.", id=path.stem)
            continue
        try:
            cases = cases_read(cases_path(path), pack_read(path))
        except PackRefused as refusal:
            yield pytest.param(path.stem, refusal.sentence, id=path.stem)
            continue
        for case in cases.items:
            yield pytest.param(path.stem, case, id=f"{path.stem}: {case.title}")


@pytest.fixture(scope="module")
def packs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """All packs, loaded once for the cases, which leave nothing; what was refused stands under the pack's code."""
    refused = {}
    with django_db_blocker.unblock(), transaction.atomic():
        territories_store(rows=iso_territories())
        for path in pack_paths():
            try:
                law_load(path)
            except PackRefused as refusal:
                refused[path.stem] = refusal.sentence
        settle()
        yield refused
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize(("pack", "case"), list(cases_of_packs()))
def test_law_says_what_the_case_expects(packs: dict[str, str], pack: str, case: CaseItem | str) -> None:
    assert pack not in packs, packs[pack]
    assert isinstance(case, CaseItem), case
    failures = case_failures(case, pack)
    assert not failures, "\n".join(failures)
