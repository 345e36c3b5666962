"""Callers of the API: one who may do everything."""

import pytest

from tests.api_client import Api
from tests.factories import UserFactory


@pytest.fixture
def api(db: None) -> Api:
    return Api(UserFactory(superuser=True))
