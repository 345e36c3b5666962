"""A clerk enters, finds and deletes miners."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.models import Identifier, Miner
from tests.factories import (
    DeviceFactory,
    MinerFactory,
    SiteFactory,
    TerritoryFactory,
    inn_of_company,
    inn_of_person,
)

ADD = "admin:registry_miner_add"
INLINES = ("identifiers", "registrations", "sites", "owners", "accounts", "impediments")


@pytest.fixture
def form() -> dict[str, Any]:
    """What the form sends for a legal entity with one identifier to be filled in."""
    management = {
        f"{inline}-{name}": value
        for inline in INLINES
        for name, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0), ("MIN_NUM_FORMS", 0), ("MAX_NUM_FORMS", 1000))
    }
    return management | {
        "name": "Severny Hash LLC",
        "kind": "legal_entity",
        "operating_0": "2025-01-01",
        "operating_1": "",
        "identifiers-TOTAL_FORMS": 1,
        "identifiers-0-scheme": "ru.inn",
    }


def test_a_miner_is_stored_with_its_identifier_when_both_are_right(admin: Client, form: dict[str, Any]) -> None:
    territory = TerritoryFactory()
    number = inn_of_company(1)
    spaced = f"{number[:4]} {number[4:]}"
    answer = admin.post(reverse(ADD), form | {"territory": territory.pk, "identifiers-0-value": spaced})
    assert answer.status_code == 302
    assert str(Miner.objects.get().identifiers.get()) == f"ru.inn={number}"


def test_a_wrong_check_digit_is_refused_at_the_number_with_its_sentence(admin: Client, form: dict[str, Any]) -> None:
    territory = TerritoryFactory()
    answer = admin.post(reverse(ADD), form | {"territory": territory.pk, "identifiers-0-value": "7707083890"})
    errors = answer.context["inline_admin_formsets"][0].formset.errors
    wrong = "its check digit does not fit: a digit was mistyped or two were swapped"
    assert errors == [{"value": [f"“7707083890” is not a valid ru.inn: {wrong}."]}]
    assert not Miner.objects.exists()


def test_a_persons_number_is_refused_for_a_company(admin: Client, form: dict[str, Any]) -> None:
    territory = TerritoryFactory()
    answer = admin.post(reverse(ADD), form | {"territory": territory.pk, "identifiers-0-value": inn_of_person(1)})
    (errors,) = answer.context["inline_admin_formsets"][0].formset.errors
    assert "so is a person's" in errors["value"][0]
    assert not Identifier.objects.exists()


def test_the_kind_is_not_chosen_for_the_clerk(admin: Client, form: dict[str, Any]) -> None:
    del form["kind"]
    answer = admin.post(reverse(ADD), form | {"territory": TerritoryFactory().pk})
    assert answer.context["adminform"].form.errors["kind"] == ["This field is required."]


@pytest.mark.parametrize("typed", ["{number}", "ru.inn={number}", "severny hash", "Hash Severny"])
def test_a_miner_is_found_by_its_number_or_by_words_of_its_name(admin: Client, typed: str) -> None:
    miner = MinerFactory(name="Severny Hash LLC", identifiers={"ru.inn": inn_of_company(9_000_001)})
    MinerFactory(name="Another")
    page = admin.get(reverse("admin:registry_miner_changelist"), {"q": typed.format(number=inn_of_company(9_000_001))})
    assert list(page.context["cl"].result_list) == [miner]


def test_a_region_finds_what_is_filed_under_its_municipalities(admin: Client) -> None:
    miner = MinerFactory(territory=TerritoryFactory(municipality=True))
    elsewhere = TerritoryFactory(code="RU-MOW", name="Moscow")
    MinerFactory(territory=elsewhere)
    region = miner.territory.parent
    page = admin.get(reverse("admin:registry_miner_changelist"), {"territory__id__exact": region.pk})
    assert list(page.context["cl"].result_list) == [miner]


def test_a_day_finds_who_operated_on_it(admin: Client) -> None:
    MinerFactory(stopped=True)
    still = MinerFactory()
    page = admin.get(reverse("admin:registry_miner_changelist"), {"operating_on": "2025-07-01"})
    assert list(page.context["cl"].result_list) == [still]


def test_the_deletion_page_counts_what_goes_along_without_loading_it(admin: Client) -> None:
    site = SiteFactory()
    address = reverse("admin:registry_miner_delete", args=[site.miner_id])
    admin.get(address)
    with CaptureQueriesContext(connection) as few:
        admin.get(address)
    DeviceFactory.create_batch(20, site=site)
    with CaptureQueriesContext(connection) as many:
        page = admin.get(address)
    assert dict(page.context["model_count"])["devices"] == "20"
    assert len(many) == len(few)


def test_a_miner_and_all_that_hangs_on_it_goes_when_the_deletion_is_confirmed(admin: Client) -> None:
    site = SiteFactory()
    admin.post(reverse("admin:registry_miner_delete", args=[site.miner_id]), {"post": "yes"})
    assert not Miner.objects.exists()
