"""A browser for the admin's tests: Django's client, logged in."""

import pytest
from django.test import Client

from tests.factories import UserFactory


@pytest.fixture
def admin(db: None) -> Client:
    """Logged in as one who may do everything."""
    client = Client()
    client.force_login(UserFactory(superuser=True))
    return client
