"""What is known at a time: the latest time that no commit to come can change."""

import pytest
from django.db import connection, transaction

from compliance.selectors.known import safe_horizon

pytestmark = pytest.mark.django_db


def test_transaction_that_began_between_two_looks_holds_the_second_back() -> None:
    other = connection.copy()
    try:
        with transaction.atomic():
            first = safe_horizon()
            with other.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("SELECT now()")
                began = cursor.fetchone()[0]
                second = safe_horizon()
                cursor.execute("ROLLBACK")
    finally:
        other.close()
    assert first < began
    assert second < began
