"""Finished runs read back: of each window the last one made, and no others."""

import datetime as dt
from typing import Any

import pytest

from compliance.models import Estimate
from compliance.selectors.estimated import series
from tests.estimates import finished_estimate
from tests.factories import TerritoryFactory

pytestmark = pytest.mark.django_db


def test_series_has_the_last_run_of_each_window_and_reads_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    place, elsewhere = TerritoryFactory(country=True), TerritoryFactory(country=True, code="KZ", name="Kazakhstan")
    summer, autumn = (dt.date(2026, 6, 1), dt.date(2026, 8, 31)), (dt.date(2026, 8, 1), dt.date(2026, 10, 31))
    finished_estimate(place, window=summer)
    later = finished_estimate(place, window=autumn)
    finished_estimate(elsewhere, window=autumn)
    earlier = finished_estimate(place, window=summer)
    read: list[Any] = []
    from_db = Estimate.from_db.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        Estimate, "from_db", classmethod(lambda cls, *given: (read.append(given), from_db(cls, *given))[1])
    )
    assert [run.number for run in series(place)] == [earlier.pk, later.pk]
    assert len(read) == 2
