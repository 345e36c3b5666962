"""Territories and device models: the seed, loaded as often as one likes."""

import pytest

from registry.choices import TerritoryKind
from registry.models import DeviceModel, Territory, TerritoryAncestor
from registry.services.device_models import device_models_load
from registry.services.territories import TerritoryRow, territories_load, territories_store

pytestmark = pytest.mark.django_db


def test_whole_of_iso_3166_is_on_file_when_loaded():
    loaded = territories_load()

    assert loaded.created == Territory.objects.count() > 5000
    irkutsk = Territory.objects.get(code="RU-IRK")
    assert (irkutsk.name, irkutsk.kind, irkutsk.parent.code) == ("Irkutsk Oblast", "region", "RU")
    # A region within a region.
    assert Territory.objects.get(code="AZ-BAB").parent.code == "AZ-NX"
    above = TerritoryAncestor.objects.filter(descendant__code="AZ-BAB").values_list("ancestor__code", flat=True)
    assert sorted(above) == ["AZ", "AZ-BAB", "AZ-NX"]


def test_nothing_changes_when_loaded_again(django_assert_max_num_queries):
    territories_load()

    with django_assert_max_num_queries(4):
        loaded = territories_load()

    assert (loaded.created, loaded.changed) == (0, 0)


def test_municipality_goes_below_its_region_when_stored():
    territories_load()
    rows = [TerritoryRow("RU-IRK-x-angarsk", "Angarsk", TerritoryKind.MUNICIPALITY, "RU-IRK")]

    assert territories_store(rows=rows).created == 1
    assert territories_store(rows=rows).unchanged == 1
    angarsk = Territory.objects.get(code="RU-IRK-x-angarsk")
    assert Territory.objects.within(Territory.objects.get(code="RU")).filter(pk=angarsk.pk).exists()


def test_name_is_put_right_when_it_was_changed():
    territories_load()
    Territory.objects.filter(code="RU-IRK").update(name="Irkutsk")

    assert territories_load().changed == 1
    assert Territory.objects.get(code="RU-IRK").name == "Irkutsk Oblast"


def test_device_models_are_as_in_the_seed_when_loaded_twice():
    first, second = device_models_load(), device_models_load()

    assert first.created == DeviceModel.objects.count() > 100
    assert (second.created, second.changed, second.unchanged) == (0, 0, first.created)
    model = DeviceModel.objects.get(name="Antminer S23 Hyd 3U")
    assert (str(model.hashrate), model.hashrate_unit, str(model.power_w)) == ("1160.0000", "TH/s", "11020.00")
    assert (model.efficiency, model.released_month) == ("9.5 J/TH", "2026-01")
