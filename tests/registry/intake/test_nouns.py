"""Files of sites, devices, sightings, readings and declarations."""

from decimal import Decimal

import pytest
from django.conf import settings

from registry.intake.nouns import NOUNS
from registry.models import Declaration, Device, Reading, RowError, Sighting, Site
from registry.services.identifiers import SCHEMES
from tests import factories
from tests.registry.intake.conftest import counts, errors

SBER = "ru.inn=7707083893"


@pytest.fixture
def miner(places):
    return factories.MinerFactory(identifiers={"ru.inn": "7707083893"})


@pytest.fixture
def site(miner):
    return factories.SiteFactory(miner=miner, name="Hall 1", metering_point="MP-1")


@pytest.fixture
def model(places):
    return factories.DeviceModelFactory()


SITES = "miner,name,territory,metering_point,capacity_kw,off_grid,from,until\n"
DEVICES = "metering_point,miner,site,maker,model,serial_number,quantity,from,until\n"
SIGHTINGS = "kind,source,reference,seen_on,territory,miner,metering_point,power_kw,device_count,url,note\n"
READINGS = "metering_point,month,energy_kwh\n"
DECLARATIONS = "miner,month,currency,amount,declared_on\n"


def test_site_is_stored_and_changed_when_its_name_comes_again(run, miner):
    first = f"{SBER},Hall 1,RU-IRK,MP-1,1200.5,,2025-01-01,\n"

    assert counts(run("sites", SITES + first)) == ("done", 1, 0, 0, 0)
    assert counts(run("sites", SITES + first)) == ("done", 0, 0, 1, 0)
    assert counts(run("sites", SITES + first.replace("1200.5,", "900,yes"))) == ("done", 0, 1, 0, 0)
    site = Site.objects.get()
    assert (site.capacity_kw, site.off_grid, site.metering_point) == (Decimal("900.000"), True, "MP-1")


def test_devices_are_found_when_the_site_is_named_either_way(run, site, model):
    data = (
        DEVICES
        + "MP-1,,,bitmain,antminer s21,SN1,,2025-01-01,\n"
        + f",{SBER},Hall 1,Bitmain,Antminer S21,,40,2025-01-01,\n"
    )

    assert counts(run("devices", data)) == ("done", 2, 0, 0, 0)
    assert counts(run("devices", data)) == ("done", 0, 0, 2, 0)
    assert sorted(Device.objects.values_list("site__name", "quantity")) == [("Hall 1", 1), ("Hall 1", 40)]


def test_device_may_move_when_the_same_file_ends_its_stay(run, site, model):
    factories.SiteFactory(miner=site.miner, metering_point="MP-2")
    run("devices", DEVICES + "MP-1,,,Bitmain,Antminer S21,SN1,,2025-01-01,\n")

    moved = (
        DEVICES
        + "MP-2,,,Bitmain,Antminer S21,SN1,,2025-03-01,\nMP-1,,,Bitmain,Antminer S21,SN1,,2025-01-01,2025-03-01\n"
    )

    assert counts(run("devices", moved)) == ("done", 1, 1, 0, 0)


def test_sighting_is_stored_when_nobody_knows_who_it_was(run, miner):
    data = (
        SIGHTINGS
        + "grid_anomaly,Grid,1,2025-04-17,RU-IRK,,MP-9,85.5,,,\n"
        + f'Grid anomaly,Grid,2,2025-04-17,RU-IRK,{SBER},,,12,https://example.org/a,"two\nlines \\ here"\n'
    )

    assert counts(run("sightings", data)) == ("done", 2, 0, 0, 0)
    assert counts(run("sightings", data)) == ("done", 0, 0, 2, 0)
    nobody, known = Sighting.objects.order_by("reference")
    assert (nobody.miner, nobody.power_kw, nobody.metering_point) == (None, Decimal("85.500"), "MP-9")
    assert (known.miner, known.device_count, known.note) == (miner, 12, "two\nlines \\ here")


def test_reading_is_put_right_when_the_month_comes_again(run):
    assert counts(run("readings", READINGS + "MP-1,2025-03,0\nMP-1,2025-04-01,12.5\n")) == ("done", 2, 0, 0, 0)
    assert counts(run("readings", READINGS + "MP-1,2025-03,7000\n")) == ("done", 0, 1, 0, 0)
    assert list(Reading.objects.order_by("month").values_list("energy_kwh", flat=True)) == [7000, Decimal("12.5")]


def test_declaration_is_stored_when_its_currency_is_in_small_letters(run, miner):
    data = DECLARATIONS + f"{SBER},2025-03,btc,0.412500000001,2025-04-17\n"

    assert counts(run("declarations", data)) == ("done", 1, 0, 0, 0)
    assert counts(run("declarations", data)) == ("done", 0, 0, 1, 0)
    assert str(Declaration.objects.get()) == "0.412500000001 BTC, 2025-03"


