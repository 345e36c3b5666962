"""Counts of long lists: exact up to 10,000, then an estimate or “more than”, and never a whole table."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.admin.paging import CappedPaginator
from registry.models import Reading
from tests.factories import ReadingFactory

MANY = 10_050


@pytest.fixture
def many_readings(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_reading (metering_point, month, energy_kwh)"
            " SELECT 'P' || n, '2025-01-01', 1 FROM generate_series(1, %s) n",
            [MANY],
        )
        cursor.execute("ANALYZE registry_reading")


def test_the_count_is_exact_when_it_is_small(db: None) -> None:
    ReadingFactory.create_batch(3)
    pages = CappedPaginator(Reading.objects.order_by("id"), 50)
    assert (pages.count, pages.words, pages.capped) == (3, "3", False)


def test_a_long_list_tells_the_planners_estimate(many_readings: None) -> None:
    pages = CappedPaginator(Reading.objects.order_by("id"), 50)
    assert pages.words == "about 10,050"
    assert pages.num_pages == 200


def test_a_long_filtered_list_tells_only_that_it_is_long(many_readings: None) -> None:
    pages = CappedPaginator(Reading.objects.filter(energy_kwh__gt=0).order_by("id"), 50)
    assert pages.words == "more than 10,000"


def test_nothing_is_counted_beyond_the_cap(many_readings: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert CappedPaginator(Reading.objects.order_by("id"), 50).count == 10_000
    assert "LIMIT 10001" in asked.captured_queries[0]["sql"]
