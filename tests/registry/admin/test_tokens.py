"""Tokens are made in the admin and shown once."""

from django.test import Client
from django.urls import reverse

from registry.models import ApiToken
from registry.services.tokens import token_digest
from tests.factories import UserFactory


def make(client: Client) -> str:
    answer = client.post(reverse("admin:registry_apitoken_add"), {"name": "nightly load", "read_only": "on"})
    assert "no-store" in answer.headers["Cache-Control"]
    return str(answer.context["text"])


def test_the_text_is_shown_once_and_only_its_digest_is_kept(admin: Client) -> None:
    text = make(admin)
    token = ApiToken.objects.get()
    assert token.digest == token_digest(text)
    assert token.read_only
    page = admin.get(reverse("admin:registry_apitoken_change", args=[token.pk])).content.decode()
    assert text not in page
    assert token.digest not in page


def test_nobody_sees_the_token_of_another(admin: Client) -> None:
    make(admin)
    clerk = UserFactory(staff=True)
    client = Client()
    client.force_login(clerk)
    page = reverse("admin:registry_apitoken_change", args=[ApiToken.objects.get().pk])
    assert client.get(page).status_code == 403