@pytest.mark.parametrize(
    ("noun", "data", "column", "code"),
    [
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,MP-1,,,2025-01-01,\n", "metering_point", "metering_point_taken"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,0,,2025-01-01,\n", "capacity_kw", "not_positive"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,-5,,2025-01-01,\n", "capacity_kw", "negative"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,1e9,,2025-01-01,\n", "capacity_kw", "not_a_number"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,999999999999,,2025-01-01,\n", "capacity_kw", "too_large"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,1.2345,,2025-01-01,\n", "capacity_kw", "too_precise"),
        ("sites", SITES + f'{SBER},Hall 2,RU-IRK,,"1,5",,2025-01-01,\n', "capacity_kw", "not_a_number"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,,maybe,2025-01-01,\n", "off_grid", "not_yes_or_no"),
        ("sites", SITES + f"ru.inn={factories.inn_of_company(9)},H,RU,,,,2025-01-01,\n", "miner", "unknown_miner"),
        ("devices", DEVICES + "MP-7,,,Bitmain,Antminer S21,,1,2025-01-01,\n", "metering_point", "unknown_site"),
        ("devices", DEVICES + f",{SBER},Hall 7,Bitmain,Antminer S21,,1,2025-01-01,\n", "site", "unknown_site"),
        ("devices", DEVICES + ",,Hall 7,Bitmain,Antminer S21,,1,2025-01-01,\n", "site", "no_site"),
        ("devices", DEVICES + "MP-1,,,Bitmain,S99,,1,2025-01-01,\n", "model", "unknown_device_model"),
        ("devices", DEVICES + "MP-1,,,Bitmain,Antminer S21,S,2,2025-01-01,\n", "quantity", "serial_means_one"),
        ("devices", DEVICES + "MP-1,,,Bitmain,Antminer S21,,0,2025-01-01,\n", "quantity", "out_of_range"),
        ("devices", DEVICES + "MP-1,,,Bitmain,Antminer S21,,3000000000,2025-01-01,\n", "quantity", "out_of_range"),
        ("sightings", SIGHTINGS + "rumour,G,1,2025-04-17,RU,,,,,,\n", "kind", "unknown_word"),
        ("sightings", SIGHTINGS + "seizure,G,1,2026-04-17,RU,,,,,,\n", "seen_on", "in_the_future"),
        ("sightings", SIGHTINGS + "seizure,G,1,2025-04-17,RU,,,,,ftp://x,\n", "url", "not_an_address"),
        ("sightings", SIGHTINGS + "seizure,G,,2025-04-17,RU,,,,,,\n", "reference", "empty"),
        ("readings", READINGS + "MP-1,2025-13,1\n", "month", "not_a_month"),
        ("readings", READINGS + "MP-1,2025-03-15,1\n", "month", "not_a_month"),
        ("readings", READINGS + "MP-1,2026-02,1\n", "month", "in_the_future"),
        ("readings", READINGS + "MP-1,2025-03,-1\n", "energy_kwh", "negative"),
        ("declarations", DECLARATIONS + f"{SBER},2025-03,BTC,-0.5,2025-04-17\n", "amount", "negative"),
        ("declarations", DECLARATIONS + f"{SBER},2025-03,BTC,1,2025-02-17\n", "declared_on", "declared_before_month"),
    ],
)
def test_row_is_refused_when_a_cell_is_wrong(run, site, model, noun, data, column, code):
    result = run(noun, data)

    assert counts(result) == ("done", 0, 0, 0, 1)
    assert errors(result) == [(2, column, code)]


@pytest.mark.parametrize(
    ("noun", "header", "line", "column"),
    [
        ("sites", SITES, f"{SBER},Hall 3,RU-IRK,,,,2025-01-01,\n", "name"),
        ("devices", DEVICES, "MP-1,,,Bitmain,Antminer S21,,40,2025-01-01,\n", "model"),
        ("sightings", SIGHTINGS, "seizure,G,1,2025-04-17,RU,,,,,,\n", "reference"),
        ("readings", READINGS, "MP-1,2025-03,1\n", "metering_point"),
        ("declarations", DECLARATIONS, f"{SBER},2025-03,BTC,1,2025-04-17\n", "miner"),
    ],
)
def test_later_row_is_refused_when_two_speak_of_the_same(run, site, model, noun, header, line, column):
    result = run(noun, header + line + line)

    assert counts(result) == ("done", 1, 0, 0, 1)
    assert errors(result) == [(3, column, "twice_in_file")]
    assert RowError.objects.get(import_run=result).reason.startswith("Line 2 of the file already speaks of")


@pytest.mark.parametrize("noun", NOUNS.values(), ids=lambda noun: noun.name)
def test_example_of_a_noun_names_its_columns_when_shown(noun):
    header = noun.example.split("\n")[0].split(",")

    assert set(header) <= set(noun.column_names)
    assert {column.name for column in noun.columns if column.required} <= set(header)


@pytest.mark.parametrize("noun", NOUNS.values(), ids=lambda noun: noun.name)
def test_page_shows_the_example_and_all_columns_when_a_noun_exists(noun):
    page = (settings.BASE_DIR / "docs/howto/import-a-file.md").read_text(encoding="utf-8")
    section = page.split(f"\n### {noun.name}\n")[1].split("\n### ")[0].split("\n## ")[0]

    assert noun.example in section
    for column in noun.columns:
        assert f"| `{column.name}`{' *' if column.required else ''} | {column.help} |" in section


@pytest.mark.parametrize("scheme", SCHEMES)
def test_page_lists_a_scheme_when_it_is_known(scheme):
    page = (settings.BASE_DIR / "docs/howto/import-a-file.md").read_text(encoding="utf-8")

    assert f"\n| `{scheme}` | {SCHEMES[scheme].title} | " in page
