"""Addresses that can mean nothing get a sentence, and no page of a server error."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_nul_character_is_refused_in_words(admin_client: Client) -> None:
    answer = admin_client.get("/admin/compliance/estimate/?status__exact=%00")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert "NUL character" in answer.content.decode()
