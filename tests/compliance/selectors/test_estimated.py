"""Finished runs read back: of each window the last one made, and no others."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from compliance.estimates.diagnostics import Notice
from compliance.models import Estimate
from compliance.selectors.estimated import estimated, latest, nearest, numbered, series
from tests.estimates import finished_estimate, stratum, told
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


def test_try_with_settings_of_its_own_is_not_the_figure_of_the_service() -> None:
    place = TerritoryFactory(country=True)
    own = finished_estimate(place, settings={"by": "size", "standard": True})
    experiment = finished_estimate(place, settings={"by": "size", "standard": False})
    by_number = numbered(experiment.pk)
    assert by_number is not None
    assert by_number.number == experiment.pk
    day = dt.date(2026, 10, 1)
    found = [latest(None), latest(place), *series(place), *nearest([(place.pk, day)]).values()]
    assert [each.number for each in found if each] == [own.pk] * 4


@pytest.mark.parametrize("status", ["none", "conflict"])
def test_classes_of_a_whole_that_cannot_be_told_have_no_figure_but_their_bound(status: str) -> None:
    headline = told(status=status, rate=None, sentence="Cannot be told: too few records.")
    run = finished_estimate(TerritoryFactory(country=True), headline=headline, strata=(stratum("small", 90, 100, 400),))
    (small,) = estimated(run).strata
    assert (small.unregistered.low, small.unregistered.point, small.unregistered.high) == (90, None, None)
    assert small.unregistered.why == "Cannot be told: too few records."


def test_warnings_tell_the_lists_by_name() -> None:
    notice = Notice("B12", "small_list", "Too few are on pool; left out.", {"lists": ["pool"]})
    run = finished_estimate(TerritoryFactory(country=True), headline=replace(told(), notices=(notice,)))
    run.lists = [{"code": "pool", "name": "Mining pools"}]
    (said,) = estimated(run).notices
    assert said.message == "Too few are on “Mining pools”; left out."
