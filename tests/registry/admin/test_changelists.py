"""Every list and every form of the admin opens, with a recorded number of queries that does not grow with the rows."""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry import models
from tests import factories

MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)

# Queries for one page of a list: session, user, and what stands here.
QUERIES = {
    models.Miner: 3,
    models.Site: 2,
    models.Device: 2,
    models.Registration: 2,
    models.Sighting: 2,
    models.Reading: 2,
    models.Declaration: 2,
    models.Account: 2,
    models.Impediment: 2,
    models.Link: 2,
    models.Merger: 2,
}
FACTORIES: dict[type[Model], Any] = {
    models.Miner: factories.MinerFactory,
    models.Site: factories.SiteFactory,
    models.Device: factories.DeviceFactory,
    models.Registration: factories.RegistrationFactory,
    models.Sighting: factories.SightingFactory,
    models.Reading: factories.ReadingFactory,
    models.Declaration: factories.DeclarationFactory,
    models.Account: factories.AccountFactory,
    models.Impediment: factories.ImpedimentFactory,
    models.Link: factories.LinkFactory,
    models.Merger: factories.MergerFactory,
}


def address(model: type[Model], page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_list_opens_and_can_be_searched(admin: Client, model: type[Model]) -> None:
    assert admin.get(address(model, "changelist")).status_code == 200
    assert admin.get(address(model, "changelist"), {"q": "no such thing"}).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_form_opens_unless_the_noun_is_computed(admin: Client, model: type[Model]) -> None:
    computed = getattr(django_admin.site._registry[model], "computed", False)
    assert admin.get(address(model, "add")).status_code == (403 if computed else 200)


@pytest.mark.parametrize("model", FACTORIES, ids=lambda model: model._meta.label)
def test_a_list_takes_as_many_queries_for_thirty_rows_as_for_three(admin: Client, model: type[Model]) -> None:
    FACTORIES[model].create_batch(3)
    admin.get(address(model, "changelist"))  # what is asked once per process
    with CaptureQueriesContext(
        connection,
    ) as few:
        admin.get(address(model, "changelist"))
    FACTORIES[model].create_batch(27)
    with CaptureQueriesContext(connection) as many:
        page = admin.get(address(model, "changelist"))
    assert page.context["cl"].result_count >= 30
    assert len(many) == len(few) == QUERIES[model] + 2, [query["sql"] for query in many.captured_queries]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_form_offers_a_drop_down_of_the_rows_of_a_big_table(admin: Client, model: type[Model]) -> None:
    big = (models.Miner, models.Site, models.Device, models.Registration, models.Territory, models.Sighting)
    keeper = django_admin.site._registry[model]
    named = set(keeper.get_autocomplete_fields(None)) | set(getattr(keeper, "readonly_fields", ()))  # type: ignore[arg-type]
    loose = [
        field.name
        for field in model._meta.fields
        if field.related_model in big and field.editable and field.name not in named
    ]
    assert loose == [] or getattr(keeper, "computed", False)
