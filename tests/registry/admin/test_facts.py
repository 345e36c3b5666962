"""A clerk enters accounts, impediments and what a declaration held."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from registry.admin.declarations import ContentsField
from registry.models import Account, Declaration, Impediment
from tests.factories import DeclarationFactory, MinerFactory


def errors_of(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_an_account_is_stored_with_its_currency_in_capitals(admin: Client) -> None:
    body = {"miner": MinerFactory().pk, "year": 2025, "turnover": "12.50", "currency": "rub", "source": "statement"}
    assert admin.post(reverse("admin:registry_account_add"), body).status_code == 302
    account = Account.objects.get()
    assert (account.currency, account.gain) == ("RUB", None)


@pytest.mark.parametrize(
    ("wrong", "field"), [({"year": 2099}, "year"), ({"year": 1999}, "__all__"), ({"currency": "R1"}, "currency")]
)
def test_an_account_that_cannot_be_is_refused_at_its_field(admin: Client, wrong: dict[str, Any], field: str) -> None:
    body = {"miner": MinerFactory().pk, "year": 2025, "currency": "RUB", "source": "statement"}
    assert field in errors_of(admin.post(reverse("admin:registry_account_add"), body | wrong))


def test_an_impediment_may_be_older_than_mining_but_not_lie_ahead(admin: Client) -> None:
    body = {"miner": MinerFactory().pk, "kind": "conviction", "source": "judgment 1", "period_1": ""}
    add = reverse("admin:registry_impediment_add")
    assert "period" in errors_of(admin.post(add, body | {"period_0": "2999-01-01"}))
    assert admin.post(add, body | {"period_0": "1999-05-01"}).status_code == 302
    assert Impediment.objects.get().period.lower.year == 1999


def test_a_declaration_of_a_quarter_keeps_what_it_held(admin: Client) -> None:
    body = {
        "miner": MinerFactory().pk,
        "month": "2025-01",
        "months": "3",
        "currency": "BTC",
        "amount": "1",
        "energy_kwh": "842000",
        "contents": "addresses pools",
        "declared_on": "2025-04-15",
    }
    assert admin.post(reverse("admin:registry_declaration_add"), body).status_code == 302
    assert Declaration.objects.get().contents == ["addresses", "pools"]


@pytest.mark.parametrize(
    ("typed", "kept"), [("", None), ("none", []), ("pools, Addresses pools", ["addresses", "pools"])]
)
def test_contents_come_back_as_they_were_typed(typed: str, kept: list[str] | None) -> None:
    field = ContentsField(required=False)
    assert field.clean(typed) == kept
    assert field.clean(field.prepare_value(kept)) == kept
    assert not field.has_changed(kept, typed)


def test_contents_that_are_no_words_are_refused() -> None:
    with pytest.raises(ValidationError, match="not a word"):
        ContentsField(required=False).clean("a?b")


def test_contents_that_were_not_known_stay_so_when_the_page_is_saved(admin: Client) -> None:
    declaration = DeclarationFactory()
    page = admin.get(reverse("admin:registry_declaration_change", args=[declaration.pk]))
    assert page.context["adminform"].form["contents"].value() is None
